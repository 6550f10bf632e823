"""The golden documents, from Severa over the draft to the books (R73 to R75, R145, R147, Q2)."""

import copy
from decimal import Decimal

import pytest

from sandbox.severa.table import Record
from schema.words import InvoiceKind, InvoiceState, Role
from tests.worker.golden.documents import Golden, documents
from tests.worker.rules.house import House, Row

GOLDEN = documents()


@pytest.mark.parametrize("golden", GOLDEN, ids=[item.name for item in GOLDEN])
async def test_document_ends_as_worked_out(house: House, golden: Golden) -> None:
    invoice = await _set_up(house, golden)
    severa = [invoice["net"], invoice["tax"], invoice["gross"]]
    assert severa == [golden.net, golden.vat, golden.total]

    record = await house.carry(invoice)

    assert record.kind is (
        InvoiceKind.CREDIT_NOTE
        if golden.total < 0 or golden.flag("credit")
        else InvoiceKind.INVOICE
    )
    if golden.is_refused:
        await _refused(house, golden, invoice)
    else:
        await _booked(house, golden, invoice)


async def _refused(house: House, golden: Golden, invoice: Record) -> None:
    record = await house.record(invoice)
    assert record.state is InvoiceState.FAILED
    assert house.role(invoice) is Role.FAILED
    assert house.documents(invoice) == []
    assert bool(house.sent("POST /v2/customerinvoice")) is golden.flag("drafted")
    (issue,) = (await house.issues(invoice)).values()
    assert issue.code == ("vat_mismatch" if golden.refused else "totals_differ")
    for row, rate in golden.refused.items():
        text = golden.rows[row - 1].item
        assert f"row {row} ({text}) has" in issue.cause
        assert f"Financials would use {rate} %" in issue.cause
        assert f"row {row} to {rate} %" in issue.next_step


async def _booked(house: House, golden: Golden, invoice: Record) -> None:
    record = await house.record(invoice)
    assert record.state is (InvoiceState.PAID if record.balance == 0 else InvoiceState.NUMBERED), (
        await house.issues()
    )
    assert record.accepted_difference == golden.difference
    document = house.document(invoice)
    exact = document.dto["detailTotalInCurrency"] + document.dto["vatTotalInCurrency"]
    sign = -1 if golden.total < 0 else 1
    assert sign * exact == golden.in_ledger
    expected = {golden.raw["warning"]} if "warning" in golden.raw else set()
    if record.kind is InvoiceKind.CREDIT_NOTE:
        expected.add("credit_not_applied")
    assert set(await house.issues()) == expected
    if golden.base is not None:
        assert record.total_in_base_currency == golden.base
        assert abs(record.accepted_difference_in_base or 0) <= Decimal("0.05")


async def _set_up(house: House, golden: Golden) -> Record:
    project = house.projects(foreign=golden.zone == "abroad")[0]
    currency = golden.raw.get("currency", house.org.home)
    house.org.update(
        "projects",
        project,
        {"currency": house.org.tables["currencies"].where("code", currency)[0]["guid"]},
    )
    if golden.zone == "reverse":
        _turn_the_charge(house, project)
    if golden.flag("severa_rounds"):
        house.org.settings.rounding = "NearestInteger"
    house.world.assume.document_rounding = golden.flag("financials_rounds")
    house.world.assume.vat_rounding = golden.rounding  # type: ignore[assignment]
    rows = [
        Row(
            code=row.item,
            price=str(row.price),
            quantity=str(row.quantity),
            vat=str(row.percent or 0),
            text=row.item,
            kind="TravelExpenses" if row.item == "BILLETT" else "ProjectFees",
        )
        for row in golden.rows
    ]
    invoice = house.invoice(rows, projects=[project], isCreditNote=golden.flag("credit"))
    for row, given in zip(house.rows_of(invoice), golden.rows, strict=True):
        if given.percent is None:
            house.edit_row(row, vatRate=None)
    await house.read_references()
    if golden.zone == "reverse":
        await house.sync("CUSTOMER")
    return invoice


def _turn_the_charge(house: House, project: Record) -> None:
    """The customer of a project owes the VAT itself: a VAT id of type ReverseVat."""
    ledger = house.ledger
    turned = copy.deepcopy(ledger.vats["3"])
    turned |= {"vatId": "RC", "type": "ReverseVat", "reverseVat": True}
    turned["zones"] = [{"id": "03", "description": "Reverse charge"}]
    ledger.vats["RC"] = turned
    ledger.zone_vats["03"] = frozenset({"RC"})
    ledger.vat_zones["03"] = {**ledger.vat_zones["01"], "id": "03"}
    ledger.vat_categories["HIGH"]["vatCategoryLines"].append({"vatId": "RC"})
    customer = house.org.need("customers", project["customer"])
    house.act(
        "edit", entity="customer", id=str(customer["number"]), fields={"vatZone": {"id": "03"}}
    )
