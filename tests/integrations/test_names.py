"""Names in plain text: found, written, learned, in pieces."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namemem.client import AsyncClient, Retries
from namemem.errors import InvalidPronunciation, InvalidRequest
from namemem.integrations import FreshNames, NamesInText, names_of
from namemem.tts import target_names
from namemem.tts.sentences import APOSTROPHES

KNOWN = {"Siobhan": "ʃɪˈvɔːn", "Mary Ann": "ˌmɛɹiˈæn", "Ann": "æn", "Anh": "ɐɲ"}


def test_names_are_put_in():
    names = NamesInText("cartesia", names=KNOWN)
    assert names.insert("Hi Siobhan & all") == "Hi <<ʃ|ɪ|ˈ|v|ɔ|n>> & all"
    assert names.insert("Siobhanny") == "Siobhanny"
    assert names.insert("") == ""
    azure = NamesInText("azure", names=KNOWN, locale="en-US")
    assert azure.insert("Siobhan's <tea>").endswith("Siobhan's</phoneme> &lt;tea&gt;")
    assert azure.document("Hi").startswith("<speak")
    assert "<speak" not in azure.insert("Hi")
    respelled = NamesInText("respelling", names=KNOWN)
    assert respelled.insert("Siobhan, Mary Ann.") == "shi-VAWN, mair-ee-AN."


def test_names_come_and_go():
    names = NamesInText("respelling")
    assert names.insert("Siobhan") == "Siobhan"
    names.learn_introduction({"name": {"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}})
    names.learn_introduction({"name": {"spelling": None, "ipa": "ʃɪˈvɔːn"}})
    assert (names.spellings, names.insert("Siobhan")) == (("Siobhan",), "shi-VAWN")
    with pytest.raises(InvalidPronunciation):
        names.replace({"Ann": "æn", "Bad": "Q7"})
    assert names.spellings == ("Siobhan",)
    names.replace({"Ann": "æn", " ": "æn"})
    assert names.spellings == ("Ann",)
    names.forget("Ann")
    assert names.spellings == ()


def test_a_target_that_does_not_carry_names_in_the_text_is_refused():
    with pytest.raises(InvalidRequest, match="lexicon"):
        NamesInText("rime")
    assert NamesInText("rime:rime", names=KNOWN, model="mistv2").insert("Siobhan") != "Siobhan"
    for target in target_names():
        if target != "rime":
            assert NamesInText(target, names=KNOWN).insert("Siobhan") != "Siobhan"


@pytest.mark.parametrize("target", ["cartesia", "piper", "elevenlabs", "respelling", "deepgram"])
@given(
    parts=st.lists(
        st.sampled_from(
            ["Siobhan", "Mary", " ", "Ann", "'s", "’s", "Anh", ".", "(", "Sio", "bhan", "x", "\n",
             "Hello ", "Mary Ann's", " Mary Ann ", "'", "…", "-"]
        ),
        max_size=14,
    ),
    data=st.data(),
)  # fmt: skip
def test_pieces_say_what_the_whole_says(target, parts, data):
    text = "".join(parts)
    names = NamesInText(target, names=KNOWN)
    stream = names.stream()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    made = "".join(stream.feed(piece) for piece in pieces) + stream.flush()
    assert made == names.insert(text)


def test_little_is_held_back():
    stream = NamesInText("respelling", names=KNOWN).stream()
    assert stream.feed("Good morning, Sio") == "Good morning, "
    assert stream.feed("bhan, and Mary ") == "shi-VAWN, and "
    assert stream.feed("Smith ") == "Mary Smith "
    assert stream.feed("字" * 500) == "字" * 500
    assert stream.flush() == ""


def _server(people: list[dict], calls: list[str]) -> AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if request.url.path.endswith("/by-external-id/s"):
            return httpx.Response(200, json=people[0])
        if people:
            return httpx.Response(200, json={"items": people, "next_cursor": None})
        return httpx.Response(500, content=json.dumps({"detail": "down"}))

    transport = httpx.MockTransport(answer)
    return AsyncClient("http://n", transport=transport, retries=Retries(1), fresh_for=0)


def _name(spelling: str, ipa: str | None, status: str = "heard") -> dict:
    return {"spelling": spelling, "pronunciation": ipa and {"ipa": ipa}, "status": status}


def test_names_come_from_the_server():
    people = [
        {"names": [_name("Andrea", "ɑnˈdɹeɪə"), _name("Unsaid", None)]},
        {"names": [_name("Andrea", "ˈændɹiə", "approved"), _name("", "æn")]},
    ]

    async def go() -> None:
        async with _server(people, []) as client:
            assert await names_of(client) == {"Andrea": "ˈændɹiə"}
            assert await names_of(client, ["s"]) == {"Andrea": "ɑnˈdɹeɪə"}

    asyncio.run(go())


def test_names_stay_when_the_server_is_down(caplog):
    people: list[dict] = [{"names": [_name("Andrea", "ˈændɹiə")]}]
    calls: list[str] = []

    async def go() -> None:
        async with _server(people, calls) as client:
            names = NamesInText("respelling")
            lazy = FreshNames(names, client, every=1000)
            await lazy.refresh()
            assert (await lazy.refresh()).spellings == ("Andrea",)
            assert len(calls) == 1
            eager = FreshNames(names, client, every=0)
            people.clear()
            assert (await eager.refresh()).spellings == ("Andrea",)
            assert len(calls) == 2

    asyncio.run(go())
    assert "Names could not be fetched: status 500." in caplog.text


def test_any_apostrophe_in_pieces():
    for mark in APOSTROPHES:
        names = NamesInText("cartesia", names={"Siobhan": "ʃɪˈvɔːn"})
        stream = names.stream()
        said = "".join(map(stream.feed, ("Siob", "han", mark, "s c", "at"))) + stream.flush()
        assert said == "<<ʃ|ɪ|ˈ|v|ɔ|n|z>> cat"
