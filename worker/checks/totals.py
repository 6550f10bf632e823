"""The comparison of totals: at most 0.05 apart, in the currency of the invoice (R73, R74, Q2)."""

from decimal import Decimal

from schema.errors import Refused
from schema.money import within_tolerance


class TotalsDiffer(Refused):
    """Severa and Financials disagree by more than 0.05."""

    code = "totals_differ"

    def __init__(self, *, severa: Decimal, financials: Decimal) -> None:
        self.severa, self.financials = severa, financials
        super().__init__(
            f"The total with VAT is {severa} in Severa and {financials} in Financials."
        )


def check_totals(*, severa: Decimal, financials: Decimal) -> Decimal:
    """Compare two totals with VAT by their absolute values and return the accepted difference.

    The difference is Severa minus Financials, with the sign of Severa's total (credit notes are
    negative there and positive in Financials). Raises TotalsDiffer for more than 0.05.
    """
    if not within_tolerance(severa, financials):
        raise TotalsDiffer(severa=severa, financials=financials)
    sign = -1 if severa < 0 else 1
    return sign * (abs(severa) - abs(financials))
