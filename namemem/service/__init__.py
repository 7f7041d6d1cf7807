"""Use cases: introduce, confirm, reject, retake, correct, recall, render, speak, forget, review.

`Service` is one object made of parts, each a module: `introducing`, `remembering`, `saying`,
`reviewing` and `exchanging`. It knows neither HTTP nor which engines hear; each method is one
transaction, except where it says otherwise.
"""

from namemem.service.exchanging import Exchanging
from namemem.service.introducing import IntroduceRequest, IntroductionView
from namemem.service.remembering import NewName
from namemem.service.reviewing import Reviewing
from namemem.service.saying import Said


class Service(Reviewing, Exchanging):
    """All use cases on one store, one hearer and one preview voice."""


__all__ = ["IntroduceRequest", "IntroductionView", "NewName", "Said", "Service"]
