"""From a spelling to the pronunciations it may stand for, in many languages.

A name is often read by the rules of another language than the listener's, so `Candidates` asks
CMUdict and espeak-ng in some forty languages and keeps every different answer, each with its
sources and a prior. `predict` gives the one answer that a TTS without namemem would speak.
"""

from namemem.g2p.candidates import Candidate, Candidates, CandidateSource, Leaning

__all__ = ["Candidate", "CandidateSource", "Candidates", "Leaning"]
