"""Words for the schema: a field with its description, in one short call."""

from typing import Any

import strawberry


def said(text: str, *, name: str | None = None) -> Any:
    """Return a plain attribute field with a description."""
    return strawberry.field(description=text, name=name)


def given(text: str, *, default: Any = strawberry.UNSET) -> Any:
    """Return a field of an input with a description; left out unless it has a default."""
    return strawberry.field(description=text, default=default)
