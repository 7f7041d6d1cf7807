"""Access on the command line: keys, the audit log, and how far a server without keys may reach."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from namemem.errors import InvalidSettings
from namemem.settings import Settings, load_settings

if TYPE_CHECKING:  # the database's packages are not for `namemem --help`
    from namemem.service.access import Keyring
    from namemem.store import AuditEntry, StoredKey

keys_app = typer.Typer(help="API keys: who may do what in which space.", no_args_is_help=True)
_err = Console(stderr=True, highlight=False)
_PAGE = 500


def check_reach(keyring: Keyring, host: str, *, anonymous: bool) -> str:
    """Sees to it that a server without keys is for its own machine alone.

    Args:
        keyring: all keys.
        host: the address that the server is to listen on.
        anonymous: serving everybody without a key is what is wanted.

    Returns:
        A line for the log; empty where there are keys.

    Raises:
        InvalidSettings: no key, and other machines could reach it.
        StoreUnavailable: the database does not answer.
    """
    if not keyring.is_open():
        return ""
    if anonymous:
        return (
            f"No API key is configured, and NAMEMEM_ALLOW_ANONYMOUS is set: everybody who reaches "
            f"{host} can read, change and erase names."
        )
    if _is_loopback(host):
        return (
            f"No API key is configured: listening on {host} only, for callers on this machine. "
            "Make a key with: namemem keys create --scope admin --label me"
        )
    raise InvalidSettings(
        f"Without an API key everybody who reaches {host} could read, change and erase names. Make "
        "a key on the same database with `namemem keys create --space default --scope introduce "
        "--scope read --label robot`, set NAMEMEM_API_KEYS=default:a-long-secret, listen on "
        "127.0.0.1, or, where everybody may, say so with NAMEMEM_ALLOW_ANONYMOUS=true or "
        "--allow-anonymous."
    )


@keys_app.command()
def create(
    scope: Annotated[
        list[str], typer.Option(help="What it may do: introduce, read, review, admin; repeat it.")
    ],
    label: Annotated[str, typer.Option(help="What it is called in lists and in the audit log.")],
    space: Annotated[str, typer.Option(help="Whose people it opens.")] = "default",
    expires_days: Annotated[
        float | None, typer.Option(help="Days it holds; else until it is revoked.")
    ] = None,
) -> None:
    """Make a key and print it, this once. From the first key on nobody is served without one."""
    scopes = [one.strip() for given in scope for one in given.split(",") if one.strip()]
    from namemem.store import acting_by_command

    with _keyring(load_settings()) as ring, acting_by_command():
        first = ring.is_open()
        token, stored = ring.make(space, scopes, label, expires_days)
    typer.echo(token)
    _say(f"{stored.id}: keep the key above, it cannot be shown again.")
    if first:
        _say("It is the first: from now on every caller needs a key.")


@keys_app.command(name="list")
def list_keys(
    space: Annotated[str | None, typer.Option(help="Only of this space.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the keys that were made here, oldest first; the keys themselves are not kept."""
    settings = load_settings()
    with _keyring(settings) as ring:
        found = ring.all(space)
    for key in found:
        typer.echo(_as_json(key) if as_json else _line(key))
    if settings.api_keys:
        _say(f"And {len(settings.api_keys)} in NAMEMEM_API_KEYS, with every scope.")
    if not found and not settings.api_keys:
        _say("There is no key: only callers on this machine are served.")


@keys_app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="As `namemem keys list` shows it: k_…")],
) -> None:
    """End a key: it opens nothing from now on, in whichever process."""
    from namemem.store import acting_by_command

    with _keyring(load_settings()) as ring, acting_by_command():
        key = ring.revoke(key_id)
    typer.echo(_line(key))


def audit(
    space: Annotated[str, typer.Option(help="Whose log.")] = "default",
    person: Annotated[str | None, typer.Option(help="Only what was done to this id.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show who changed, approved, exported and erased what, newest first."""
    found: list[AuditEntry] = []
    with _keyring(load_settings()) as ring:
        cursor: str | None = None
        while len(found) < limit:
            page, cursor = ring.audit(
                space, person_id=person, limit=min(_PAGE, limit - len(found)), cursor=cursor
            )
            found += page
            if cursor is None:
                break
    for entry in found:
        if as_json:
            typer.echo(json.dumps(asdict(entry) | {"at": entry.at.isoformat()}))
        else:
            typer.echo(_told(entry))


@contextmanager
def _keyring(settings: Settings) -> Iterator[Keyring]:
    """The keys of the settings and of their database, which is closed at the end of the block."""
    from namemem.service.access import Keyring
    from namemem.store import Store

    store = Store(settings.url)
    try:
        store.upgrade()  # a key is often made before the first start
        yield Keyring(store, settings.api_keys)
    finally:
        store.close()


def _line(key: StoredKey) -> str:
    until = "" if key.expires_at is None else f", until {key.expires_at:%Y-%m-%d}"
    scopes = " ".join(sorted(key.scopes))
    made = f"made {key.created_at:%Y-%m-%d}{until}"
    return f"{key.id}  {key.state()}  {key.space}  [{scopes}]  {key.label}  {made}"


def _as_json(key: StoredKey) -> str:
    body = {
        "id": key.id,
        "space": key.space,
        "label": key.label,
        "scopes": sorted(key.scopes),
        "state": key.state(),
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
    }
    return json.dumps(body, ensure_ascii=False)


def _told(entry: AuditEntry) -> str:
    whom = " ".join(
        one for one in (entry.person_id, entry.name_id, entry.subject_key_id) if one is not None
    )
    version = "" if entry.version is None else f" version {entry.version}"
    by = " / ".join(one for one in (entry.key_label, entry.key_id, entry.who) if one) or "nobody"
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.what}  {whom}{version}  by {by}"


def _say(text: str) -> None:
    _err.print(text, markup=False, soft_wrap=True)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
