"""The plan of faults: which, in what order and with what particulars; all of it by the seed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

# The share of each kind in every thousand faults.
SHARES = {
    "kill": 90,
    "kill_at_point": 80,
    "pause": 50,
    "pause_at_point": 15,
    "late_twin": 10,
    "redis_flush": 23,
    "redis_restart": 5,
    "postgres_restart": 12,
    "clock_jump": 12,
    "timeout_after_write": 112,
    "timeout_before_write": 70,
    "late_write": 60,
    "error_500": 50,
    "error_503": 50,
    "html_502": 40,
    "rate_limited": 40,
    "concurrency_refused": 30,
    "stale_etag": 40,
    "bad_json": 50,
    "token_expired": 40,
    "release_fails": 30,
    "slow": 25,
    "webhook_dropped": 30,
    "webhook_duplicated": 32,
    "webhook_reordered": 30,
}
# At a late twin the worker stands still right behind its create, and the same draft lands again.
POINTED = ("kill_at_point", "pause_at_point", "late_twin")
WEBHOOKS = ("webhook_dropped", "webhook_duplicated", "webhook_reordered")
_CREATE = "POST /v2/customerinvoice"
_PATCH = "PATCH /v1/invoices/{guid}"
_UNHOLD = "PUT /v1/customerinvoice/{invoiceNumber}"
_RELEASE = "POST /v1/customerinvoice/{invoiceNumber}/action/release"
_READ = "GET /v1/customerinvoice/{invoiceNumber}"
# Where each fault of a vendor strikes; `*` is any call of that side.
_F, _S = "FINANCIALS", "SEVERA"
_WRITES = ((_F, _CREATE), (_F, _CREATE), (_F, _CREATE), (_F, _UNHOLD), (_F, _RELEASE), (_S, _PATCH))
_ANY = ((_F, "*"), (_S, "*"), (_F, _CREATE), (_F, _READ), (_S, _PATCH))
_PLACES = {
    "timeout_after_write": _WRITES,
    "timeout_before_write": _WRITES,
    "late_write": ((_F, _CREATE), (_F, _CREATE), (_F, _RELEASE), (_F, _UNHOLD)),
    "stale_etag": ((_F, "*"),),
    "concurrency_refused": ((_F, "*"),),
    "release_fails": ((_F, _RELEASE),),
    "token_expired": ((_F, "*"), (_S, "*")),
    "webhook_dropped": ((_S, "*"), (_F, "*")),
    "webhook_duplicated": ((_S, "*"), (_F, "*")),
    "webhook_reordered": ((_S, "*"), (_F, "*")),
}
# How long silence lasts before the connection breaks, and how late a late write lands; it lands
# within the vendor's execution time, which is 1.2 s at our scale.
_DELAYS = {
    "timeout_after_write": (0.0, 0.0, 0.3),
    "timeout_before_write": (0.0, 0.0, 0.3),
    "late_write": (0.3, 0.6, 0.9, 1.1),
}
POINTS = (
    *("invoice.create", "invoice.create", "invoice.release", "invoice.unhold"),
    *("invoice.number", "invoice.pay"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; `side` and `operation` for a vendor, `worker` for a process, `point` for both."""

    kind: str
    side: str = ""
    operation: str = ""
    worker: int = 0
    point: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Faults in their order; those at points are armed as workers start."""

    faults: tuple[Fault, ...]
    pointed: tuple[Fault, ...]

    @property
    def by_kind(self) -> Counter[str]:
        """Count the faults of each kind."""
        return Counter(fault.kind for fault in (*self.faults, *self.pointed))


def make_plan(*, faults: int, seed: int, invoices: int, focus: Iterable[str] = ()) -> Plan:
    """Draw up the plan of a run; kinds in focus make up about half of it."""
    chance = Random(f"chaos-{seed}")
    shares = dict(SHARES)
    for kind in focus:
        shares[kind] = sum(SHARES.values()) // len(tuple(focus))
    total = sum(shares.values())
    kinds = [
        kind
        for kind, share in shares.items()
        for _ in range(max(min(1, faults), round(faults * share / total)))
    ]
    kinds += ["error_503"] * (faults - len(kinds))
    chance.shuffle(kinds)
    spacing = max(3, round(invoices / max(faults * 0.2, 1)))
    made = [_fault(kind, chance, spacing) for kind in _ordered(kinds, chance)]
    return Plan(
        faults=tuple(fault for fault in made if fault.kind not in POINTED),
        pointed=tuple(fault for fault in made if fault.kind in POINTED),
    )


def _ordered(kinds: list[str], chance: Random) -> list[str]:
    """Put the clock jumps into the last fifth: webhooks are too old to be true from then on."""
    first = [kind for kind in kinds if kind != "clock_jump"]
    later = [kind for kind in first[len(first) * 4 // 5 :] if kind not in WEBHOOKS]
    early = first[: len(first) * 4 // 5] + [kind for kind in first if kind in WEBHOOKS]
    early = early[: len(first) - len(later)]
    chance.shuffle(early)
    later += [kind for kind in kinds if kind == "clock_jump"]
    chance.shuffle(later)
    return early + later


def _fault(kind: str, chance: Random, spacing: int) -> Fault:
    if kind == "late_twin":
        return Fault(kind=kind, point=f"invoice.create.committed@{chance.randint(1, spacing)}")
    if kind in POINTED:
        place = chance.choice(("before", "after", "after", "committed"))
        nth = chance.randint(1, spacing)
        return Fault(kind=kind, point=f"{chance.choice(POINTS)}.{place}@{nth}")
    if kind in ("kill", "pause"):
        return Fault(kind=kind, worker=chance.randrange(2), seconds=chance.uniform(0.3, 1.5))
    if kind == "clock_jump":
        return Fault(kind=kind, seconds=chance.choice((30.0, 600.0, 3700.0)))
    if kind.startswith(("redis", "postgres")):
        return Fault(kind=kind)
    side, operation = chance.choice(_PLACES.get(kind, _ANY))
    seconds = chance.choice(_DELAYS.get(kind, (0.0,)))
    return Fault(kind=kind, side=side, operation=operation, seconds=seconds)
