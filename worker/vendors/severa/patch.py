"""The one JSON Patch operation that Severa knows."""

from typing import Any

Patch = dict[str, Any]


def replace(path: str, value: Any) -> Patch:
    """Return the step that sets one field; None clears it."""
    if not path.startswith("/"):
        raise ValueError(f"a patch path starts with a slash: {path!r}")
    return {"op": "replace", "path": path, "value": value}
