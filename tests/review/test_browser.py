"""A designer at work in a real browser, on a real server that has heard real audio."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from plugins import patient
from plugins.server import Server, _free_port
from plugins.speech import introduction, samples_wav

from namemem.audio import decode

pytestmark = [pytest.mark.server, pytest.mark.engines, pytest.mark.browser]
IMAGES = Path(__file__).parents[2] / "docs" / "images"
PEOPLE = {
    "Siobhan": "ʃɪˈvɔːn", "Andrea": "ɑnˈdɹeɪə", "Anna": "ˈænə", "Maria": "məˈɹiːə",
    "Robert": "ˈɹɑbɚt", "Nina": "ˈniːnə", "David": "ˈdeɪvɪd", "Julia": "ˈdʒuːliə",
    "Peter": "ˈpiːtɚ", "Laura": "ˈlɔɹə",
}  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def studio(tmp_path_factory, chromium_path):
    """A server that keeps recordings, and has heard ten introductions."""
    folder = tmp_path_factory.mktemp("studio")
    server = Server(folder, _free_port(), NAMEMEM_KEEP_AUDIO="clip")
    try:
        server.start()
        with server.client() as client:
            introduce_everybody(client)
        yield server
    finally:
        server.kill()


def introduce_everybody(client) -> None:
    for spelling, ipa in PEOPLE.items():
        words = json.dumps({"text": f"Hello, my name is {spelling}.", "language": "en"})
        response = client.post(
            "/v1/introductions",
            files={"audio": ("a.wav", introduction(ipa))},
            data={"spelling": spelling, "external_id": spelling.lower(), "transcript": words},
        )
        assert response.status_code == 201, response.text
    hostile = {"external_id": "hostile", "names": [{"spelling": HOSTILE, "ipa": "ˈɪmɪdʒ"}]}
    assert client.post("/v1/people", json=hostile).status_code == 201


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    """What the fake microphone hears, again and again: David introduces himself."""
    speech = decode(introduction("ˈdeɪvɪd")).samples
    speech = np.repeat(speech, 3)  # 48 kHz, as Chromium wants it
    path = tmp_path_factory.mktemp("microphone") / "david.wav"
    path.write_bytes(samples_wav(np.concatenate([np.zeros(12_000), speech]), 48_000))
    return path


def stored(server: Server, external_id: str) -> dict:
    person = patient.get(f"{server.url}/v1/people/by-external-id/{external_id}").json()
    return person["names"][0] | {"person_id": person["id"]}


def address(server: Server, external_id: str) -> str:
    name = stored(server, external_id)
    return f"/review/people/{name['person_id']}/names/{name['id']}"


def shown_ipa(page) -> str:
    return page.locator("#now-ipa").inner_text().strip("/")


def picture(page, name: str) -> None:
    """A screenshot for the README, where it is missing or a new one is asked for."""
    path = IMAGES / f"{name}.png"
    if path.exists() and os.environ.get("NAMEMEM_SCREENSHOTS") != "1":
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path))
    pillow = pytest.importorskip("PIL.Image")
    with pillow.open(path) as image:
        small = image.convert("RGB").quantize(64)
    small.save(path, optimize=True)


def test_a_designer_reviews_ten_introductions(studio, browse, microphone):
    watched = browse(studio.url, microphone=microphone)
    page = watched.open()
    assert "0 of 11 approved" in page.inner_text("main")
    assert page.locator(".row").count() == 11
    assert page.get_by_role("link", name=HOSTILE).count() == 1, "a name is text"
    with page.expect_response(re.compile("/say")) as answered:
        page.get_by_role("button", name="Play what the character says: Siobhan").click()
    assert answered.value.ok
    page.locator("button.play.is-playing").wait_for(state="detached")
    assert page.inner_text("#alert") == ""
    page.evaluate("scrollTo(0, 0)")
    picture(page, "review-list")
    wanted = {
        "siobhan": by_tiles(studio, watched),
        "andrea": by_respelling(studio, watched),
        "david": by_another_take(studio, watched),
    }
    page = watched.open()
    chosen = page.locator(".row:not(.is-approved) input[name=names]").count()
    page.locator("#all").check()
    assert f"{chosen} chosen" in page.inner_text("#chosen")
    page.get_by_role("button", name="Approve chosen").click()
    page.get_by_text("11 of 11 approved").wait_for()
    for one, ipa in wanted.items():
        name = stored(studio, one)
        assert (name["pronunciation"]["ipa"], name["status"]) == (ipa, "approved")
        answer = patient.get(
            f"{studio.url}/v1/people/{name['person_id']}/pronunciation", params={"target": "ssml"}
        ).json()
        assert answer["ipa"] == ipa
    assert {stored(studio, one.lower())["status"] for one in PEOPLE} == {"approved"}


def by_tiles(studio, watched) -> str:
    """The stressed vowel becomes the *o* of *go*, and the first syllable is stressed."""
    page = watched.open(address(studio, "siobhan"))
    page.locator("#wave[data-ready=yes]").wait_for()
    page.locator("button.phone").first.click()
    picture(page, "review-person")
    before = shown_ipa(page)
    assert page.locator("#save-button").is_disabled(), "nothing has changed"
    page.locator("#blocks .block").last.locator("button.unit").nth(1).click()
    page.locator("#picker").wait_for()
    page.locator("#editor").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('editor').scrollIntoView()")
    picture(page, "review-editor")
    with page.expect_response(re.compile("/say")):  # a tile plays its word when hovered over
        page.get_by_role("button", name="day eɪ").hover()
    page.get_by_role("button", name="go oʊ").click()
    page.locator("#save-button:not(:disabled)").wait_for()  # it has been played to its end
    changed = shown_ipa(page)
    assert changed != before
    assert "oʊ" in changed
    page.locator("button.stress").first.click()
    page.locator("#now-ipa", has_text=re.compile("^/?ˈ")).wait_for()
    page.locator("#save-button:not(:disabled)").wait_for()
    page.locator("#undo").click()
    page.locator("#now-ipa", has_text=re.compile(f"^/?{changed}/?$")).wait_for()
    page.locator("#save-button:not(:disabled)").wait_for()
    page.fill("#why", "as in go")
    page.get_by_role("button", name="Save and approve").click()
    page.locator(".person .s-approved").wait_for()
    assert "as in go" in page.inner_text(".history")
    return changed


def by_respelling(studio, watched) -> str:
    page = watched.open(address(studio, "andrea"))
    page.fill("#respell", "ahn-DR5Y-uh")
    page.locator("#respell-problem mark").wait_for()
    assert page.inner_text("#respell-problem mark") == "5"
    page.fill("#respell", "ahn-DRAY-oh")
    page.locator("#respell-use").click()
    page.locator("#save-button:not(:disabled)").wait_for()
    ipa = shown_ipa(page)
    assert ipa == "ɑnˈdɹeɪoʊ"
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".person .s-corrected").wait_for()
    return ipa


def by_another_take(studio, watched) -> str:
    page = watched.open(address(studio, "david"))
    page.get_by_text("Record another take").click()
    for _ in range(3):  # a busy machine loses sound; the page says so, and one records again
        page.locator("#record").click()
        page.get_by_text("recording, 5 s").wait_for()
        with page.expect_response(re.compile("/try-take")) as answered:
            page.locator("#record").click()
        if answered.value.ok:
            break
        page.locator("#alert:not(:empty)").wait_for()
    assert answered.value.ok, page.inner_text("#alert")
    page.locator("#take-result").wait_for()
    page.locator("#take-save:not(:disabled)").wait_for()
    heard = page.inner_text("#take-ipa").strip("/")
    page.locator("#take-save").click()
    page.get_by_text("2 recordings used together").wait_for()
    assert stored(studio, "david")["pronunciation"]["ipa"] == heard
    page.get_by_role("button", name="Approve", exact=True).click()
    page.locator(".person .s-approved").wait_for()
    return heard


def test_a_phone_plays_just_that_and_the_person_just_the_name(studio, browse):
    watched = browse(studio.url)
    watched.page.add_init_script("""
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
          delete document.documentElement.dataset.stopped;
          this.onpause = () => { document.documentElement.dataset.stopped = this.currentTime; };
          return play.call(this);
        };
    """)
    page = watched.open(address(studio, "laura"))
    wave = page.locator("#wave[data-ready=yes]")
    wave.wait_for()
    phone = page.locator("button.phone").nth(1)
    for button, span in ((phone, phone), (page.get_by_role("button", name="The person"), wave)):
        start, end = (float(span.get_attribute(f"data-{edge}")) for edge in ("start", "end"))
        button.click()
        page.wait_for_timeout(100)
        page.locator("html[data-stopped]").wait_for(state="attached")
        stopped = float(page.locator("html").get_attribute("data-stopped"))
        assert start < stopped < end + 0.6, "timers of a browser on a busy machine are late"
    assert page.inner_text("#alert") == ""


def test_two_designers_edit_one_name(studio, browse):
    first, second = browse(studio.url), browse(studio.url)
    pages = [w.open(address(studio, "nina")) for w in (first, second)]
    for page, text in zip(pages, ("NY-nuh", "NEE-nah"), strict=True):
        page.fill("#respell", text)
        page.locator("#respell-use").click()
        page.locator("#save-button:not(:disabled)").wait_for()
        page.get_by_role("button", name="Save", exact=True).click()
        page.locator(".s-corrected").first.wait_for()
    late = pages[1]
    assert "Somebody was faster" in late.inner_text("h1")
    assert "NY-nuh" in late.inner_text("#conflict")
    assert "NEE-nah" in late.inner_text("#conflict")
    assert second.accessibility() == []
    late.get_by_role("button", name="Save mine over it").click()
    late.locator(".person").wait_for()
    assert stored(studio, "nina")["pronunciation"]["respelling"] == "NEE-nah"


def test_a_new_person_by_recording_and_by_a_table(studio, browse, microphone):
    watched = browse(studio.url, microphone=microphone)
    page = watched.open("/review/new")
    page.locator("#record").click()
    page.get_by_text("recording, 4 s").wait_for()
    page.locator("#record").click()
    page.locator("#take").wait_for()
    page.fill("#r-spelling", "David")
    page.get_by_label("keep the recording").check()
    page.get_by_role("button", name="Listen and add").click()
    page.locator("#wave[data-ready=yes]").wait_for()
    assert page.inner_text("h1") == "David"
    page.goto(studio.url + "/review/import")
    page.fill("#table", "spelling,ipa,external_id\nZoë,ˈzoʊi,zoe\nBob,5,bob\n")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("1 of 2 rows will change something").wait_for()
    assert watched.accessibility() == []
    page.get_by_role("button", name="Import 1 row").click()
    page.get_by_text("1 rows done, 1 not").wait_for()
    assert stored(studio, "zoe")["pronunciation"]["ipa"] == "ˈzoʊi"


def test_ipa_with_positioned_errors_and_a_keyboard(studio, browse):
    page = browse(studio.url).open(address(studio, "laura"))
    page.get_by_text("IPA, for those who read it").click()
    page.fill("#ipa", "ˈl5ɹə")
    page.locator("#ipa-problem mark").wait_for()
    assert page.inner_text("#ipa-problem mark") == "5"
    page.fill("#ipa", "ˈl")
    page.get_by_role("button", name="aʊ", exact=True).click()
    assert page.input_value("#ipa") == "ˈlaʊ"
    page.press("#ipa", "Enter")
    page.locator("#save-button:not(:disabled)").wait_for()
    assert shown_ipa(page) == "ˈlaʊ"


def test_by_keyboard_alone(studio, browse):
    page = browse(studio.url).open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#editor").wait_for()
    page.locator("#blocks button.unit").first.focus()
    page.keyboard.press("Enter")
    page.locator("#picker").wait_for()
    assert "tile" in page.evaluate("document.activeElement.className")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.locator("#picker").wait_for(state="hidden")
    assert "unit" in page.evaluate("document.activeElement.className")


def test_filtering_without_leaving_the_page(studio, browse):
    page = browse(studio.url).open()
    page.fill("#q", "juli")
    page.locator(".row").nth(1).wait_for(state="detached")
    assert page.locator(".row").count() == 1
    assert "q=juli" in page.url
    page.get_by_label("sound", exact=True).check()
    page.fill("#q", "joolia")
    page.get_by_text("Sounding like").wait_for()
    page.locator(".row", has_text="Julia").wait_for()


def test_the_server_is_gone(studio, browse):
    watched = browse(studio.url)
    page = watched.open(address(studio, "laura"))
    page.route("**/say*", lambda route: route.abort())
    page.get_by_role("button", name="The character").click()
    page.get_by_text("The server does not answer").wait_for()
    busy = {"status": 503, "headers": {"Retry-After": "7"}, "json": {"detail": "The engine loads."}}
    page.route("**/check*", lambda route: route.fulfill(**busy))
    page.fill("#respell", "LOW-ruh")
    page.locator("#respell-use").click()
    page.get_by_text("The engine loads. Try again in 7 seconds.").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_accessible_and_usable_at_360_pixels(studio, browse, dark):
    watched = browse(studio.url, width=360, height=740, dark=dark)
    for who, spelling, ipa in (("long", "A" * 200, "ˈæ" * 60), ("arabic", "شيماء", "ʃajˈmaːʔ")):
        person = {"external_id": who, "names": [{"spelling": spelling, "ipa": ipa}]}
        patient.post(f"{studio.url}/v1/people", json=person)
    names = [address(studio, who) for who in ("laura", "hostile", "long", "arabic")]
    others = ["", "new", "import", "people/nobody", "?q=nobody"]
    for path in [*names, *(f"/review/{one}" for one in others)]:
        page = watched.open(path)
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
        if page.locator("#blocks button.unit").count():
            page.locator("#blocks button.unit").first.click()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"{path} is {width} pixels wide"
        assert watched.accessibility() == [], path


def test_login_in_the_browser(make_server, browse):
    server = make_server(NAMEMEM_API_KEYS="museum:a-long-secret")
    server.start()
    watched = browse(server.url)
    page = watched.open()
    assert page.url.endswith("/review/login")
    assert watched.accessibility() == []
    page.fill("#key", "wrong-secret")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("This API key is not known").wait_for()
    page.fill("#key", "a-long-secret")
    page.fill("#called", "Mia")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Nobody yet").wait_for()
    assert page.evaluate("document.cookie") == "", "scripts cannot read the session"
    page.goto(server.url + "/review/new")
    page.fill("#spelling", "Anna")
    page.fill("#respelling", "AH-nuh")
    page.get_by_role("button", name="Hear", exact=False).last.click()
    page.get_by_text("/ˈɑnə/").wait_for()
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".history").wait_for()
    assert "by Mia" in page.inner_text(".history")
