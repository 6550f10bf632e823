"""Files of invoices go to Financials when that is chosen (R72, R213, Q23, Q50)."""

import asyncio
from typing import Any

import pytest

from sandbox.financials import control
from sandbox.financials.rows import DocumentRow
from sandbox.severa.file import add_file
from schema.models import Attachment, Attempt, Integration
from schema.words import AttemptState, InvoiceState
from tests.worker.pair import Pair
from worker import faultpoint

UPLOAD = "POST /v1/customerinvoice/{invoiceNumber}/attachment"
BOOKED = (InvoiceState.NUMBERED, InvoiceState.SENT)
ONE, TWO = b"%PDF-1.4 one", b"%PDF-1.4 two"


async def options(pair: Pair, **more: Any) -> None:
    """Choose settings of the integration."""
    integration = await Integration.get(id=pair.integration.id)
    integration.options = {**integration.options, **more}
    await integration.save()


async def billed(pair: Pair, **files: bytes) -> str:
    """Make an invoice with files in Severa; returns its guid."""
    guid = (await pair.bill())[0]
    for name, content in files.items():
        add_file(
            pair.world.severa.organizations[0],
            table="invoicefiles",
            owner=pair.severa_invoice(guid),
            name=f"{name}.pdf",
            content=content,
            media_type="application/pdf",
        )
    return guid


async def document(pair: Pair, guid: str) -> DocumentRow:
    """Return the one document of an invoice."""
    ledger = control.own(pair.world, pair.world.companies[0])
    mark = f"Severa {guid}"
    found = [row for row in ledger.documents if row.dto.get("note") == mark]
    assert len(found) == 1
    return found[0]


def content(pair: Pair, row: DocumentRow) -> dict[str, list[bytes]]:
    """Return the revisions of what is attached, by name."""
    ledger = control.own(pair.world, pair.world.companies[0])
    return {shown["name"]: ledger.files[shown["id"]].revisions for shown in row.attachments}


class TestAttachments:
    async def test_stay_in_severa_by_default(self, pair: Pair) -> None:
        guid = await billed(pair, one=ONE)
        await pair.sync()
        assert content(pair, await document(pair, guid)) == {}

    async def test_come_along_before_the_release(self, pair: Pair) -> None:
        await options(pair, attachments=True)
        await pair.control("/assume", {"attach_after_release": False})
        guid = await billed(pair, one=ONE, two=TWO)
        await pair.sync()
        row = await document(pair, guid)
        assert content(pair, row) == {"one.pdf": [ONE], "two.pdf": [TWO]}
        assert (await pair.invoice(guid)).state in BOOKED
        stored = await Attachment.all().order_by("name")
        assert [item.target_id for item in stored] == [shown["id"] for shown in row.attachments]

    async def test_two_of_one_name_stay_two(self, pair: Pair) -> None:
        """The same name again would be a revision of the first."""
        await options(pair, attachments=True)
        guid = await billed(pair, one=ONE)
        add_file(
            pair.world.severa.organizations[0],
            table="invoicefiles",
            owner=pair.severa_invoice(guid),
            name="one.pdf",
            content=TWO,
            media_type="application/pdf",
        )
        await pair.sync()
        shown = content(pair, await document(pair, guid))
        assert shown == {"one.pdf": [ONE], "one (2).pdf": [TWO]}

    async def test_a_refusal_never_blocks(self, pair: Pair) -> None:
        await options(pair, attachments=True)
        guid = await billed(pair, one=ONE, two=TWO)
        await pair.fault("error_400", UPLOAD)
        await pair.sync()
        assert content(pair, await document(pair, guid)) == {"two.pdf": [TWO]}
        assert (await pair.invoice(guid)).state in BOOKED
        assert "one.pdf" in (await pair.open_issues())["file_refused"].cause

    @pytest.mark.parametrize("kind", ["timeout_after_write", "late_write", "error_503"])
    async def test_doubt_is_looked_up(self, pair: Pair, kind: str) -> None:
        await options(pair, attachments=True)
        guid = await billed(pair, one=ONE)
        await pair.fault(kind, UPLOAD, delay=0.05)
        await pair.sync()
        await pair.sync()
        assert content(pair, await document(pair, guid)) == {"one.pdf": [ONE]}
        assert (await pair.invoice(guid)).state in BOOKED
        assert not await Attempt.exists(state__in=[AttemptState.OPEN, AttemptState.UNCERTAIN])

    async def test_a_crash_after_the_upload_repeats_nothing(self, pair: Pair) -> None:
        await options(pair, attachments=True)
        guid = await billed(pair, one=ONE)

        async def crash() -> None:
            faultpoint.disarm()
            raise RuntimeError("crashed")

        faultpoint.arm("invoice.attach.after", crash)
        await pair.sync()
        await Attempt.filter(state=AttemptState.OPEN).update(look_after=None)
        await pair.sync()
        await pair.sync()
        assert content(pair, await document(pair, guid)) == {"one.pdf": [ONE]}
        assert (await pair.invoice(guid)).state in BOOKED


class TestPDF:
    async def test_follows_the_numbering(self, pair: Pair) -> None:
        await options(pair, pdf_after_release=True)
        guid = await billed(pair, one=ONE)
        await pair.sync()
        row = await document(pair, guid)
        shown = content(pair, row)
        assert list(shown) == [f"invoice-{row.number}.pdf"]
        assert row.number.encode() in shown[f"invoice-{row.number}.pdf"][0]
        before = pair.writes()
        await pair.sync()
        assert pair.writes() == before

    async def test_a_refusal_never_blocks(self, pair: Pair) -> None:
        await options(pair, pdf_after_release=True)
        await pair.control("/assume", {"attach_after_release": False})
        guid = await billed(pair)
        await pair.sync()
        invoice = await pair.invoice(guid)
        assert invoice.state in BOOKED
        assert "released" in (await pair.open_issues())["file_refused"].cause
        before = pair.writes()
        await pair.sync()
        assert pair.writes() == before

    @pytest.mark.parametrize("kind", ["timeout_after_write", "late_write", "error_503"])
    async def test_doubt_is_looked_up(self, pair: Pair, kind: str) -> None:
        await options(pair, pdf_after_release=True)
        guid = await billed(pair)
        await pair.fault(kind, UPLOAD, delay=0.05)
        await pair.sync()
        assert (await pair.invoice(guid)).state in BOOKED
        for _ in range(3):
            await asyncio.sleep(pair.settings.execution_limit.total_seconds() + 0.1)
            await pair.sync()
        shown = content(pair, await document(pair, guid))
        assert [len(revisions) for revisions in shown.values()] == [1]
        assert not await Attempt.exists(state__in=[AttemptState.OPEN, AttemptState.UNCERTAIN])

    async def test_credit_notes_have_one_too(self, pair: Pair) -> None:
        await options(pair, pdf_after_release=True)
        guids = await pair.bill(1, creditNotes=1)
        await pair.sync()
        await pair.sync()
        names = [name for guid in guids for name in content(pair, await document(pair, guid))]
        assert [name.rsplit("-", 1)[0] for name in names] == ["invoice", "credit-note"]
