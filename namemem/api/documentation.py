"""The OpenAPI document: problems as they are sent, and an example for every body."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from namemem.api.schemas import PROBLEMS
from namemem.api.scopes import in_words, needs_of

_EXAMPLES: dict[str, dict[str, Any]] = {
    "RejectIn": {"heard_wrong": True},
    "NameIn": {"spelling": "Shiv", "kind": "nickname", "respelling": "SHIV"},
    "NamePatch": {"ipa": "ʃəˈvɔːn", "why": "She corrected me."},
    "PersonPatch": {"display_name": "Siobhán Ní Bhriain"},
    "RevertIn": {"version": 1},
    "SpotIn": {"text": "Hello, my name is Siobhan.", "language": "en"},
    "Problem": {
        "type": "urn:namemem:problem:no-name-heard",
        "title": "Nobody gives a name",
        "status": 422,
        "detail": "Nobody gives a name in this recording. Say “my name is …”.",
        "instance": "/v1/introductions",
        "transcript": "nice weather today",
    },
}


def install(app: FastAPI) -> None:
    """Corrects what FastAPI writes by itself into `/openapi.json`."""
    write = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _corrected(write())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _problem(code: int) -> dict[str, Any]:
    return {key: PROBLEMS[code][key] for key in ("description", "content")}


def _corrected(document: dict[str, Any]) -> dict[str, Any]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            needs = in_words(needs_of(method.upper(), path))
            operation["description"] = f"{operation.get('description', '')}\n\n{needs}".strip()
            if "requestBody" in operation:  # `body_limits` and FastAPI refuse any of them
                for code in (400, 408, 413):
                    operation["responses"].setdefault(str(code), _problem(code))
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                if "application/problem+json" in content:
                    content.pop("application/json", None)  # FastAPI's guess, never sent
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, example in _EXAMPLES.items():
        if name in schemas:
            schemas[name].setdefault("examples", [example])
    return document
