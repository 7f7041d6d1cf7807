"""Names of other scripts as they are written abroad (for training the letter model)."""

from __future__ import annotations

import pytest

pytest.importorskip("faker")
pytest.importorskip("anyascii")
pytest.importorskip("indic_transliteration")

from training.romanised import romanised


@pytest.mark.parametrize(
    ("voice", "name", "latin"),
    [
        ("ru", "Игнатий", "Ignaty"),
        ("ru", "Игнатий", "Ignati"),
        ("uk", "Зінчук", "Zinchuk"),
        ("ja", "アキラ", "Akira"),
        ("cmn", "张", "Zhang"),
        ("hi", "अंकिता", "Ankita"),
        ("mr", "गौरव", "Gaurav"),
        ("el", "Δουκάς", "Doukas"),
    ],
)
def test_names_as_they_are_written(voice, name, latin):
    pairs = set(romanised(voice))
    spelled = {b for a, b in pairs if a == name}
    assert latin in spelled
    assert all(b.isascii() for _, b in pairs)


def test_latin_names_are_left_alone():
    assert list(romanised("es")) == []
