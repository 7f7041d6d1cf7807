"""Use cases: introduce, confirm, reject, retake, correct, recall, render, speak, forget, review.

`Service` is one object made of parts, each a module: `answering`, `introducing`, `confirming`,
`remembering`, `saying`, `reviewing`, `exchanging`, `consenting`, `identifying`, `repeating`,
`queueing` and `working`. It knows neither HTTP nor which engines hear; each method is one
transaction, except where it says otherwise.
"""

from namemem.service.answering import IntroductionView
from namemem.service.consenting import Consenting
from namemem.service.exchanging import Exchanging
from namemem.service.identifying import Identified, Identifying, Match
from namemem.service.introducing import IntroduceRequest
from namemem.service.remembering import NewName
from namemem.service.repeating import Key, Replay, digest_of
from namemem.service.reviewing import Reviewing
from namemem.service.saying import Said
from namemem.service.working import Working


class Service(Reviewing, Exchanging, Consenting, Identifying, Working):
    """All use cases on one store, one hearer and one preview voice."""


__all__ = [
    "Identified",
    "IntroduceRequest",
    "IntroductionView",
    "Key",
    "Match",
    "NewName",
    "Replay",
    "Said",
    "Service",
    "digest_of",
]
