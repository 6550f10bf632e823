"""New numbers for Severa's customers at take-over, over temporary ones where two trade places."""

import csv
import io

import pytest

from schema.clock import utc_now
from schema.models import Attempt, Customer
from schema.words import AttemptState, SyncState
from tests.worker.pair import Pair
from tests.worker.rules.people import new_ledger_customer, quiet_sync, severa_rows, severa_writes
from worker import faultpoint
from worker.sync.rules.customer_number import renumber_csv
from worker.vendors.severa import operations as severa

NAMES = ("Bytte A", "Bytte B", "Bytte C")


class Broken(Exception):
    """The worker stops in the middle of it."""


async def stop() -> None:
    """Break off."""
    raise Broken


async def trade_places(pair: Pair) -> dict[str, str]:
    """Give three customers in Severa each the number of the next; returns the right ones."""
    numbers = {name: await new_ledger_customer(pair, name) for name in NAMES}
    for name, neighbour in zip(NAMES, (*NAMES[1:], NAMES[0]), strict=True):
        body = {"name": name, "number": int(numbers[neighbour])}
        await severa_writes(pair, severa.CUSTOMER_CREATE, body)
    return numbers


def in_severa(pair: Pair) -> dict[str, str]:
    """Return the numbers that the three have in Severa."""
    return {name: str(severa_rows(pair, "customers", name=name)[0]["number"]) for name in NAMES}


class TestRenumbering:
    async def test_in_a_circle_ends_with_the_numbers_of_financials(self, pair: Pair) -> None:
        """R7, R47, Q14, Q15."""
        numbers = await trade_places(pair)

        await pair.sync()

        assert in_severa(pair) == numbers
        found = await Customer.filter(name__in=NAMES)
        assert {item.name: item.number for item in found} == numbers
        assert {item.sync_state for item in found} == {SyncState.IN_SYNC}
        assert await quiet_sync(pair) == {}

    @pytest.mark.parametrize("place", ["customer.park", "customer.update"])
    @pytest.mark.parametrize("moment", faultpoint.PLACES)
    async def test_goes_on_where_it_was_broken_off(
        self, pair: Pair, place: str, moment: str
    ) -> None:
        """Q14: resumable, whatever had been done."""
        numbers = await trade_places(pair)
        faultpoint.once(f"{place}.{moment}", stop)

        await pair.sync()
        # The longest that the call could have taken is over.
        await Attempt.filter(state=AttemptState.OPEN).update(look_after=utc_now())
        await pair.sync()

        assert in_severa(pair) == numbers
        assert await quiet_sync(pair) == {}

    async def test_is_told_as_a_list_of_old_and_new_numbers(self, pair: Pair) -> None:
        """Q14."""
        numbers = await trade_places(pair)
        before = in_severa(pair)

        await pair.sync()

        told = csv.DictReader(io.StringIO(await renumber_csv(pair.integration.id)))
        rows = {row["customer"]: (row["old number"], row["new number"]) for row in told}
        assert {name: rows[name] for name in NAMES} == {
            name: (before[name], numbers[name]) for name in NAMES
        }
