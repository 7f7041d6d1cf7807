"""Which phone follows which in names."""

from __future__ import annotations

import numpy as np
import pytest

from namemem.phone_recognition.phone_lm import last_two, table
from namemem.phone_recognition.whisper_ctc import PhoneLabels

LABELS = PhoneLabels.read()


@pytest.mark.parametrize("names", [LABELS.arpabet, LABELS.ipa], ids=["arpabet", "ipa"])
def test_there_is_one_for_each_output(names: tuple[str, ...]) -> None:
    found = table(tuple(names))
    assert found is not None
    assert found.shape == (len(names) + 1,) * 3
    np.testing.assert_allclose(np.exp(found.astype(float)).sum(2), 1.0, atol=1e-4)


def test_other_labels_have_none() -> None:
    assert table(("<blank>", "a", "b")) is None


def _nats(ids: list[int], names: tuple[str, ...]) -> float:
    found = table(tuple(names))
    assert found is not None
    ids = [*ids, len(names)]
    return sum(float(found[*last_two(ids[:i], len(names)), ids[i]]) for i in range(len(ids)))


@pytest.mark.parametrize(
    ("name", "noise"), [("M EH R IY", "NG Z M R"), ("AE N AH", "AH AE N"), ("K IH M", "M K IH")]
)
def test_names_are_likelier_than_the_same_phones_shuffled(name: str, noise: str) -> None:
    said, other = (_nats(LABELS.arpabet_ids(x.split()), LABELS.arpabet) for x in (name, noise))
    assert said > other + 2.0


def test_names_beyond_english_too() -> None:
    yuki, other = (_nats(LABELS.ipa_ids(x.split()), LABELS.ipa) for x in ("j u k i", "k j u ŋ"))
    assert yuki > other + 2.0
