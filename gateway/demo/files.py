"""Private files that are replaced in one step, so that a reader never sees half of one."""

import json
import os
from pathlib import Path
from typing import Any

from schema.errors import ConfigError


class FileUnreadable(ConfigError):
    """A file of the data directory is damaged."""

    code = "file_unreadable"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"The file {path} cannot be read; remove the data directory to start new.")


def write_json(path: Path, value: Any) -> None:
    """Replace a file by a JSON text that only this user may read."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of ours; a missing one is empty. Raises FileUnreadable."""
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FileUnreadable(path) from error
    if not isinstance(value, dict):
        raise FileUnreadable(path)
    return value
