"""The document that is written for an invoice or credit note, to the letter."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schema.money import dumps
from schema.words import InvoiceKind
from worker.mapping.invoice import (
    Header,
    Line,
    carries,
    document,
    invoice_text,
    mark_of,
    rate_to_send,
    turned,
)
from worker.vendors.financials import shapes, wrap

HEADER = Header(
    kind=InvoiceKind.INVOICE,
    mark="Severa 8f14e45f",
    customer_number="10017",
    document_date=date(2026, 11, 24),
    due_date=date(2026, 12, 8),
    terms_id="14",
    currency="NOK",
    exchange_rate=None,
    our_reference="Kari",
    your_reference="PO 7",
    order_number="SO1-1",
    billing_contact="Ola",
    notes="Hours are in the appendix.",
    text_above="Thank you.",
    text_below="Best regards",
    project="1001",
    with_task=True,
    branch="2",
    location="MAIN",
    contact_id=77,
)
LINE = Line(
    item="CONS",
    description="Consulting",
    quantity=Decimal("7.5"),
    unit_price=Decimal("1200.00"),
    unit="HOUR",
    branch="2",
)
CREDIT = replace(HEADER, kind=InvoiceKind.CREDIT_NOTE, credits_number="50001")
KINDS = pytest.mark.parametrize("header", [HEADER, CREDIT], ids=["invoice", "credit note"])
SHAPES = {InvoiceKind.INVOICE: shapes.INVOICE, InvoiceKind.CREDIT_NOTE: shapes.CREDIT_NOTE}


def on_the_wire(header: Header, *lines: Line) -> dict[str, Any]:
    """Return the wrapped body of a document."""
    body = document(header, lines or (LINE,))
    wrapped: dict[str, Any] = wrap(body, SHAPES[header.kind])
    return wrapped


def rows_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of either kind of document."""
    rows: list[dict[str, Any]] = body.get("invoiceLines") or body["lines"]
    return rows


class TestConstants:
    @KINDS
    def test_never_let_financials_send_to_autoinvoice(self, header: Header) -> None:
        """R212, Q22."""
        assert on_the_wire(header)["sendToAutoInvoice"] == {"value": False}

    @KINDS
    def test_never_let_financials_print_or_mail(self, header: Header) -> None:
        """Q52."""
        body = on_the_wire(header)

        assert body["dontPrint"] == body["dontEmail"] == {"value": True}

    @KINDS
    def test_create_on_hold(self, header: Header) -> None:
        """Q1: nothing is released before the comparison."""
        assert on_the_wire(header)["hold"] == {"value": True}

    @KINDS
    def test_put_task_ten_on_every_line(self, header: Header) -> None:
        """R221."""
        rows = rows_of(on_the_wire(header, LINE, LINE))

        assert [row["taskId"] for row in rows] == [{"value": "10"}, {"value": "10"}]

    @KINDS
    def test_leave_the_vat_to_financials(self, header: Header) -> None:
        """R147, Q2."""
        body = on_the_wire(header)

        [row] = rows_of(body)
        assert row["manualDiscount"] == {"value": True}
        assert "vatCodeId" not in row
        assert "taxDetailLines" not in body

    @KINDS
    def test_never_send_a_number_or_reference(self, header: Header) -> None:
        """Q17, R197, R198."""
        names = {"referenceNumber", "paymentReference", "paymentReferenceNumber"}

        assert not names & set(on_the_wire(header))


class TestHeader:
    @KINDS
    def test_carries_every_row_of_the_table(self, header: Header) -> None:
        body = document(header, [LINE])

        wanted = {
            "customerNumber": "10017",  # R193
            "locationId": "MAIN",  # R195
            "contact": 77,  # R196
            "documentDate": "2026-11-24T00:00:00",  # R199
            "externalReference": "PO 7",  # R202
            "customerRefNumber": "SO1-1",  # R203
            "currencyId": "NOK",  # R208
            "branchNumber": "2",  # R210
            "project": "1001",  # R211
            "note": "Severa 8f14e45f",  # Q44
        }
        assert {name: body[name] for name in wanted} == wanted

    def test_of_an_invoice_has_due_date_and_terms(self) -> None:
        """R200, R204."""
        body = document(HEADER, [LINE])

        assert (body["documentDueDate"], body["creditTermsId"]) == ("2026-12-08T00:00:00", "14")

    def test_of_a_credit_note_has_neither(self) -> None:
        body = document(CREDIT, [LINE])

        assert {"documentDueDate", "creditTermsId"}.isdisjoint(body)

    def test_leaves_out_what_is_empty(self) -> None:
        bare = replace(HEADER, your_reference=None, branch=None, contact_id=None, location=None)

        body = document(bare, [LINE])

        assert {"externalReference", "branchNumber", "contact", "locationId"}.isdisjoint(body)

    def test_without_project_has_no_task(self) -> None:
        """Q41."""
        body = document(replace(HEADER, project=None, with_task=False), [LINE])

        assert "project" not in body
        assert "taskId" not in body["invoiceLines"][0]

    def test_sends_a_rate_as_a_plain_number(self) -> None:
        """R209."""
        body = on_the_wire(replace(HEADER, currency="EUR", exchange_rate=Decimal("11.50000000")))

        assert '"exchangeRate":{"value":11.50000000}' in dumps(body)


class TestLine:
    @KINDS
    def test_carries_every_row_of_the_table(self, header: Header) -> None:
        """R214 to R220."""
        [row] = rows_of(on_the_wire(header))

        assert row["inventoryNumber"] == {"value": "CONS"}
        assert row["description"] == {"value": "Consulting"}
        assert row["quantity"] == {"value": Decimal("7.5")}
        assert row["unitPriceInCurrency"] == {"value": Decimal("1200.00")}
        assert row["uom"] == {"value": "HOUR"}
        assert row["branchNumber"] == {"value": "2"}
        assert "unitPrice" not in row

    def test_leaves_out_a_missing_unit(self) -> None:
        [row] = rows_of(on_the_wire(HEADER, replace(LINE, unit=None, branch=None)))

        assert {"uom", "branchNumber"}.isdisjoint(row)


class TestInvoiceText:
    """R201, R205 to R207, Q9, Q40."""

    def test_has_fixed_order_and_labels(self) -> None:
        assert invoice_text(CREDIT) == (
            "Our reference: Kari\n"
            "Billing contact: Ola\n"
            "Notes: Hours are in the appendix.\n"
            "Thank you.\n"
            "Best regards\n"
            "Credits invoice 50001"
        )

    def test_leaves_out_empty_parts(self) -> None:
        bare = replace(HEADER, our_reference="", billing_contact=None, notes=" ", text_above=None)

        assert invoice_text(bare) == "Best regards"

    def test_of_nothing_is_not_sent(self) -> None:
        bare = replace(
            HEADER,
            our_reference=None,
            billing_contact=None,
            notes=None,
            text_above=None,
            text_below=None,
        )

        assert invoice_text(bare) is None
        assert "invoiceText" not in document(bare, [LINE])

    def test_is_stable(self) -> None:
        assert document(HEADER, [LINE]) == document(HEADER, [LINE])


class TestMark:
    """Q44."""

    def test_is_a_line_of_its_own(self) -> None:
        mark = mark_of("8f14e45f")

        assert mark == "Severa 8f14e45f"
        assert carries(f"Checked by Kari\r\n  {mark}  \nThanks", mark)

    @pytest.mark.parametrize(
        "note", [None, "", "Severa 8f14", "Severa 8f14e45f0", "See Severa 8f14e45f"]
    )
    def test_is_not_found_in_anything_else(self, note: str | None) -> None:
        assert not carries(note, "Severa 8f14e45f")


class TestTurning:
    """Q40: positive figures at the credit note endpoint, every sign flips together."""

    @pytest.mark.parametrize(
        ("quantity", "price", "turned_quantity", "turned_price"),
        [
            ("-2", "100", "2", "100"),
            ("2", "-100", "2", "100"),
            ("2", "100", "2", "-100"),
            ("-2", "-100", "2", "-100"),
            ("0", "100", "0", "100"),
        ],
    )
    def test_keeps_the_opposite_amount(
        self, quantity: str, price: str, turned_quantity: str, turned_price: str
    ) -> None:
        found = turned(Decimal(quantity), Decimal(price))

        assert found == (Decimal(turned_quantity), Decimal(turned_price))
        assert found[0] * found[1] == -(Decimal(quantity) * Decimal(price))


class TestRate:
    """Q38."""

    def rate(self, rate: str, total: str, base: str | None) -> Decimal | None:
        return rate_to_send(
            rate=Decimal(rate),
            total=Decimal(total),
            base_total=None if base is None else Decimal(base),
            tolerance=Decimal("0.05"),
        )

    def test_is_home_currency_per_unit(self) -> None:
        assert self.rate("11.5", "100", "1150") == Decimal("11.5")

    def test_the_other_way_round_is_turned(self) -> None:
        assert self.rate("0.08", "100", "1250") == Decimal("12.5")

    def test_of_a_credit_note_is_the_same(self) -> None:
        assert self.rate("11.5", "-100", "-1150") == Decimal("11.5")

    @pytest.mark.parametrize(
        ("rate", "total", "base"),
        [
            ("11.5", "100", "900"),
            ("1", "100", "100"),
            ("0", "100", "1150"),
            ("11.5", "0", "0"),
            ("11.5", "100", None),
        ],
    )
    def test_that_does_not_fit_is_not_guessed(
        self, rate: str, total: str, base: str | None
    ) -> None:
        assert self.rate(rate, total, base) is None
