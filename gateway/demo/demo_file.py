"""`demo.json`: where everything is, for people's tools and for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.demo.files import write_json


class DemoFile:
    """Written when the demo serves, replaced whenever a process id changes."""

    def __init__(self, path: Path) -> None:
        """Name the file; a stale one of an earlier run is removed."""
        self.path = path
        self._facts: dict[str, Any] | None = None
        self.pids: dict[str, int | None] = {"gateway": None, "worker": None, "sandbox": None}
        path.unlink(missing_ok=True)

    def set_pid(self, name: str, pid: int | None) -> None:
        """Note a new process id."""
        self.pids[name] = pid
        self._write()

    def publish(self, facts: Mapping[str, Any]) -> None:
        """Write the file for the first time."""
        self._facts = dict(facts)
        self._write()

    def _write(self) -> None:
        if self._facts is not None:
            write_json(self.path, {**self._facts, "pids": self.pids})
