"""Every list and record of the fake Financials keeps to the vendor's document."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.financials_talk import Ledger, document, keeping_books

LISTS = [
    "/v1/organization",
    "/v1/branch",
    "/v1/currency",
    "/v2/currencyrate",
    "/v2/currencyratetype",
    "/v1/vat",
    "/v1/vatCategory",
    "/v1/vatZone",
    "/v1/creditTerm",
    "/v1/dimension",
    "/v1/numberSequence",
    "/v1/country",
    "/v1/paymentmethod",
    "/v1/financialPeriod",
    "/v1/account",
    "/v1/supplier",
    "/v1/firstTimeStartup/status",
    "/v1/customer",
    "/v1/customer/balance",
    "/v1/customer/customerClass",
    "/v1/contact",
    "/v1/location",
    "/v1/inventory",
    "/v1/inventory/itemClass",
    "/v1/inventory/itemPostClass",
    "/v1/unitofmeasure",
    "/v1/project",
    "/v1/project/tasks",
    "/v1/projectbasic",
    "/v1/projecttask",
    "/v1/customerinvoice",
    "/v1/customerCreditNote",
    "/v1/customerdocument",
    "/v1/customerPayment",
    "/v1/supplierInvoice",
]
EXPANDED = {
    "/v1/branch": "expandAddress expandContact expandCurrency expandVatZone expandLedger",
    "/v1/customer": "expandAccountInformation expandPaymentMethods expandDirectDebit",
    "/v1/inventory": "expandAttachment expandAttribute expandAccountInformation expandNote",
    "/v1/customerinvoice": "expandApplications expandTaxDetails expandInvoiceAddress "
    "expandAttachments expandDunningInformation",
    "/v1/supplierInvoice": "expandAttachment expandNote",
    "/v1/organization": "expandBranches",
}


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books(matched=True) as ledger:
        yield ledger


class TestLists:
    @pytest.mark.parametrize("path", LISTS)
    async def test_keep_to_the_document(self, ledger: Ledger, path: str) -> None:
        body = await ledger.get(path)

        assert body or path == "/v1/customerCreditNote"

    @pytest.mark.parametrize("path", EXPANDED)
    async def test_keep_to_the_document_with_every_part(self, ledger: Ledger, path: str) -> None:
        flags = {name: "true" for name in EXPANDED[path].split()}

        assert await ledger.get(path, **flags)

    async def test_of_the_journal_needs_a_time_or_a_period(self, ledger: Ledger) -> None:
        await ledger.get("/v2/journaltransaction", status=400)

        rows = await ledger.get("/v2/journaltransaction", lastModifiedDateTime="2020-01-01")

        assert {row["module"] for row in rows} == {"ModuleAR", "ModuleAP"}


class TestRecords:
    async def test_keep_to_the_document(self, ledger: Ledger) -> None:
        company = ledger.company
        item = next(iter(company.items))
        invoice = next(iter(company.documents))
        paths = [
            "/v1/organization/1",
            "/v1/branch/1",
            f"/v1/currency/{company.base_currency}",
            f"/v1/vat/{next(iter(company.vats))}",
            "/v1/vatCategory/HIGH",
            "/v1/vatZone/01",
            "/v1/dimension/PROJECT",
            "/v1/dimension/PROJECT/1",
            "/v1/numberSequence/ARINVOICE",
            f"/v1/financialPeriod/{next(iter(company.periods))}",
            "/v1/account/3000",
            "/v1/supplier/50001",
            "/v1/customer/10001",
            "/v1/customer/internal/101",
            "/v1/customer/10001/balance",
            "/v1/customer/10001/contact",
            "/v1/customer/10001/note",
            "/v1/customer/10001/document",
            "/v1/customer/10001/invoice",
            "/v1/customer/customerClass/DOMESTIC",
            f"/v1/contact/{next(iter(company.contacts)).internal_id}",
            "/v1/location/10001",
            "/v1/location/10001/MAIN",
            f"/v1/inventory/{item.key}",
            f"/v1/inventory/internal/{item.internal_id}",
            "/v1/inventory/itemclass/LABOR",
            "/v1/project/1001",
            f"/v1/project/internal/{ledger.company.projects.get('1001').internal_id}",  # type: ignore[union-attr]
            f"/v1/projecttask/{next(iter(company.tasks)).internal_id}",
            f"/v1/customerinvoice/{invoice.number}",
            f"/v1/customerinvoice/{invoice.number}/print",
            f"/v1/customerPayment/{next(iter(company.payments)).number}",
            f"/v1/supplierInvoice/{next(iter(company.supplier_invoices)).number}",
            f"/v1/supplierInvoice/Invoice/{next(iter(company.supplier_invoices)).number}",
            f"/v2/journaltransaction/{next(iter(company.batches)).number}",
        ]

        for path in paths:
            assert await ledger.get(path) is not None

    async def test_unknown_keys_are_not_found(self, ledger: Ledger) -> None:
        for path in (
            "/v1/customer/99999",
            "/v1/inventory/NOTHING",
            "/v1/project/9999",
            "/v1/customerinvoice/1",
            "/v1/contact/abc",
            "/v1/dimension/NONE",
        ):
            await ledger.get(path, status=404)


class TestOperations:
    def test_are_named_as_in_the_document(self) -> None:
        from sandbox.financials.routes import OPS

        known = document()
        names = [op.name for op in OPS]

        assert len(names) == len(set(names))
        assert known is None or [n for n in names if known.operation(n) is None] == []
