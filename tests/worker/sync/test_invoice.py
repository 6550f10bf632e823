"""Invoices from Severa into the books and back: numbered, refused, retried."""

from decimal import Decimal

from schema.models import Change, Invoice, InvoiceRow, NumberEntry
from schema.words import AttemptState, InvoiceKind, InvoiceState, NumberOutcome, Role
from tests.worker.pair import CREATE, Pair


async def wrong_rows(invoice: Invoice) -> list[InvoiceRow]:
    """Return the rows whose VAT percentage is not the one of Financials."""
    rows = await InvoiceRow.filter(invoice_id=invoice.id)
    return [row for row in rows if row.vat_percent != row.expected_vat_percent]


async def correct(pair: Pair, invoice: Invoice) -> None:
    """Correct the VAT percentages in Severa as a person does."""
    for row in await wrong_rows(invoice):
        answer = pair.world.severa.organizations[0]
        stored = answer.need("invoicerows", row.severa_id)
        assert stored["vatRate"] == row.vat_percent
        await pair.control(
            "/edit",
            {
                "side": "SEVERA",
                "entity": "invoicerows",
                "id": row.severa_id,
                "fields": {"vatRate": row.expected_vat_percent},
            },
        )


class TestHappyPath:
    async def test_ends_numbered_in_both_systems(self, pair: Pair) -> None:
        """R59, R65 to R68, R132 to R135; no number before the transfer."""
        [guid] = await pair.bill()

        await pair.sync()

        invoice = await pair.invoice(guid)
        severa = pair.severa_invoice(guid)
        assert invoice.state is InvoiceState.NUMBERED
        assert str(severa["number"]) == invoice.number
        assert severa["referenceNumber"] == invoice.reference_number
        assert invoice.severa_role is Role.SUCCESS

    async def test_writes_number_reference_and_status_in_one_patch(self, pair: Pair) -> None:
        """R68, Q51."""
        [guid] = await pair.bill()

        await pair.sync()

        [patch] = await pair.requests("PATCH /v1/invoices/{guid}")
        assert guid in patch["path"]
        paths = [step["path"] for step in patch["body"]]
        assert paths == ["/number", "/referenceNumber", "/status/guid"]

    async def test_sends_one_document_with_our_mark_and_the_constants(self, pair: Pair) -> None:
        """R9, R60, R212, Q22, Q44, Q52: Severa sends it to the customer, nobody else does."""
        [guid] = await pair.bill()

        await pair.sync()

        [sent] = await pair.requests(CREATE)
        body = sent["body"]
        assert body["sendToAutoInvoice"] == {"value": False}
        assert body["dontPrint"] == body["dontEmail"] == {"value": True}
        assert body["note"] == {"value": f"Severa {guid}"}
        assert all(row["taskId"] == {"value": "10"} for row in body["invoiceLines"])  # R221

    async def test_keeps_the_difference_of_the_totals(self, pair: Pair) -> None:
        [guid] = await pair.bill()

        await pair.sync()

        invoice = await pair.invoice(guid)
        assert invoice.financials_total == invoice.total_including_vat
        assert invoice.accepted_difference == 0

    async def test_tells_its_way_in_the_journal(self, pair: Pair) -> None:
        [guid] = await pair.bill()

        await pair.sync()

        invoice = await pair.invoice(guid)
        kinds = [row.kind for row in await Change.filter(record_id=invoice.id).order_by("id")]
        wanted = ["created", "checked", "drafted", "compared", "release_asked", "released"]
        way = [kind for kind in kinds if kind.removeprefix("invoice.") in {*wanted, "numbered"}]
        assert way == [f"invoice.{word}" for word in [*wanted, "numbered"]]

    async def test_enters_the_number_into_the_ledger(self, pair: Pair) -> None:
        [guid] = await pair.bill()

        await pair.sync()

        invoice = await pair.invoice(guid)
        entry = await NumberEntry.get(number=invoice.number)
        assert entry.outcome is NumberOutcome.USED
        assert entry.invoice_id == invoice.id

    async def test_takes_many_with_credit_notes(self, pair: Pair) -> None:
        guids = await pair.bill(6, creditNotes=2)

        await pair.sync()

        states = [(await pair.invoice(guid)).state for guid in guids]
        done = {InvoiceState.NUMBERED, InvoiceState.PARTIALLY_PAID, InvoiceState.PAID}
        assert set(states) <= done
        summary = await pair.summary()
        assert summary["numbers"]["missing"] == []
        assert summary["numbers"]["deleted"] == []

    async def test_is_safe_to_run_again(self, pair: Pair) -> None:
        await pair.bill(3)
        await pair.sync()
        before = pair.writes()

        await pair.sync()
        await pair.sync(full=True)

        assert pair.writes() == before


class TestCreditNote:
    async def test_of_a_new_invoice_is_applied_to_it(self, pair: Pair) -> None:
        """Q40, Q49."""
        [guid] = await pair.bill()
        await pair.sync()
        note_guid = (await pair.control("/severa/reimburse", {"invoiceGuid": guid}))["guid"]

        await pair.sync()
        await pair.sync()

        note, original = await pair.invoice(note_guid), await pair.invoice(guid)
        assert note.kind is InvoiceKind.CREDIT_NOTE
        assert (note.balance, original.balance) == (0, 0)
        assert original.credited_amount == original.total_including_vat
        assert original.paid_amount == 0
        assert "credit_not_applied" not in await pair.open_issues()

    async def test_goes_to_its_own_endpoint_with_positive_figures(self, pair: Pair) -> None:
        """Q22, Q40, R212."""
        [guid] = await pair.bill()
        await pair.sync()
        await pair.control("/severa/reimburse", {"invoiceGuid": guid})

        await pair.sync()

        [sent] = await pair.requests("POST /v2/customerCreditNote")
        body = sent["body"]
        assert body["sendToAutoInvoice"] == {"value": False}
        assert all(Decimal(row["quantity"]["value"]) > 0 for row in body["lines"])
        number = (await pair.invoice(guid)).number
        assert f"Credits invoice {number}" in body["invoiceText"]["value"]

    async def test_is_negative_in_our_model(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.sync()
        note_guid = (await pair.control("/severa/reimburse", {"invoiceGuid": guid}))["guid"]

        await pair.sync()

        note = await pair.invoice(note_guid)
        assert note.total_including_vat < 0
        assert note.financials_total == note.total_including_vat


class TestVatMismatch:
    async def test_is_refused_before_anything_is_written(self, pair: Pair) -> None:
        """R74, R75, Q2."""
        [guid] = await pair.bill(mismatched=1)

        await pair.sync()

        invoice = await pair.invoice(guid)
        assert invoice.state is InvoiceState.FAILED
        assert await pair.requests(CREATE) == []
        assert invoice.severa_role is Role.FAILED
        assert (await pair.summary())["numbers"]["deleted"] == []

    async def test_is_an_issue_that_names_row_and_percentage(self, pair: Pair) -> None:
        """R151, Q32: the error log says what is wrong and what to do."""
        [guid] = await pair.bill(mismatched=1)

        await pair.sync()

        issue = (await pair.open_issues())["vat_mismatch"]
        [row] = await wrong_rows(await pair.invoice(guid))
        wanted = format(row.expected_vat_percent.normalize(), "f")
        assert f"Financials would use {wanted} %" in issue.cause
        assert f"row {row.position + 1}" in issue.cause
        assert f"row {row.position + 1} to {wanted} %" in issue.next_step

    async def test_is_booked_after_the_fix_and_a_retry(self, pair: Pair) -> None:
        """R77, Q56: success sets the success status directly."""
        [guid] = await pair.bill(mismatched=1)
        await pair.sync()
        await correct(pair, await pair.invoice(guid))

        await pair.retry(await pair.invoice(guid))

        invoice = await pair.invoice(guid)
        assert invoice.state is InvoiceState.NUMBERED
        assert invoice.severa_role is Role.SUCCESS
        assert "vat_mismatch" not in await pair.open_issues()

    async def test_is_booked_after_the_fix_and_a_new_transfer_status(self, pair: Pair) -> None:
        """R148."""
        [guid] = await pair.bill(mismatched=1)
        await pair.sync()
        await correct(pair, await pair.invoice(guid))
        await set_status(pair, guid, Role.TRANSFER)

        await pair.sync()

        assert (await pair.invoice(guid)).state is InvoiceState.NUMBERED

    async def test_is_not_tried_again_while_nothing_changed(self, pair: Pair) -> None:
        """Q56: no second draft while the content is unchanged, whatever the status."""
        [guid] = await pair.bill(mismatched=1)
        await pair.sync()
        await set_status(pair, guid, Role.TRANSFER)

        await pair.sync()

        invoice = await pair.invoice(guid)
        assert invoice.state is InvoiceState.FAILED
        assert invoice.severa_role is Role.FAILED
        assert await pair.requests(CREATE) == []


async def set_status(pair: Pair, guid: str, role: Role) -> None:
    """Give an invoice a status by hand in Severa."""
    await pair.integration.refresh_from_db()
    status = next(
        key for key, value in pair.integration.status_roles.items() if value == role.value
    )
    await pair.control(
        "/edit",
        {
            "side": "SEVERA",
            "entity": "invoices",
            "id": guid,
            "fields": {"status": {"guid": status}},
        },
    )


class TestUnexpectedTotal:
    async def test_of_a_draft_deletes_it(self, pair: Pair) -> None:
        """R145, Q1."""
        [guid] = await pair.bill()
        await pair.control("/financials/mismatch-next", {"cents": 6})

        await pair.sync()

        invoice = await pair.invoice(guid)
        assert invoice.state is InvoiceState.FAILED
        assert invoice.number is None
        assert invoice.severa_role is Role.FAILED
        summary = await pair.summary()
        assert summary["numbers"]["missing"] == []
        [number] = summary["numbers"]["deleted"]
        entry = await NumberEntry.get(number=number)
        assert entry.outcome is NumberOutcome.DELETED
        assert "totals_differ" in await pair.open_issues()

    async def test_of_five_cents_passes(self, pair: Pair) -> None:
        """Q2: exactly 0.05 passes."""
        [guid] = await pair.bill()
        await pair.control("/financials/mismatch-next", {"cents": 5})

        await pair.sync()

        invoice = await pair.invoice(guid)
        assert invoice.state is InvoiceState.NUMBERED
        assert invoice.accepted_difference == Decimal("-0.05")

    async def test_is_refused_again_only_when_something_changed(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.control("/financials/mismatch-next", {"cents": 6})
        await pair.sync()

        await pair.retry(await pair.invoice(guid))

        assert (await pair.invoice(guid)).state is InvoiceState.FAILED
        assert len(await pair.requests(CREATE)) == 1

    async def test_whose_draft_cannot_be_deleted_is_loud(self, pair: Pair) -> None:
        """Q1: an orphan is its own state, retried and never forgotten."""
        [guid] = await pair.bill()
        await pair.control("/financials/mismatch-next", {"cents": 6})
        await pair.fault("error_400", "DELETE /v1/customerinvoice/{invoiceNumber}", times=1)
        await pair.sync()
        orphan = await pair.invoice(guid)
        issues = await pair.open_issues()

        await pair.sync()

        assert orphan.state is InvoiceState.ORPHANED
        assert orphan.severa_role is Role.FAILED
        assert {"draft_not_deleted", "totals_differ"} <= set(issues)
        healed = await pair.invoice(guid)
        assert healed.state is InvoiceState.FAILED
        assert healed.number is None


class TestAttempts:
    async def test_are_all_settled_at_the_end(self, pair: Pair) -> None:
        [guid] = await pair.bill()

        await pair.sync()

        invoice = await pair.invoice(guid)
        attempts = await pair.attempts(invoice.id)
        assert {attempt.state for attempt in attempts} == {AttemptState.SUCCEEDED}
        assert [attempt.purpose for attempt in attempts] == [
            "invoice.create",
            "invoice.unhold",
            "invoice.release",
            "invoice.number",
        ]
