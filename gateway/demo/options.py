"""What the command line asked of the demo."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from schema.errors import ConfigError

LIMITS = {"small": 180.0, "medium": 3600.0, "large": 6 * 3600.0}


class PortTaken(ConfigError):
    """Another program listens on the wanted port."""

    code = "port_taken"

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"Port {port} of 127.0.0.1 is in use; choose another one with --port, or --port 0."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `severa-gateway demo`; `size` and `seed` are None when not given."""

    data_dir: Path
    port: int = 8000
    size: str | None = None
    seed: int | None = None
    exit: bool = False
    json: bool = False
    limit: float | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def check_port(port: int) -> int:
    """Return the port to listen on, a free one for 0; raises PortTaken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise PortTaken(port) from error
        found: int = probe.getsockname()[1]
        return found
