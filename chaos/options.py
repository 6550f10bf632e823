"""What a chaos run is asked for, and the scale at which it plays the vendors' time."""

import argparse
from dataclasses import dataclass

# The vendors' waits are shortened to this share: 240 s of execution become 1.2 s.
TIME_SCALE = 0.005
LEASE_SECONDS = 2.5
WORKERS = 2
# Each safeguard that can be taken away, with the faults that it is there for.
FOCUS = {
    "mark": ("timeout_after_write", "late_write"),
    "lease": ("pause", "kill"),
    "look_up": ("timeout_after_write", "late_write"),
    "wait": ("late_write",),
    "search": ("late_twin",),
    "sweep": ("kill", "redis_flush"),
}
MUTATIONS = tuple(FOCUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One run."""

    invoices: int
    faults: int
    seed: int
    size: str = "small"
    companies: int = 1
    mutation: str | None = None
    focus: tuple[str, ...] = ()
    keep: bool = False
    limit: float = 600.0

    @property
    def sync_seconds(self) -> float:
        """How often each company is synced; a run that finds little still costs its reads."""
        return 1.5 + 0.75 * self.companies

    @property
    def backlog(self) -> int:
        """How many invoices may be on their way at once."""
        return max(80, 40 * self.companies)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="chaos", description=__doc__)
    made.add_argument("--invoices", type=int, help="default: 1000")
    made.add_argument("--faults", type=int, help="default: 120")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--size", choices=("small", "medium"), default="small")
    made.add_argument("--companies", type=int, help="default: by the invoices, at most 10")
    made.add_argument("--short", action="store_true", help="80 invoices and 40 faults")
    made.add_argument("--limit", type=float, default=3600.0, help="give up after these seconds")
    made.add_argument("--keep", action="store_true", help="keep the data directory and its logs")
    made.add_argument("--mutate", action="store_true", help="take each safeguard away in turn")
    made.add_argument("--mutation", choices=MUTATIONS, help="take one safeguard away")
    return made


def read(argv: list[str] | None) -> tuple[Options, bool]:
    """Read the command line; also tells whether every mutation is to be tried."""
    given = parser().parse_args(argv)
    small = given.short or given.mutate or given.mutation
    invoices = given.invoices or (80 if small else 1000)
    faults = (40 if small else 120) if given.faults is None else given.faults
    options = Options(
        invoices=invoices,
        faults=faults,
        seed=given.seed,
        size=given.size,
        companies=given.companies or min(10, 2 + invoices // 500),
        mutation=given.mutation,
        focus=FOCUS.get(given.mutation, ()),
        keep=given.keep,
        limit=given.limit,
    )
    return options, given.mutate
