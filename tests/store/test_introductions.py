from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from plugins.examples import make_hearing

from namemem.errors import InvalidRequest, NotFound, VersionConflict
from namemem.people import Introduction, NameKind, Status
from namemem.store import Repository, Store, new_introduction_id


def introduce(repo: Repository, external_id: str | None = None) -> Introduction:
    hearing = make_hearing()
    person = repo.add_person(external_id, "Siobhan")
    introduction_id = new_introduction_id()
    name = repo.add_name(
        person.id,
        kind=NameKind.GIVEN,
        spelling=hearing.spelling,
        pronunciation=hearing.chosen.pronunciation,
        status=Status.HEARD,
        introduction_id=introduction_id,
        who="robot",
        what="heard",
    )
    return repo.add_introduction(
        person_id=person.id,
        name_id=name.id,
        hearing=hearing,
        target="azure",
        voice="en-IE-EmilyNeural",
        introduction_id=introduction_id,
    )


def test_an_introduction_keeps_its_evidence(store: Store) -> None:
    with store.transaction() as repo:
        added = introduce(repo)
    with store.transaction(read_only=True) as repo:
        assert repo.introduction(added.id) == added
        assert repo.introductions(added.person_id) == [added]
        assert repo.name(added.person_id, added.name_id).introduction_id == added.id
    assert added.hearing == make_hearing()
    assert (added.state, added.target, added.has_clip) == ("open", "azure", False)
    with store.transaction("elsewhere") as repo, pytest.raises(NotFound, match=added.id):
        repo.introduction(added.id)


def test_a_transcript_may_be_any_text(store: Store) -> None:
    odd = make_hearing(transcript="nul \0 half \ud800 ☃ 😀")
    with store.transaction() as repo:
        first = introduce(repo)
        repo.update_introduction(first.id, expected=first, hearing=odd)
    with store.transaction() as repo:
        assert repo.introduction(first.id).hearing == odd


def test_of_two_who_read_the_same_only_one_writes(store: Store) -> None:
    with store.transaction() as repo:
        read = introduce(repo)
    rejected = replace(read.hearing, readings=read.hearing.readings[1:], rejected=("ʃɪˈvɔːn",))
    with store.transaction() as repo:
        after = repo.update_introduction(read.id, expected=read, hearing=rejected)
    assert after.hearing == rejected
    with pytest.raises(VersionConflict) as caught, store.transaction() as repo:
        repo.update_introduction(read.id, expected=read, hearing=make_hearing("Other"))
    assert caught.value.details["current_state"] == "open"
    with store.transaction() as repo:
        confirmed = repo.update_introduction(read.id, expected=after, state="confirmed")
    with pytest.raises(VersionConflict), store.transaction() as repo:
        repo.update_introduction(read.id, expected=after, state="exhausted")
    assert (confirmed.state, confirmed.hearing) == ("confirmed", rejected)
    with store.transaction() as repo:
        assert repo.introduction(read.id) == confirmed


def test_the_name_must_be_the_persons(store: Store) -> None:
    with store.transaction() as repo:
        introduction = introduce(repo)
        other = repo.add_person(None, "Bob")
        for person_id, name_id in [
            (other.id, introduction.name_id),
            ("p_none", introduction.name_id),
            (other.id, "n_none"),
        ]:
            with pytest.raises(NotFound):
                repo.add_introduction(person_id=person_id, name_id=name_id, hearing=make_hearing())


def test_a_clip_is_kept_once_and_for_its_time(store: Store) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    with store.transaction() as repo:
        introduction = introduce(repo)
        with pytest.raises(NotFound, match="No audio"):
            repo.clip(introduction.id)
        repo.save_clip(introduction.id, b"one", "audio/wav")
        india = timezone(timedelta(hours=5, minutes=30))
        expires_at = (now + timedelta(days=1)).astimezone(india)
        repo.save_clip(introduction.id, bytes(range(256)), "audio/ogg", expires_at)
    with store.transaction() as repo:
        clip = repo.clip(introduction.id, now)
        assert (clip.audio, clip.media_type) == (bytes(range(256)), "audio/ogg")
        assert clip.expires_at == expires_at
        assert repo.introduction(introduction.id).has_clip
        with pytest.raises(NotFound):
            repo.clip(introduction.id, now + timedelta(days=1))
        with pytest.raises(InvalidRequest):
            repo.save_clip(introduction.id, b"", "audio/wav", datetime(2030, 1, 1))
        with pytest.raises(NotFound, match="i_none"):
            repo.save_clip("i_none", b"", "audio/wav")


def test_expired_clips_are_swept(store: Store) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC)
    with store.transaction("a") as repo:
        old = introduce(repo)
        repo.save_clip(old.id, b"old", "audio/wav", now)
        kept = introduce(repo)
        repo.save_clip(kept.id, b"kept", "audio/wav")
        assert not repo.introduction(old.id).has_clip  # its time is over, though not yet swept
    with store.transaction("sweeper") as repo:
        assert repo.delete_expired_clips(now - timedelta(seconds=1)) == 0
        assert repo.delete_expired_clips() == 1
    with store.transaction("a") as repo:
        assert repo.export_person(old.person_id)["introductions"][0]["clip"] is None
        assert repo.clip(kept.id).audio == b"kept"


def test_an_export_holds_everything(store: Store) -> None:
    with store.transaction() as repo:
        introduction = introduce(repo, external_id="ext-1")
        repo.save_clip(introduction.id, b"RIFF\0", "audio/wav")
        claim = repo.begin("key-1", "digest")
        repo.finish(claim, introduction_id=introduction.id)  # type: ignore[arg-type]
        repo.set_suggestion(introduction.name_id, make_hearing().predicted, who="robot")
    with store.transaction(read_only=True) as repo:
        export = json.loads(json.dumps(repo.export_person(introduction.person_id)))
    assert export["person"]["external_id"] == "ext-1"
    (name,) = export["names"]
    assert (name["ipa"], name["suggestion"]) == ("ʃɪ.ˈvɔːn", "ˈsaɪ.əʊ.bæn")
    assert [h["version"] for h in name["history"]] == [1, 2]
    (exported,) = export["introductions"]
    assert exported["hearing"]["transcript"] == "hello my name is siobhan"
    assert exported["clip"]["audio_base64"] == "UklGRgA="
    assert export["idempotency_keys"][0]["key"] == "key-1"
