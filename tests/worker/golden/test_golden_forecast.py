"""The forecast and the fake ledger agree with totals that were worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from sandbox.financials.vat import Rate, cents, taxes
from tests.worker.golden.documents import RATES, Golden, documents
from worker.checks import vat
from worker.mapping.reference import VATRule

DAY = date(2026, 11, 24)
AT_HOME = [
    VATRule(
        vat_id=f"{item}-home",
        categories=frozenset({item}),
        zones=frozenset({"home"}),
        rates=((date(2015, 1, 1), rate),),
    )
    for item, rate in RATES.items()
]
RULES = (
    *AT_HOME,
    VATRule(
        vat_id="none",
        categories=frozenset(RATES),
        zones=frozenset({"abroad"}),
        rates=((date(2015, 1, 1), Decimal(0)),),
    ),
    VATRule(
        vat_id="turned",
        categories=frozenset(RATES),
        zones=frozenset({"reverse"}),
        rates=((date(2015, 1, 1), Decimal(25)),),
        reverse=True,
    ),
)
GOLDEN = documents()
named = pytest.mark.parametrize("golden", GOLDEN, ids=[item.name for item in GOLDEN])


def test_there_are_thirty_documents() -> None:
    assert len(GOLDEN) >= 30


@named
def test_forecast_gives_the_totals_of_each_way_of_rounding(golden: Golden) -> None:
    found = _forecast(golden)

    assert [found.totals[way] for way in vat.Rounding] == list(golden.financials)
    assert {line.position + 1: line.expected_percent for line in found.differing} == (
        golden.refused if golden.refused else _tolerated(golden)
    )


@named
def test_forecast_refuses_only_what_no_way_of_rounding_explains(golden: Golden) -> None:
    found = _forecast(golden)
    rounds = golden.flag("severa_rounds")

    agrees = found.agrees_with(
        golden.total, exact=golden.net + golden.vat if rounds else None, rounds=rounds
    )

    assert agrees is (not golden.is_refused or golden.flag("drafted"))


@named
@pytest.mark.parametrize("way", ["line", "vat_id", "document"])
def test_ledger_gives_the_same_totals(golden: Golden, way: str) -> None:
    class Company:
        class assume:
            vat_rounding = way

    amounts = [
        (
            Rate(vat_id=f"{row.item}", description="", percent=_rate(golden, row.item)),
            cents(row.quantity * row.price),
        )
        for row in golden.rows
    ]

    found = taxes(Company, amounts)  # type: ignore[arg-type]

    total = sum((amount for _, amount in amounts), Decimal(0))
    total += sum((tax.amount for tax in found), Decimal(0))
    assert total == golden.financials[golden.ways.index(way)]


def _rate(golden: Golden, item: str) -> Decimal:
    return RATES[item] if golden.zone == "home" else Decimal(0)


def _forecast(golden: Golden) -> vat.Forecast:
    lines = [
        vat.Line(
            position=place,
            net=row.quantity * row.price,
            percent=row.percent,
            category=row.item,
        )
        for place, row in enumerate(golden.rows)
    ]
    return vat.forecast(lines, rules=RULES, zone=golden.zone, day=DAY)


def _tolerated(golden: Golden) -> dict[int, Decimal]:
    """Rows whose wrong rate costs at most 0.05."""
    return {
        place: _rate(golden, row.item)
        for place, row in enumerate(golden.rows, start=1)
        if (row.percent or 0) != _rate(golden, row.item)
    }
