"""What is asked of posteriors, on matrices made by hand: a clear voice that says known phones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from namemem.phone_recognition import Context, Span
from namemem.phone_recognition.ctc_listening import CtcListening, Output
from namemem.phones import Pronunciation, parse_ipa

LABELS = ("", *"m a ɪ n e z s t ɹ d i ə ɛ h ɑɹ".split())
FRAME = 0.02
EVERY = 5  # frames from one phone to the next


def columns_of(unit: str) -> tuple[int, ...]:
    return tuple(LABELS.index(letter) for letter in unit if letter != "ː")


def joined(units: Sequence[str]) -> list[tuple[int, ...]]:
    out: list[tuple[int, ...]] = []
    for unit in units:
        if unit == "ɹ" and units[len(out) - 1] == "ɑ":
            out[-1:] = [(LABELS.index("ɑɹ"),), ()]
        else:
            out.append((LABELS.index("a"),) if unit == "ɑ" else columns_of(unit))
    return out


def posteriors(phones: str, sure: float = 0.9, after: int = 10) -> np.ndarray:
    """Log-posteriors of phones (spaces between them), two frames each, blanks around them."""
    said = phones.split()
    rest = (1.0 - sure) / (len(LABELS) - 1)
    matrix = np.full((10 + EVERY * len(said) + after, len(LABELS)), rest)
    matrix[:, 0] = sure
    for i, phone in enumerate(said):
        at = 10 + EVERY * i
        matrix[at : at + 2] = rest
        matrix[at : at + 2, LABELS.index(phone)] = sure
    return np.log(matrix).astype(np.float32)


def listen(phones: str, *, outputs: int = 1, **how: float) -> tuple[CtcListening, Span]:
    matrix = posteriors(phones, **how)
    output = Output(matrix, columns_of, LABELS, 1.0)
    return CtcListening([output] * outputs, 0, FRAME), Span(0.0, len(matrix) * FRAME)


def ipa(text: str) -> Pronunciation:
    return parse_ipa(text)


def best(listening: CtcListening, span: Span, context: Context, *texts: str) -> str:
    scores = listening.score([ipa(t) for t in texts], span, context)
    return texts[scores.index(max(scores))]


IS = Context(before=parse_ipa("ɪz"), open_start=True)


def test_what_was_said_scores_best():
    listening, span = listen("a n d ɹ e a")
    assert best(listening, span, Context(), "andɹia", "andɹea", "andɹa", "anta") == "andɹea"


def test_two_outputs_count_twice():
    one, span = listen("a n a")
    two, _ = listen("a n a", outputs=2)
    said = [ipa("ana"), ipa("ena")]
    assert two.score(said, span, Context()) == pytest.approx(
        [2 * s for s in one.score(said, span, Context())]
    )
    assert two.fit(said[0], span, Context()) == pytest.approx(one.fit(said[0], span, Context()))


def test_the_carriers_last_phone_is_not_the_names():
    listening, span = listen("n e m ɪ z a n a")
    assert best(listening, span, IS, "zana", "ana", "ɪzana") == "ana"
    # Without the carrier it would have been: the phones alone do not say where the name begins.
    anywhere = Context(open_start=True)
    assert best(listening, span, anywhere, "zana", "ana") == "zana"


def test_a_name_may_begin_like_the_carrier_ends():
    listening, span = listen("ɪ z z a n a")
    assert best(listening, span, IS, "zana", "ana") == "zana"


@pytest.mark.parametrize("more", ["", " h i ə"])
def test_an_open_end_does_not_cost_the_last_phone(more):
    listening, span = listen("ɪ z a n a s" + more)
    context = Context(before=IS.before, open_start=True, open_end=True)
    assert best(listening, span, context, "ana", "anas", "an") == "anas"


def test_a_name_between_other_speech():
    listening, span = listen("h a ɪ a n a h i ə")
    anywhere = Context(open_start=True, open_end=True)
    assert best(listening, span, anywhere, "ena", "ana", "ada") == "ana"
    after = Context(after=ipa("hiə"), open_start=True)
    assert best(listening, span, after, "anah", "ana", "anahi") == "ana"


def test_the_span_is_all_that_counts():
    listening, span = listen("m i t e a n a")
    begin = (10 + 4 * EVERY) * FRAME
    assert best(listening, Span(begin, span.end), Context(), "ana", "miteana") == "ana"
    assert best(listening, Span(0.0, begin - 0.12), Context(), "ana", "mite") == "mite"


def test_what_cannot_fit_is_impossible():
    listening, _ = listen("a n a")
    short = Span(0.2, 0.22)
    assert listening.score([ipa("andɹeandɹeandɹe")], short, Context()) == [-math.inf]
    assert listening.align(ipa("andɹeandɹeandɹe"), short, Context()) is None


def test_times_are_those_of_the_phones():
    listening, span = listen("ɪ z a n a")
    alignment = listening.align(ipa("ana"), span, IS)
    assert alignment is not None
    assert [p.ipa for p in alignment.phones] == ["a", "n", "a"]
    for i, phone in enumerate(alignment.phones):
        first = (10 + EVERY * (2 + i)) * FRAME
        assert phone.start == pytest.approx(first, abs=0.09)
        assert phone.end == pytest.approx(first + 2 * FRAME, abs=0.09)
        assert phone.start <= first < phone.end
        assert phone.confidence == pytest.approx(0.9, abs=0.01)
    assert alignment.span == Span(alignment.phones[0].start, alignment.phones[-1].end)
    later = listening.align(ipa("na"), Span(0.45, span.end), Context())
    assert later is not None
    assert later.phones[0].start == pytest.approx(alignment.phones[1].start, abs=0.09)


def test_a_diphthong_is_one_phone_over_two_labels():
    listening, span = listen("m a ɪ")
    alignment = listening.align(ipa("maɪ"), span, Context())
    assert alignment is not None
    assert [p.ipa for p in alignment.phones] == ["m", "aɪ"]
    assert alignment.phones[1].end - alignment.phones[1].start >= (EVERY + 2) * FRAME


def test_fit_tells_what_was_said():
    listening, span = listen("n e m ɪ z a n a")
    assert listening.fit(ipa("ana"), span, IS) > 0
    assert listening.fit(ipa("namɪt"), span, IS) < listening.fit(ipa("ana"), span, IS) - 2.0
    assert listening.fit(ipa("ena"), span, IS) < listening.fit(ipa("ana"), span, IS)


def test_fit_does_not_depend_on_how_much_was_said():
    short, span = listen("a n a")
    long, longer = listen("h a ɪ t i m e s a n a h i ə d e", after=60)
    assert short.fit(ipa("ana"), span, Context()) == pytest.approx(
        long.fit(ipa("ana"), longer, Context()), abs=0.6
    )


def test_free_phones_and_uncertainty():
    listening, span = listen("a n a")
    heard = listening.free_phones(span)
    assert "".join(p.ipa for p in heard) == "ana"
    assert heard[0].start == pytest.approx(0.2)
    noise = CtcListening(
        [Output(np.full((40, 5), -math.log(5.0), np.float32), columns_of, LABELS, 1.0)], 0, FRAME
    )
    assert noise.uncertainty(Span(0, 0.8)) == pytest.approx(math.log(5.0))
    assert noise.uncertainty(Span(0, 0.8)) > listening.uncertainty(span)


def test_guesses_begin_behind_the_carrier():
    listening, span = listen("n e m ɪ z a n a")
    guesses = [g.segmental for g in listening.guesses(span, IS)]
    assert guesses[0] == ("a", "n", "a")
    assert len(guesses) == len(set(guesses)) > 1
    whole = listening.guesses(span, Context())
    assert whole[0].segmental == tuple("nemɪzana")


def test_nothing_is_heard_in_silence():
    listening, span = listen("")
    assert listening.free_phones(span) == ()


def test_labels_that_hold_two_phones():
    matrix = posteriors("ɑɹ t")
    one, two = (
        CtcListening([Output(matrix, lambda u: columns_of(u.replace("ɑ", "a")), LABELS, 1.0, j)],
                     0, FRAME)
        for j in (None, joined)
    )  # fmt: skip
    span, said = Span(0.0, len(matrix) * FRAME), ipa("ɑɹt")
    assert two.score([said], span, Context())[0] > one.score([said], span, Context())[0] + 2
    assert two.fit(said, span, Context()) > one.fit(said, span, Context())
    alignment = two.align(said, span, Context())
    assert alignment is not None
    vowel, rhotic, _ = alignment.phones
    assert [p.ipa for p in alignment.phones] == ["ɑ", "ɹ", "t"]
    assert vowel.start < vowel.end == rhotic.start < rhotic.end
