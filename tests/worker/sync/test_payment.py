"""Payments come back to Severa: in part, in full, and backwards when they are voided."""

from decimal import Decimal

from schema.models import Invoice, Payment, PaymentApplication
from schema.words import InvoiceState, Role
from tests.worker.pair import Pair


async def booked(pair: Pair) -> Invoice:
    """Bill one invoice and bring it into the books."""
    [guid] = await pair.bill()
    await pair.sync()
    invoice = await pair.invoice(guid)
    assert invoice.state is InvoiceState.NUMBERED
    return invoice


class TestPartialPayment:
    async def test_reaches_severa(self, pair: Pair) -> None:
        """R11, R63, R71, R138, R142."""
        invoice = await booked(pair)
        await pair.pay(str(invoice.number), Decimal("0.4"))

        await pair.sync()

        await invoice.refresh_from_db()
        assert invoice.state is InvoiceState.PARTIALLY_PAID
        assert invoice.severa_role is Role.PARTIALLY_PAID
        assert invoice.paid_amount == invoice.total_including_vat - (invoice.balance or 0)
        assert invoice.payment_date is None

    async def test_is_kept_with_the_part_of_our_invoice(self, pair: Pair) -> None:
        invoice = await booked(pair)
        await pair.pay(str(invoice.number), Decimal("0.4"))

        await pair.sync()

        part = await PaymentApplication.get(invoice_id=invoice.id)
        payment = await Payment.get(id=part.payment_id)
        await invoice.refresh_from_db()
        assert part.amount == payment.amount == invoice.paid_amount


class TestFullPayment:
    async def test_reaches_severa_with_its_day(self, pair: Pair) -> None:
        """R11, R71, R138, R142, Q30."""
        invoice = await booked(pair)
        await pair.pay(str(invoice.number))

        await pair.sync()

        await invoice.refresh_from_db()
        stored = pair.severa_invoice(str(invoice.severa_id))
        assert invoice.state is InvoiceState.PAID
        assert (invoice.severa_role, invoice.balance) == (Role.PAID, 0)
        assert stored["paymentDate"] == invoice.payment_date

    async def test_never_touches_amounts_or_number(self, pair: Pair) -> None:
        invoice = await booked(pair)
        await pair.pay(str(invoice.number))

        await pair.sync()

        patches = await pair.requests("PATCH /v1/invoices/{guid}")
        paths = {step["path"] for patch in patches[1:] for step in patch["body"]}
        assert paths == {"/status/guid", "/paymentDate"}

    async def test_in_two_parts_ends_paid(self, pair: Pair) -> None:
        invoice = await booked(pair)
        for share in (Decimal("0.4"), None):
            await pair.pay(str(invoice.number), share)
            await pair.sync()

        await invoice.refresh_from_db()
        assert invoice.state is InvoiceState.PAID
        assert await PaymentApplication.filter(invoice_id=invoice.id).count() == 2

    async def test_of_more_than_the_invoice_is_paid(self, pair: Pair) -> None:
        invoice = await booked(pair)
        await pair.pay(str(invoice.number), Decimal("1.5"))

        await pair.sync()

        await invoice.refresh_from_db()
        assert invoice.state is InvoiceState.PAID
        assert invoice.paid_amount == invoice.total_including_vat

    async def test_is_told_once(self, pair: Pair) -> None:
        invoice = await booked(pair)
        await pair.pay(str(invoice.number))
        await pair.sync()
        before = pair.writes()

        await pair.sync()
        await pair.sync(full=True)

        assert pair.writes() == before


class TestVoidedPayment:
    async def test_goes_back_to_the_role_before_the_first(self, pair: Pair) -> None:
        """Q30."""
        invoice = await booked(pair)
        await pair.pay(str(invoice.number))
        await pair.sync()
        await pair.control("/financials/void-payment", {"referenceNumber": invoice.number})

        await pair.sync()

        await invoice.refresh_from_db()
        assert invoice.severa_role is Role.SUCCESS
        assert invoice.balance == invoice.financials_total
        assert invoice.payment_date is None
        assert pair.severa_invoice(str(invoice.severa_id))["paymentDate"] is None
        assert "payment_backwards" in await pair.open_issues()

    async def test_of_two_goes_back_to_partially_paid(self, pair: Pair) -> None:
        invoice = await booked(pair)
        for share in (Decimal("0.4"), None):
            await pair.pay(str(invoice.number), share)
        await pair.sync()
        await pair.control("/financials/void-payment", {"referenceNumber": invoice.number})

        await pair.sync()

        await invoice.refresh_from_db()
        assert invoice.state is InvoiceState.PARTIALLY_PAID
        assert invoice.severa_role is Role.PARTIALLY_PAID

    async def test_stays_in_the_list(self, pair: Pair) -> None:
        invoice = await booked(pair)
        await pair.pay(str(invoice.number))
        await pair.sync()
        await pair.control("/financials/void-payment", {"referenceNumber": invoice.number})

        await pair.sync()

        [payment] = await Payment.filter(applications__invoice_id=invoice.id)
        assert payment.voided
