"""Asks a person at a terminal for what the options of a command leave out."""

import getpass
import sys

from schema.errors import ConfigError


class Asker:
    """Asks on a terminal, and refuses to wait where nobody can answer."""

    def __init__(self, *, quiet: bool) -> None:
        self._mute = quiet or not sys.stdin.isatty()

    def text(self, given: str | None, *, what: str, option: str) -> str:
        """Return an option, or what a person types.

        Raises ConfigError where nobody can be asked.
        """
        return given or self._asked(what, option, secret=False)

    def secret(self, given: str | None, *, what: str, option: str) -> str:
        """Return an option, or what a person types without echo.

        Raises ConfigError where nobody can be asked.
        """
        return given or self._asked(what, option, secret=True)

    def yes(self, question: str) -> bool:
        """Ask for a yes; where nobody can be asked it is a no."""
        if self._mute:
            return False
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().casefold() in ("y", "yes")

    def _asked(self, what: str, option: str, *, secret: bool) -> str:
        if self._mute:
            raise ConfigError(f"{what} is missing; give {option}.")
        if secret:
            found = getpass.getpass(f"{what}: ", stream=sys.stderr)
        else:
            sys.stderr.write(f"{what}: ")
            sys.stderr.flush()
            found = sys.stdin.readline()
        if not found.strip():
            raise ConfigError(f"{what} is empty.")
        return found.strip()
