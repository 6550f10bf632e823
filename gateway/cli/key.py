"""Commands that make, list and revoke API keys (K3)."""

import sys
from argparse import Namespace
from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.cli.session import visit
from gateway.cli.table import show_json, show_table
from schema.clock import utc_now
from schema.errors import ConfigError
from schema.models import ApiKey
from schema.words import Scope

COLUMNS = ("prefix", "name", "scopes", "expires", "revoked", "last used")


def make(arguments: Namespace) -> int:
    """Make a key and print its text, once."""
    sys.stdout.write(f"{visit(lambda settings: _make(arguments))}\n")
    return 0


def show(arguments: Namespace) -> int:
    """List the keys; no text of a key is kept, so none is shown."""
    rows = visit(lambda settings: _rows())
    if arguments.json:
        show_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    else:
        show_table("API keys", COLUMNS, rows)
    return 0


def revoke(arguments: Namespace) -> int:
    """Revoke a key; it stops working within five seconds."""
    visit(lambda settings: _revoke(arguments.prefix))
    sys.stdout.write(f"The key {arguments.prefix} is revoked.\n")
    return 0


async def _make(arguments: Namespace) -> str:
    from gateway.auth import make_key

    _, text = await make_key(
        name=arguments.name,
        scopes=frozenset(_scope(name) for name in arguments.scope or [Scope.READ]),
        integration_ids=_ids(arguments.integration),
        expires_at=utc_now() + timedelta(days=arguments.days) if arguments.days else None,
    )
    return text


async def _rows() -> list[tuple[Any, ...]]:
    return [
        (
            key.prefix,
            key.name,
            " ".join(key.scopes),
            key.expires_at,
            key.revoked_at,
            key.last_used_at,
        )
        for key in await ApiKey.all().order_by("id")
    ]


async def _revoke(prefix: str) -> None:
    if not await ApiKey.filter(prefix=prefix, revoked_at=None).update(revoked_at=utc_now()):
        raise ConfigError(f"No valid key has the prefix {prefix!r}; `key list` shows them.")


def _scope(name: str) -> Scope:
    try:
        return Scope(name)
    except ValueError as error:
        known = ", ".join(Scope)
        raise ConfigError(f"{name!r} is no scope; use one of {known}.") from error


def _ids(texts: list[str] | None) -> frozenset[UUID] | None:
    if not texts:
        return None
    try:
        return frozenset(UUID(text) for text in texts)
    except ValueError as error:
        raise ConfigError("An --integration must be an id; `status` shows them.") from error
