"""The console script `severa-gateway`: reads the command line and hands over to one command.

Commands are imported when they run, so that `--help` answers at once.
"""

import sys
from collections.abc import Sequence

from gateway.cli.parser import build


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 2 for a wrong setting, 1 for a failure."""
    arguments = build().parse_args(argv)
    from schema.errors import ConfigError, GatewayError

    try:
        status: int = arguments.command(arguments)
    except ConfigError as error:
        sys.stderr.write(f"{_sentence(error)}\n")
        return 2
    except GatewayError as error:
        sys.stderr.write(f"{_sentence(error)}\n")
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return status


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())
