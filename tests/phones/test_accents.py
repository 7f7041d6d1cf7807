"""Which readings differ by accent only."""

from __future__ import annotations

import pytest

from namemem.phones import accent_key, parse_ipa


def same(first: str, second: str) -> bool:
    return accent_key(parse_ipa(first)) == accent_key(parse_ipa(second))


@pytest.mark.parametrize(
    ("dictionary", "said"),
    [
        ("ˈd͡ʒɑɹvəs", "ˈd͡ʒɑːvɪs"),
        ("ˈd͡ʒɑɹvəs", "ˈd͡ʒɑɹvɪs"),
        ("əˈmiljə", "əˈmiːliə"),
        ("əˈlɛksə", "ɑˈlɛksɑ"),
        ("ˈpitɚ", "ˈpiːtə"),
        ("ˈbɝnɑɹd", "ˈbɜːnɑd"),
        ("ˈoʊən", "ˈəʊɪn"),
        ("ɑɹˈmɑnd ˈpitɚ", "ɑˈmɑnd ˈpitə"),
    ],
)
def test_an_accent(dictionary: str, said: str) -> None:
    assert same(dictionary, said)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ˈændɹiə", "ɑnˈdɹeɪə"),
        ("ˈtɑnjə", "ˈtænjə"),
        ("ˈɛlənə", "əˈleɪnə"),
        ("ˈliə", "ˈleɪə"),
        ("ˈmɑɹiə", "məˈɹiə"),
        ("ˈkɛɹi", "ˈki"),
        ("ˈzeɪvjɚ", "ɛɡˈzeɪvjɚ"),
        ("ʃɪˈvɔn", "ʃɪˈvɑn"),
        ("hoʊˈseɪ", "xoˈse"),
        ("ˈana ˈliza", "ˈanaˌliza"),
    ],
)
def test_another_name(first: str, second: str) -> None:
    assert not same(first, second)
