"""Listens to every exchange of a client and keeps what breaks a contract.

recorder = Recorder()
client = severa.client(..., on_exchange=recorder.check)
...
recorder.assert_clean()
"""

from collections import Counter
from typing import Any

from schema.words import Side
from tests.contracts.openapi import Document, load
from tests.contracts.required import missing
from worker.vendors.records import Exchange

_DOCUMENTS: dict[Side, Document | None] = {}


def document(side: Side) -> Document | None:
    """Return the document of a vendor, read and compiled once per session."""
    if side not in _DOCUMENTS:
        _DOCUMENTS[side] = load(side)
    return _DOCUMENTS[side]


class ContractBroken(AssertionError):
    """At least one exchange broke a vendor's contract."""


class Recorder:
    """Checks exchanges and counts them; `rows` is how much of a long list is looked at.

    Faults that a test asked for (5xx, HTML, cut JSON) are not breaches: answers are checked
    when they were JSON with a status below 500.
    """

    def __init__(self, *, rows: int = 20) -> None:
        self._rows = rows
        self.checked: Counter[tuple[Side, str]] = Counter()
        self.broken: Counter[str] = Counter()

    def check(self, exchange: Exchange) -> None:
        """Look at one exchange; breaches are kept, not raised, so that the caller goes on."""
        for fault in self._faults(exchange):
            name = f"{exchange.side} {exchange.operation} {exchange.status}"
            self.broken[f"{name}: {fault}"] += 1
        self.checked[exchange.side, exchange.operation] += 1

    def assert_clean(self) -> None:
        """Raise ContractBroken when any exchange broke its contract."""
        if self.broken:
            worst = "\n".join(f"{n} x {text}" for text, n in self.broken.most_common(60))
            raise ContractBroken(f"{len(self.broken)} breaches\n{worst}")

    def table(self) -> str:
        """Return how many exchanges of each operation were checked."""
        rows = sorted(self.checked.items())
        width = max((len(name) for (_, name), _ in rows), default=0)
        lines = [f"{side:<10} {name:<{width}} {count:>6}" for (side, name), count in rows]
        return "\n".join([*lines, f"{len(rows)} operations, {self.checked.total()} exchanges"])

    def _faults(self, exchange: Exchange) -> list[str]:
        faults: list[str] = []
        good = 200 <= exchange.status < 300
        if good:
            faults += missing(exchange.side, exchange.operation, exchange.response_body)
        known = document(exchange.side)
        if known is None:
            return faults
        name = exchange.operation
        query = exchange.url.partition("?")[2]
        faults += known.query_faults(name, query)
        faults += known.request_faults(name, exchange.request_body)
        if exchange.status < 500 and _is_json(exchange.response_body):
            faults += known.answer_faults(
                name, exchange.status, exchange.response_body, rows=self._rows
            )
        return faults


def _is_json(body: Any) -> bool:
    return isinstance(body, dict | list)
