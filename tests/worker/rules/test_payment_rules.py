"""Payments back to Severa, partial and full, forwards and backwards (R63, R71, Q30, Q31, Q45)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.financials import payment as payments
from sandbox.financials.rows import DocumentRow, PaymentRow
from sandbox.severa.table import Record
from schema.models import Payment, PaymentApplication
from schema.words import InvoiceState, Role
from tests.worker.rules.house import House, Row

PATCH = "PATCH /v1/invoices/{guid}"


async def booked(house: House, **more: Any) -> tuple[Record, DocumentRow]:
    """Carry an invoice into the books."""
    invoice = house.invoice(**more)
    record = await house.carry(invoice)
    assert record.numbered_at is not None, await house.issues()
    return invoice, house.document(invoice)


def pay(
    house: House, parts: list[tuple[DocumentRow, str]], *, on: str | None = None, **more: Any
) -> PaymentRow:
    """Pay parts of several documents with one payment, released at once."""
    total = sum((Decimal(amount) for _, amount in parts), Decimal(0))
    made = payments.create(
        house.ledger,
        {
            "customer": parts[0][0].customer.key,
            "currency": parts[0][0].dto["currencyId"],
            "paymentAmount": Decimal(more.pop("amount", total)),
            "hold": False,
            **({"applicationDate": on} if on else {}),
            "paymentLines": [
                {"documentType": row.kind, "refNbr": row.number, "amountPaid": Decimal(amount)}
                | more
                for row, amount in parts
            ],
        },
    )
    payments.release(house.ledger, made)
    return made


class TestForward:
    async def test_part(self, house: House) -> None:
        invoice, document = await booked(house)
        pay(house, [(document, "50")])
        await house.payments()
        record = await house.record(invoice)
        assert house.role(invoice) is Role.PARTIALLY_PAID
        assert record.state is InvoiceState.PARTIALLY_PAID
        assert record.paid_amount == 50
        assert record.balance == document.total - 50
        assert invoice["paymentDate"] is None

    async def test_two_parts_close_it_on_the_day_of_the_last(self, house: House) -> None:
        invoice, document = await booked(house)
        today = house.org.now().date()
        pay(house, [(document, "50")], on=f"{today - timedelta(days=3)}")
        await house.payments()
        pay(house, [(document, str(document.balance))], on=f"{today - timedelta(days=1)}")
        await house.payments()
        assert house.role(invoice) is Role.PAID
        assert invoice["paymentDate"] == today - timedelta(days=1)
        record = await house.record(invoice)
        assert record.role_before_payment is Role.SUCCESS

    async def test_two_documents_in_one_payment(self, house: House) -> None:
        one, first = await booked(house)
        two, second = await booked(house)
        made = pay(house, [(first, str(first.total)), (second, "10")])
        await house.payments()
        assert house.role(one) is Role.PAID
        assert house.role(two) is Role.PARTIALLY_PAID
        record = await Payment.get(number=made.number)
        assert record.amount == first.total + 10
        parts = await PaymentApplication.filter(payment_id=record.id)
        assert sorted(part.amount for part in parts) == [10, first.total]

    async def test_overpaid_is_paid(self, house: House) -> None:
        invoice, document = await booked(house)
        pay(house, [(document, str(document.total))], amount=str(document.total + 100))
        await house.payments()
        record = await house.record(invoice)
        assert house.role(invoice) is Role.PAID
        assert record.paid_amount == document.total

    async def test_write_off_is_kept_apart(self, house: House) -> None:
        invoice, document = await booked(house)
        paid = document.total - Decimal("0.40")
        pay(house, [(document, str(paid))], balanceWriteOff=Decimal("0.40"))
        await house.payments()
        record = await house.record(invoice)
        assert record.state is InvoiceState.PAID
        assert record.paid_amount == paid
        assert record.written_off_amount == Decimal("0.40")
        assert record.credited_amount == 0

    async def test_credited_in_part_and_paid_for_the_rest(self, house: House) -> None:
        invoice, document = await booked(house)
        note = house.invoice([Row(price="40", quantity="-1")], isCreditNote=True)
        house.org.update("invoices", note, {"reimburseInvoice": invoice["guid"]})
        await house.carry(note)
        await house.payments()
        record = await house.record(invoice)
        assert record.state is InvoiceState.PARTIALLY_PAID
        assert (record.credited_amount, record.paid_amount) == (50, 0)
        pay(house, [(document, str(document.balance))])
        await house.payments()
        record = await house.record(invoice)
        assert record.state is InvoiceState.PAID
        assert (record.credited_amount, record.paid_amount) == (50, document.total - 50)

    async def test_amounts_of_the_invoice_are_never_touched(self, house: House) -> None:
        _, document = await booked(house)
        pay(house, [(document, "50")])
        before = len(house.sent(PATCH, side="severa"))
        await house.payments()
        (steps,) = house.sent(PATCH, side="severa")[before:]
        assert [step["path"] for step in steps] == ["/status/guid"]

    async def test_nothing_is_told_twice(self, house: House) -> None:
        _, document = await booked(house)
        pay(house, [(document, "50")])
        await house.payments()
        before = len(house.sent(PATCH, side="severa"))
        for _ in range(2):
            await house.payments()
        assert len(house.sent(PATCH, side="severa")) == before

    async def test_foreign_payments_are_left_alone(self, house: House) -> None:
        other = next(row for row in house.ledger.documents if row.status == "Open")
        pay(house, [(other, "1")])
        await house.payments()
        assert await Payment.all().count() == 0


class TestBackwards:
    async def test_paid_to_partially_paid_to_sent(self, house: House) -> None:
        invoice, document = await booked(house)
        house.set_role(invoice, Role.SENT)
        await house.sync("INVOICE")
        first = pay(house, [(document, "50")])
        second = pay(house, [(document, str(document.balance))])
        await house.payments()
        assert house.role(invoice) is Role.PAID

        payments.void(house.ledger, second)
        await house.payments()
        assert house.role(invoice) is Role.PARTIALLY_PAID
        assert invoice["paymentDate"] is None
        issue = (await house.issues(invoice))["payment_backwards"]
        assert document.number in issue.cause

        payments.void(house.ledger, first)
        await house.payments()
        assert house.role(invoice) is Role.SENT
        record = await house.record(invoice)
        assert record.paid_amount == 0
        assert record.balance == document.total

    async def test_it_does_not_matter_which_one_is_voided(self, house: House) -> None:
        invoice, document = await booked(house)
        first = pay(house, [(document, "50")])
        pay(house, [(document, str(document.balance))])
        await house.payments()
        payments.void(house.ledger, first)
        await house.payments()
        assert house.role(invoice) is Role.PARTIALLY_PAID
        assert (await house.record(invoice)).paid_amount == document.total - 50

    async def test_voided_and_paid_again_between_two_looks_is_no_news(self, house: House) -> None:
        invoice, document = await booked(house)
        first = pay(house, [(document, str(document.total))])
        await house.payments()
        payments.void(house.ledger, first)
        pay(house, [(document, str(document.total))])
        await house.payments()
        assert house.role(invoice) is Role.PAID
        assert "payment_backwards" not in await house.issues(invoice)

    async def test_voided_payment_keeps_its_part(self, house: House) -> None:
        _, document = await booked(house)
        made = pay(house, [(document, "50")])
        await house.payments()
        payments.void(house.ledger, made)
        await house.payments()
        record = await Payment.get(number=made.number)
        assert record.voided
        (part,) = await PaymentApplication.filter(payment_id=record.id)
        assert part.amount == 50

    async def test_payment_moved_to_another_document(self, house: House) -> None:
        one, first = await booked(house)
        two, second = await booked(house)
        made = pay(house, [(first, "50")])
        await house.payments()
        payments.void(house.ledger, made)
        again = pay(house, [(second, "50")])
        await house.payments()
        assert house.role(one) is Role.SUCCESS
        assert house.role(two) is Role.PARTIALLY_PAID
        record = await Payment.get(number=again.number)
        (part,) = await PaymentApplication.filter(payment_id=record.id)
        assert part.invoice_id == (await house.record(two)).id

    async def test_lines_moved_on_the_same_payment(self, house: House) -> None:
        _, first = await booked(house)
        two, second = await booked(house)
        made = pay(house, [(first, "50")])
        await house.payments()
        made.dto["paymentLines"][0]["refNbr"] = second.number
        house.ledger.touch(house.ledger.payments, made)
        await house.payments()
        record = await Payment.get(number=made.number)
        (part,) = await PaymentApplication.filter(payment_id=record.id)
        assert part.invoice_id == (await house.record(two)).id


class TestDaily:
    async def test_payment_that_touches_nothing_is_seen_within_a_day(self, house: House) -> None:
        house.world.assume.payment_touches_invoice = False
        invoice, document = await booked(house)
        house.forward(hours=2)
        await booked(house)
        await house.payments()
        house.pay(document)
        await house.payments()
        assert house.role(invoice) is Role.SUCCESS
        house.forward(hours=25)
        await house.payments()
        assert house.role(invoice) is Role.PAID

    async def test_void_that_touches_nothing_is_seen_within_a_day(self, house: House) -> None:
        invoice, document = await booked(house)
        made = pay(house, [(document, str(document.total))])
        await house.payments()
        house.world.assume.payment_touches_invoice = False
        payments.void(house.ledger, made)
        house.forward(hours=25)
        await house.payments()
        assert house.role(invoice) is Role.SUCCESS

    async def test_deleted_document_is_noticed(self, house: House) -> None:
        invoice, document = await booked(house)
        await house.payments()
        house.act("delete", entity="customerinvoice", id=document.number)
        house.forward(hours=25)
        await house.payments()
        assert (await house.record(invoice)).state is InvoiceState.CANCELLED

    async def test_empty_list_concludes_nothing(self, house: House) -> None:
        invoice, _ = await booked(house)
        await house.payments()
        house.forward(hours=25)
        house.fault("financials", "GET /v1/customerdocument", "empty_list", times=2)
        await house.payments()
        assert (await house.record(invoice)).state is InvoiceState.NUMBERED


class TestSeveraRefuses:
    async def test_one_invoice_holds_no_other_up(self, house: House) -> None:
        one, first = await booked(house)
        two, second = await booked(house)
        house.pay(first)
        house.pay(second)
        house.fault("severa", PATCH, "error_400")
        await house.payments()
        roles = {house.role(one), house.role(two)}
        assert roles == {Role.SUCCESS, Role.PAID}
        await house.payments()
        assert house.role(one) is house.role(two) is Role.PAID
        assert await house.issues(one) == {}
        assert await house.issues(two) == {}

    async def test_doubt_is_looked_up_before_more_is_told(self, house: House) -> None:
        invoice, document = await booked(house)
        house.pay(document)
        house.fault("severa", PATCH, "timeout_before_write")
        await house.payments()
        assert house.role(invoice) is Role.SUCCESS
        house.forward(minutes=10)
        await house.payments()
        assert house.role(invoice) is Role.PAID


class TestStart:
    async def test_payment_before_the_start_is_not_taken_over(self, house: House) -> None:
        invoice, document = await booked(house)
        today = house.org.now().date()
        house.ctx.integration.start_from = today
        await house.ctx.integration.save()
        pay(house, [(document, "50")], on=f"{today - timedelta(days=2)}")
        await house.payments()
        assert await Payment.all().count() == 0
        assert (await house.record(invoice)).balance == document.total - 50


class TestCreditNotes:
    async def test_refunded_note_is_paid(self, house: House) -> None:
        note = house.invoice([Row(quantity="-1")], isCreditNote=True)
        record = await house.carry(note)
        assert record.state is InvoiceState.NUMBERED
        document = house.document(note)
        house.act(
            "edit",
            entity="customerCreditNote",
            id=document.number,
            fields={"balanceInCurrency": Decimal(0), "balance": Decimal(0), "status": "Closed"},
        )
        await house.payments()
        record = await house.record(note)
        assert record.state is InvoiceState.PAID
        assert record.paid_amount == -document.total
        assert record.balance == 0
