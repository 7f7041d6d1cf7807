"""Use cases: introduce, confirm, reject, retake, correct, recall, render, speak, forget.

`Service` is one object made of three parts, each a module: `introducing`, `remembering` and
`saying`. It knows neither HTTP nor which engines hear; each method is one transaction.
"""

from namemem.service.introducing import IntroduceRequest, Introducing, IntroductionView
from namemem.service.remembering import NewName, Remembering
from namemem.service.saying import Said, Saying


class Service(Introducing, Saying, Remembering):
    """All use cases on one store, one hearer and one preview voice."""


__all__ = ["IntroduceRequest", "IntroductionView", "NewName", "Said", "Service"]
