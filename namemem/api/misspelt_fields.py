"""Fields and parameters that a route does not have, but that look like one of its own.

Nothing else would tell: with `externalid=alice` every introduction makes a new person. What looks
like none of the route's is let through, as other programs send more than we know; but not by a
list, which would have everybody in it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import get_args

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from namemem.errors import InvalidRequest

_NEAR = 0.75  # of difflib's ratio
_SHORTENED = 4  # letters of a name that are enough to tell which one is meant


async def refuse_misspelt(connection: HTTPConnection) -> None:
    """Looks at the names in the address and in the form.

    Raises:
        InvalidRequest: one is misspelt, or belongs to the other place.
    """
    route = connection.scope.get("route")
    if not isinstance(connection, Request) or not isinstance(route, APIRoute):
        return
    tree = list(_whole(route.dependant))
    query = {field.alias for part in tree for field in part.query_params}
    form = {field.alias for part in tree for field in part.body_params}
    is_form = connection.headers.get("content-type", "").startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded")
    )
    if not is_form:
        form = set()  # the schema of a JSON body refuses what it does not know
    _check(connection.query_params, query, form, "Send it as a field of the form")
    if connection.method == "GET" and "limit" in query:
        _check_filters(connection.query_params, query)
    if form:
        _check(await connection.form(), form, query, "Send it in the address")


def meant_in_body(route: object, name: str) -> str | None:
    """The field of a route's JSON body that a name looks like; None for none."""
    if not isinstance(route, APIRoute):
        return None
    known: set[str] = set()
    for field in route.dependant.body_params:
        for kind in (field.field_info.annotation, *get_args(field.field_info.annotation)):
            known |= set(getattr(kind, "model_fields", ()))
    return _meant(name, known)


def _whole(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _whole(part)


def _check(sent: Iterable[str], here: set[str], elsewhere: set[str], place: str) -> None:
    for name in sent:
        if name in here:
            continue
        if name in elsewhere:
            raise InvalidRequest(f"{name} is looked for elsewhere. {place}.", field=name)
        meant = _meant(name, here | elsewhere)
        if meant is not None:
            raise InvalidRequest(f"There is no {name!r}. Did you mean {meant}?", field=name)


def _check_filters(sent: Iterable[str], known: set[str]) -> None:
    """A list that a filter does not narrow has everybody in it: `?external_id=`, `?page=2`."""
    for name in sent:
        if name not in known and not name.startswith("_"):
            here = ", ".join(sorted(known))
            raise InvalidRequest(f"There is no {name!r} here. There are: {here}.", field=name)


def _meant(name: str, known: Iterable[str]) -> str | None:
    plain = {_plain(one): one for one in sorted(known)}
    asked = _plain(name)
    begun = [one for one in plain if len(asked) >= _SHORTENED and one.startswith(asked)]
    near = begun or difflib.get_close_matches(asked, plain, n=1, cutoff=_NEAR)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")
