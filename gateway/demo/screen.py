"""What the demo says: a live progress bar on a terminal, plain lines everywhere else."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


class Bar(Protocol):
    """Shows how far a step is."""

    def show(self, *, done: int, total: int | None, text: str = "") -> None:
        """Show the present state."""


class Screen:
    """The demo's output on standard output."""

    def __init__(self) -> None:
        """Look whether somebody is watching."""
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)

    def line(self, text: str) -> None:
        """Say one sentence of the story."""
        self._console.print(text, markup=False)

    def title(self, text: str) -> None:
        """Begin a chapter of the story."""
        self._console.print(f"\n{text}", style="bold", markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show a table."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for number, column in enumerate(columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*(str(value) for value in row))
        self._console.print(table)

    @contextmanager
    def bar(self, title: str) -> Iterator[Bar]:
        """Show a progress bar while the block runs."""
        if not self._console.is_terminal:
            yield _PlainBar(title, screen=self)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[text]}"),
        )
        with Progress(*columns, console=self._console) as progress:
            yield _LiveBar(title, progress=progress)


class _LiveBar:
    def __init__(self, title: str, *, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task(f"  {title}", total=None, text="")

    def show(self, *, done: int, total: int | None, text: str = "") -> None:
        self._progress.update(self._task, completed=done, total=total, text=text)


class _PlainBar:
    """Says a line whenever the text changes, and at each quarter of the way."""

    def __init__(self, title: str, *, screen: Screen) -> None:
        self._title, self._screen = title, screen
        self._said: tuple[str, int] | None = None

    def show(self, *, done: int, total: int | None, text: str = "") -> None:
        now = (text, 4 * done // total if total else 0)
        if now != self._said:
            self._said = now
            count = f"{done} of {total}" if total else f"{done}"
            self._screen.line(f"  {self._title}: {count} {text}".rstrip())
