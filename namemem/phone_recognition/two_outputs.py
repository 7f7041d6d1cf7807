"""What the engines with two CTC outputs share: English phonemes and IPA phones, summed."""

from __future__ import annotations

import functools
from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from namemem.audio import Waveform
from namemem.phone_recognition.base import Listening, PhoneRecognizer
from namemem.phone_recognition.ctc_listening import CtcListening, Output
from namemem.phone_recognition.whisper_ctc import PhoneLabels

Posteriors = NDArray[np.float32]


class TwoOutputPhones(PhoneRecognizer):
    """A recogniser whose network answers in ARPABET and in IPA labels at once."""

    hears_ipa = True
    finds_carriers = True

    def __init__(self, labels: PhoneLabels) -> None:
        super().__init__()
        self.labels = labels

    @abstractmethod
    def posteriors(self, samples: NDArray[np.float32]) -> tuple[Posteriors, Posteriors, float]:
        """Natural-log posteriors of a clip: ARPABET [T, 40], IPA [T, V], seconds of a frame."""

    def _listen(self, waveform: Waveform) -> Listening:
        english, ipa, frame = self.posteriors(waveform.samples)
        return CtcListening(
            [
                Output(ipa, self._ipa_ids, self.labels.ipa, 1.0),
                Output(english, self._english_ids, self.labels.arpabet, 1.0),
            ],
            free=0,
            frame_seconds=frame,
            english=1,
        )

    @functools.lru_cache(maxsize=4096)  # noqa: B019 - one engine lives as long as its process
    def _ipa_ids(self, unit: str) -> tuple[int, ...]:
        return tuple(self.labels.ipa_ids(self.labels.ipa_for(unit)))

    @functools.lru_cache(maxsize=4096)  # noqa: B019
    def _english_ids(self, unit: str) -> tuple[int, ...]:
        return tuple(self.labels.arpabet_ids(self.labels.arpabet_for(unit)))
