"""New people: typed, recorded, from a file, or a whole table with a preview of every row."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import JSONResponse, Response

from namemem.errors import InvalidPronunciation, InvalidRequest, NamememError
from namemem.introductions import Hints
from namemem.people import NameKind, checked_language, given_spelling, tidy_spelling
from namemem.review.routes.correcting import read_upload
from namemem.review.site import ear_problem, go, page, wants_page
from namemem.review.visitors import Reader, Writer
from namemem.service import IntroduceRequest, NewName
from namemem.service.consenting import told_by
from namemem.service.exchanging import COLUMNS, MAX_ROWS, counted

router = APIRouter()
MAX_TABLE = 1_000_000
"""Largest table, in bytes."""
Text = Annotated[str, Form(max_length=200)]


@router.get("/new")
def show_new(request: Request, visitor: Reader) -> Response:
    """The three ways to add somebody."""
    return _form(request, visitor, {}, "")


def _form(
    request: Request, visitor: Reader, filled: dict[str, str], problem: str, status: int = 200
) -> Response:
    return page(
        request,
        "new.html",
        status,
        filled=filled,
        problem=problem,
        kinds=list(NameKind),
        keeps=visitor.service.policy.keep_audio == "clip",
        deaf=ear_problem(visitor.service),
    )


@router.post("/new")
def add_typed(
    request: Request,
    visitor: Writer,
    spelling: Text = "",
    display_name: Text = "",
    external_id: Text = "",
    language: Annotated[str, Form(max_length=35)] = "",
    kind: Annotated[NameKind, Form()] = NameKind.GIVEN,
    respelling: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Adds somebody by typing; without a respelling the spelling speaks until somebody says it."""
    said = {"respelling": respelling} if respelling.strip() else None
    try:
        person = visitor.service.add_person(
            visitor.space,
            external_id=external_id.strip() or None,
            display_name=tidy_spelling(display_name) or None,
            names=[NewName(spelling, kind, checked_language(language), said)],
            who=visitor.who,
        )
    except (InvalidPronunciation, InvalidRequest) as error:
        filled = {"spelling": spelling, "display_name": display_name, "external_id": external_id,
                  "language": language, "kind": kind.value, "respelling": respelling}  # fmt: skip
        return _form(request, visitor, filled, error.message, 422)
    return go(request, f"/people/{person.id}")


@router.post("/people/{person_id}/names")
def add_name(
    request: Request,
    visitor: Writer,
    person_id: str,
    spelling: Text,
    kind: Annotated[NameKind, Form()],
    language: Annotated[str, Form(max_length=35)] = "",
    respelling: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Adds another name to somebody."""
    said = {"respelling": respelling} if respelling.strip() else None
    new = NewName(spelling, kind, checked_language(language), said)
    name = visitor.service.add_name(visitor.space, person_id, new, visitor.who)
    return go(request, f"/people/{person_id}/names/{name.id}")


@router.post("/new/recording")
async def add_recorded(
    request: Request,
    visitor: Writer,
    audio: UploadFile,
    spelling: Text = "",
    language: Annotated[str, Form(max_length=35)] = "",
    keep: Annotated[bool, Form()] = False,
) -> Response:
    """Adds somebody by what they say: recorded here, or from a file."""
    service = visitor.service
    hints = Hints(given_spelling(spelling), checked_language(language), asked=True)
    try:
        data = await read_upload(audio, service.policy.max_bytes)
        agreed = told_by(visitor.who) if keep else None
        keep_audio = "clip" if keep else "none"
        request_of = IntroduceRequest(data, hints, keep_audio=keep_audio, consent=agreed)
        view = await service.introduce(visitor.space, request_of)
    except NamememError as error:
        if not wants_page(request):
            raise
        filled = {"recorded_spelling": spelling, "recorded_language": language}
        return _form(request, visitor, filled, error.message, 422)
    address = f"/people/{view.person.id}/names/{view.name.id}"
    if wants_page(request):
        return go(request, address)
    return JSONResponse({"go": request.scope.get("root_path", "") + address})


@router.get("/import")
def show_import(request: Request, visitor: Reader) -> Response:
    """Where a table is chosen."""
    return page(request, "import.html", columns=COLUMNS, most=MAX_ROWS, step="choose")


@router.post("/import/preview")
async def preview(
    request: Request,
    visitor: Writer,
    file: UploadFile | None = None,
    table: Annotated[str, Form(max_length=MAX_TABLE)] = "",
) -> Response:
    """What each row will do; nothing is changed yet."""
    try:
        text = await _table(file) if file is not None and file.filename else table
        rows = visitor.service.plan_import(visitor.space, text)
    except InvalidRequest as error:
        context = {"columns": COLUMNS, "most": MAX_ROWS, "step": "choose"}
        return page(request, "import.html", 422, problem=error.message, table=table, **context)
    does = [row for row in rows if row.action in ("person", "name", "correct")]
    return page(
        request, "import.html", step="preview", rows=rows, table=text, counts=counted(rows),
        doing=len(does), columns=COLUMNS,
    )  # fmt: skip


@router.post("/import")
def run(
    request: Request,
    visitor: Writer,
    table: Annotated[str, Form(max_length=MAX_TABLE)],
) -> Response:
    """Does it, and says of every row how it went."""
    done = visitor.service.run_import(visitor.space, table, visitor.who)
    problems = sum(bool(problem) for _, problem in done)
    return page(request, "import.html", step="done", done=done, problems=problems, columns=COLUMNS)


async def _table(file: UploadFile) -> str:
    data = await file.read(MAX_TABLE + 1)
    if len(data) > MAX_TABLE:
        raise InvalidRequest(f"The table is larger than {MAX_TABLE} bytes.", field="file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest("The table is not UTF-8. Save it as “CSV UTF-8”.") from error
