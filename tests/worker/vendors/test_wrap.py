"""Bodies of Financials: wrapped on the way out, plain on the way in."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import money
from worker.vendors.financials import UnknownField, shapes, unwrap, wrap

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-1000, max_value=1000),
)
LINES = st.fixed_dictionaries(
    {"operation": st.sampled_from(["Insert", "Update", "Delete"])},
    optional={name: SCALARS for name in ("inventoryNumber", "quantity", "unitPriceInCurrency")},
)
INVOICES = st.fixed_dictionaries(
    {},
    optional={
        "customerNumber": SCALARS,
        "hold": st.booleans(),
        "exchangeRate": SCALARS,
        "invoiceLines": st.lists(LINES, max_size=3),
        "billingAddress": st.fixed_dictionaries({"city": SCALARS}),
    },
)


class TestWrap:
    @given(INVOICES)
    def test_is_undone_by_unwrap(self, body: dict[str, Any]) -> None:
        assert unwrap(wrap(body, shapes.INVOICE)) == body

    @given(INVOICES)
    def test_leaves_lists_and_row_operations_bare(self, body: dict[str, Any]) -> None:
        rows = wrap(body, shapes.INVOICE).get("invoiceLines", [])

        assert isinstance(rows, list)
        assert all(isinstance(row["operation"], str) for row in rows)

    def test_follows_the_marks_of_a_customer(self) -> None:
        body = {"name": "Acme", "overrideWithClassValues": True, "mainAddress": {"city": "Oslo"}}

        assert wrap(body, shapes.CUSTOMER) == {
            "name": {"value": "Acme"},
            "overrideWithClassValues": True,
            "mainAddress": {"value": {"city": {"value": "Oslo"}}},
        }

    def test_leaves_the_visibility_of_a_project_unwrapped(self) -> None:
        body = {"visibility": {"visibleInAr": True}}

        assert wrap(body, shapes.PROJECT) == {"visibility": {"visibleInAr": {"value": True}}}

    def test_leaves_segments_bare(self) -> None:
        line = {"operation": "Insert", "subaccount": [{"segmentId": 1, "segmentValue": "0"}]}

        assert wrap(line, shapes.INVOICE_LINE) == line

    def test_clears_with_null(self) -> None:
        line = {"vatCodeId": None}

        assert wrap(line, shapes.INVOICE_LINE) == {"vatCodeId": {"value": None}}

    def test_refuses_a_name_that_would_be_dropped_in_silence(self) -> None:
        with pytest.raises(UnknownField, match="customerNo"):
            wrap({"customerNo": "1"}, shapes.INVOICE)

    def test_keeps_every_digit_on_the_wire(self) -> None:
        text = money.dumps(wrap({"exchangeRate": Decimal("10.123400")}, shapes.INVOICE))

        assert text == '{"exchangeRate":{"value":10.123400}}'


class TestUnwrap:
    def test_leaves_records_that_merely_have_a_value(self) -> None:
        row = {"attributes": [{"id": "A", "value": "1"}]}

        assert unwrap(row) == row
