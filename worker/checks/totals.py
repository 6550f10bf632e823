"""The comparison of totals: at most 0.05 apart, in the currency of the invoice (R73, R74, Q2)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from schema.errors import Refused
from schema.money import TOLERANCE


class TotalsDiffer(Refused):
    """Severa and Financials disagree by more than 0.05."""

    code = "totals_differ"

    def __init__(self, *, severa: Decimal, financials: Decimal) -> None:
        self.severa, self.financials = severa, financials
        super().__init__(
            f"The total with VAT is {severa} in Severa and {financials} in Financials."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A total with VAT of one side: as it is shown, and before it was rounded to whole units."""

    shown: Decimal
    exact: Decimal

    @classmethod
    def of_severa(cls, *, shown: Decimal, parts: Decimal, rounds: bool) -> "Total":
        """Read Severa's total; `parts` is net and VAT, `rounds` the setting of the organization."""
        rounded = rounds or abs(shown - parts) > TOLERANCE
        return cls(shown=shown, exact=parts if rounded and shown == whole(parts) else shown)

    @property
    def moved(self) -> bool:
        """Tell whether rounding changed the total."""
        return self.shown != self.exact


def whole(amount: Decimal) -> Decimal:
    """Round an amount half up to whole units, as both sides do with whole documents."""
    return amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def check_totals(*, severa: Total, financials: Total, rounds: bool = False) -> Decimal:
    """Compare two totals with VAT by their absolute values and return the accepted difference.

    Both round: the rounded ones are compared; only one does: those before rounding (Q2). Where a
    total of Financials is whole by itself nobody can tell, and either agreement is enough.
    The difference is Severa minus Financials, with the sign of Severa's total (credit notes are
    negative there and positive in Financials). Raises TotalsDiffer for more than 0.05.
    """
    for mine, theirs in _pairs(severa, financials, rounds=rounds or severa.moved):
        difference = abs(mine) - theirs
        if abs(difference) <= TOLERANCE:
            return -difference if severa.shown < 0 else difference
    mine, theirs = _pairs(severa, financials, rounds=rounds or severa.moved)[0]
    raise TotalsDiffer(severa=mine, financials=-theirs if severa.shown < 0 else theirs)


def _pairs(severa: Total, financials: Total, *, rounds: bool) -> list[tuple[Decimal, Decimal]]:
    exact, shown = (severa.exact, financials.exact), (severa.shown, financials.shown)
    if not rounds:
        return [exact]
    if financials.moved:
        return [shown]
    return [exact, shown] if financials.exact == whole(financials.exact) else [exact]
