"""Small helpers to write to Severa."""

from collections.abc import Mapping
from typing import Any

from worker.vendors.severa import replace


def patch_body(body: Mapping[str, Any], *, at: str = "") -> list[dict[str, Any]]:
    """Turn an object of changes into the steps of a patch; references are set by their guid."""
    steps: list[dict[str, Any]] = []
    for name, value in body.items():
        if isinstance(value, Mapping) and set(value) == {"guid"}:
            steps.append(replace(f"{at}/{name}/guid", value["guid"]))
        else:
            steps.append(replace(f"{at}/{name}", value))
    return steps
