"""The way of one invoice."""

from schema.words import InvoiceState, Role
from tests.worker.rules.house import House


class TestWay:
    async def test_invoice_is_booked_and_numbered(self, house: House) -> None:
        invoice = house.invoice()

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert house.role(invoice) is Role.SUCCESS
        assert str(invoice["number"]) == house.document(invoice).number
