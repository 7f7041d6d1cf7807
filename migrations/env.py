"""Runs the migrations: on a connection handed in by `namemem.store`, or by the command line.

By the command line the database is `-x url=…`, else the environment's NAMEMEM_DATABASE_URL.
"""

from __future__ import annotations

import os
from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from namemem.store.engine import make_migration_engine, parse_url
from namemem.store.tables import Base, UtcDateTime

_URL_MISSING = "Say which database: -x url=sqlite:///path or NAMEMEM_DATABASE_URL."


def _url() -> str:
    url = context.get_x_argument(as_dictionary=True).get("url")
    url = url or os.environ.get("NAMEMEM_DATABASE_URL")
    if not url:
        raise CommandError(_URL_MISSING)
    return url


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """A migration must not change when the code does, so it names no type of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite changes a table by making it anew
        render_item=_render,
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,  # also on SQLite, since `make_migration_engine` says BEGIN itself
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_offline() -> None:
    context.configure(
        url=parse_url(_url()),
        target_metadata=Base.metadata,
        render_as_batch=True,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in: Connection | None = context.config.attributes.get("connection")
if context.is_offline_mode():
    _run_offline()
elif handed_in is not None:
    _run(handed_in)
else:
    engine = make_migration_engine(parse_url(_url()), timeout_seconds=120.0)
    with engine.begin() as own:
        _run(own)
    engine.dispose()
