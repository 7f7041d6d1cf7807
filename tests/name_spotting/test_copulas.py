"""Turkish "I am" on the name, and Korean endings, blanks and callings around it."""

from __future__ import annotations

import pytest

from namemem.name_spotting import spot


def own(text: str, language: str, *, asked: bool = False) -> list[str]:
    """The speaker's names as they stand in the text."""
    names = spot(text, language, asked=asked).names
    return [text[n.start : n.end] for n in names if n.of == "speaker"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Merhaba, ben Ayşe'yim.", "Ayşe"),
        ("Ben Mehmet’im, üst kattan.", "Mehmet"),
        ("merhaba ben ayşeyim", "ayşe"),
        ("ben mehmetim", "mehmet"),
        ("Ben Çağlayım.", "Çağla"),
        ("Ben Zeynep Kara'yım, tanıştığımıza sevindim.", "Zeynep Kara"),
        ("ben mehmet'im üst kattan", "mehmet"),
        ("Adım Leyla'dır.", "Leyla"),
        ("Alo, ben muhasebeden Metin.", "Metin"),
        ("Ben karşı daireden Muazzez.", "Muazzez"),
        ("Yanlış anladınız, adım Filiz.", "Filiz"),
        ("Buyurun, Hülya Aksu konuşuyor.", "Hülya Aksu"),
        ("Ben Selim.", "Selim"),
    ],
)
def test_turkish(text: str, name: str) -> None:
    assert own(text, "tr") == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Ben Ayşe'yi gördüm.", "Ben Ahmet'in babasıyım.", "Ben Galatasaraylıyım.",
        "Canım sıkıldı.", "ben denizi severim", "Ben evden çıktım.", "ben işten yeni çıktım",
    ],
)  # fmt: skip
def test_no_name_in_turkish(text: str) -> None:
    assert own(text, "tr") == []


def test_only_turkish_has_its_endings() -> None:
    assert own("My name is Na'im.", "en") == ["Na'im"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("나 지훈이야.", "지훈"),
        ("아뇨, 제 이름은 강태오라고요.", "강태오"),
        ("제 이름이요, 음, 보경이에요.", "보경"),
        ("저는 마케팅팀 신하균입니다.", "신하균"),
        ("우진 말고 우빈이에요.", "우빈"),
        ("저예요, 성민이요.", "성민"),
        ("준호라고 부르시면 돼요.", "준호"),
    ],
)
def test_korean(text: str, name: str) -> None:
    assert own(text, "ko") == [name]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("저 배고픈데요.", False), ("나는 네 편이야.", False), ("저는 편의점 알바예요.", False),
        ("이건 불고기라고 해요.", False), ("저 말이에요?", True), ("그냥 손님이라고 해요.", True),
        ("안 알려 줄 건데요.", True), ("저는 고등학교 이학년입니다.", False),
    ],
)  # fmt: skip
def test_no_name_in_korean(text: str, *, asked: bool) -> None:
    assert own(text, "ko", asked=asked) == []
