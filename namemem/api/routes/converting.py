"""From one notation to another."""

from __future__ import annotations

from fastapi import APIRouter

from namemem.api.dependencies import SpaceDep
from namemem.api.schemas import ConvertIn, ConvertOut, problems
from namemem.phones.notations import converted

router = APIRouter(prefix="/v1", tags=["saying it"])


@router.post(
    "/convert",
    response_model=ConvertOut,
    responses=problems(400, 422),
    summary="A pronunciation in another notation",
)
def convert(space: SpaceDep, body: ConvertIn) -> ConvertOut:
    """ipa, x-sampa, arpabet, espeak, kirshenbaum, respelling; what changes is reported."""
    done = converted(body.value, body.from_, body.to)
    return ConvertOut.model_validate(
        {
            "from": body.from_,
            "to": body.to,
            "value": done.conversion.value,
            "exact": done.conversion.exact,
            "substitutions": [
                {"from": s.source, "to": s.target, "position": s.position, "cost": s.cost}
                for s in done.conversion.substitutions
            ],
            "unsupported": list(done.conversion.unsupported),
            "grade": done.grade.value,
            "ipa": done.pronunciation.ipa,
            "spoken": done.conversion.spoken,
        }
    )
