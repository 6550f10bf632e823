"""The read models of invoices, rows, settings and reimbursed entries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.severa import invoice as rules
from sandbox.severa.amounts import cents, net_of, show_amount, shown_rate
from sandbox.severa.errors import invalid
from sandbox.severa.fields import Entity, Field, Filter, show_ref
from sandbox.severa.kinds import (
    CURRENCY,
    SINCE,
    computed,
    day,
    fixed,
    flag,
    guids,
    int32,
    money,
    number,
    numbers,
    own,
    ref,
    text,
    texts,
)
from sandbox.severa.lists import as_amount
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

CUSTOMER = "name number"


def _code(org: Organization, invoice: Record) -> str:
    return str(org.need("currencies", invoice["currency"])["code"])


def _total(name: str) -> Any:
    def show(org: Organization, record: Record) -> Any:
        code = _code(org, record)
        return show_amount(org, record.get(name), code, record["currencyRate"])

    return show


def _part(*kinds: str) -> Any:
    """Show the net amount of the rows of some kinds."""

    def show(org: Organization, record: Record) -> Any:
        rows = [row for row in rules.rows_of(org, record) if row["rowType"] in kinds]
        amount = sum((cents(net_of(row)) for row in rows), Decimal(0))
        return show_amount(org, amount, _code(org, record), record["currencyRate"])

    return show


def _hours(org: Organization, record: Record) -> Decimal:
    rows = [row for row in rules.rows_of(org, record) if row["rowType"] == "Hours"]
    return sum((Decimal(row["quantity"]) for row in rows), Decimal(0))


def _projects(org: Organization, record: Record) -> list[dict[str, Any]]:
    shown = (show_ref(org, "projects", guid, ("name", "number")) for guid in record["projects"])
    return [row for row in shown if row is not None]


def _related(name: str) -> Any:
    return lambda org, record: show_ref(org, "invoices", record.get(name), ("number",))


def _language(org: Organization, record: Record) -> Any:
    customer = org.find("customers", record["customer"])
    shows = ("code", "englishName", "name")
    return show_ref(org, "languages", customer.get("language"), shows) if customer else None


def _minimum(org: Organization, record: Record, values: list[str]) -> bool:
    limit = as_amount(values[0])
    return limit is None or record["net"] * record["currencyRate"] >= limit


def _maximum(org: Organization, record: Record, values: list[str]) -> bool:
    limit = as_amount(values[0])
    return limit is None or record["net"] * record["currencyRate"] <= limit


def _of_project(name: str) -> Any:
    """Filter by a field of the invoice's projects."""

    def test(org: Organization, record: Record, values: list[str]) -> bool:
        wanted = {value.lower() for value in values}
        found = (org.find("projects", guid) or {} for guid in record["projects"])
        return any(project.get(name) in wanted for project in found)

    return test


def _contact_follows(org: Organization, record: Record | None, values: Record) -> None:
    """A receiver contact brings its name along."""
    rules.check_change(org, record, values)
    if "receiverContactGuid" in values:
        contact = org.find("contactpersons", values["receiverContactGuid"])
        values["receiverContactName"] = contact["name"] if contact else None


def _stored(name: str) -> Field:
    return computed(name, lambda org, record: record.get(name))


INVOICES = Entity(
    name="invoices",
    scope="invoices",
    paging="token",
    check=_contact_follows,
    after=rules.after_change,
    guard=rules.guard_delete,
    filters=(
        guids("invoiceStatusGuids", "status"),
        SINCE,
        numbers("numbers"),
        texts("referenceNumbers", "referenceNumber"),
        guids("customerGuids", "customer"),
        own("projectGuids", _of_project("guid")),
        own("projectBusinessUnitGuids", _of_project("businessUnit")),
        own("projectOwnerGuids", _of_project("projectOwner")),
        own("salesPersonGuids", _of_project("salesPerson")),
        guids("createdByUserGuids", "by"),
        Filter(name="startDate", kind="from_day", on="date"),
        Filter(name="endDate", kind="to_day", on="date"),
        Filter(name="paymentDateStart", kind="from_day", on="paymentDate"),
        own("minimumTotalExcludingTax", _minimum),
        own("maximumTotalExcludingTax", _maximum),
    ),
    fields=(
        ref("billingCustomer", "customers", CUSTOMER, read_only=True),
        computed("canBeDeleted", rules.can_be_deleted),
        computed("creditNoteInvoice", _related("creditNoteInvoice")),
        fixed("culture"),
        ref("currency", "currencies", CURRENCY, read_only=True),
        computed("currencyRate", lambda org, record: shown_rate(org, record["currencyRate"])),
        ref("customer", "customers", CUSTOMER, read_only=True),
        day("date", required=True),
        day("dueDate", required=True),
        day("entryDate", read_only=True),
        computed("flatRatesTotalExcludingTax", _part("FlatRate")),
        Field(name="freeText1", kind="freetext"),
        Field(name="freeText2", kind="freetext"),
        _stored("invoiceNumberBusinessUnitGuid"),
        fixed("invoiceTemplate"),
        _stored("isCreditNote"),
        computed("language", _language),
        text("notes"),
        int32("number"),
        text("orderNumber"),
        text("ourReference"),
        _stored("overdueInterest"),
        day("paymentDate"),
        int32("paymentTerm", required=True),
        computed("projectFeesTotalExcludingTax", _part("ProjectFees")),
        computed("projectTravelExpensesTotalExcludingTax", _part("TravelExpenses")),
        computed("projects", _projects),
        _stored("receiverAddress"),
        _stored("receiverContactEmail"),
        Field(name="receiverContactGuid", kind="link", to="contactpersons"),
        _stored("receiverContactName"),
        _stored("receiverCustomerName"),
        _stored("receiverKvkNumber"),
        _stored("receiverVatNumber"),
        text("referenceNumber"),
        computed("reimburseInvoice", _related("reimburseInvoice")),
        _stored("senderAddress"),
        _stored("senderContactGuid"),
        text("senderContactName"),
        _stored("senderKvkNumber"),
        _stored("senderName"),
        _stored("senderVatNumber"),
        ref("status", "invoicestatuses", "isPaid isSent isWaitingPayment name", required=True),
        computed("totalExcludingTax", _total("net")),
        computed("totalIncludingTax", _total("gross")),
        computed("totalTax", _total("tax")),
        fixed("workHourValueAddedTax"),
        computed("workHoursQuantity", _hours),
        computed("workHoursTotalExcludingTax", _part("Hours")),
        text("yourReference"),
    ),
)


def _row_price(org: Organization, record: Record) -> Any:
    invoice = org.need("invoices", record["invoice"])
    price = record.get("unitPrice")
    if price is None:
        return None
    return show_amount(org, price["amount"], price["currencyCode"], invoice["currencyRate"])


def _sales_account(org: Organization, record: Record) -> dict[str, Any] | None:
    account = org.find("salesaccounts", record.get("salesAccount"))
    return {"name": account["name"], "number": account["number"]} if account else None


def _check_row(org: Organization, record: Record | None, values: Record) -> None:
    assert record is not None
    invoice = org.need("invoices", record["invoice"])
    rules.check_change(org, invoice, dict(values))
    price = values.get("unitPrice")
    if price is not None and price["currencyCode"] != _code(org, invoice):
        raise invalid("A row is in the currency of its invoice.", name="unitPrice")


def _after_row(org: Organization, record: Record, values: Record) -> None:
    invoice = org.need("invoices", record["invoice"])
    rules.recount(org, invoice)
    org.update("invoices", invoice, {})


def _guard_row(org: Organization, record: Record) -> None:
    invoice = org.need("invoices", record["invoice"])
    rules.check_change(org, invoice, {"rows": None})
    for table in ("projectfees", "projecttravelexpenses", "workhours"):
        for entry in org.tables[table].where("invoiceRow", record["guid"]):
            org.update(table, entry, {"invoice": None, "invoiceRow": None})


ROWS = Entity(
    name="invoicerows",
    scope="invoices",
    paging="token",
    filters=(SINCE,),
    check=_check_row,
    after=_after_row,
    guard=_guard_row,
    fields=(
        text("category", read_only=True),
        _stored("code"),
        fixed("costCenter"),
        text("description"),
        _stored("flatRateGuid"),
        fixed("hasInvoiceComment", False),
        computed("invoiceGuid", lambda org, record: record["invoice"]),
        text("measurementUnit"),
        number("quantity", required=True),
        fixed("recurringSalesAccount"),
        text("rowType", read_only=True),
        computed("salesAccount", _sales_account),
        fixed("salesReceivableAccount"),
        _stored("sortOrder"),
        money("unitPrice", show=_row_price),
        fixed("vatAccount"),
        number("vatRate"),
    ),
)
GROUPING = ("OneByOne", "Group", "Group+Attachment")
SETTINGS = Entity(
    name="invoicesettings",
    scope="invoices",
    patch_single=True,
    fields=(
        day("entryDate"),
        flag("isReverseCharged", False),
        day("paymentDate"),
        computed("projectFeeGrouping", lambda org, record: GROUPING[0]),
        computed("projectTravelExpenseGrouping", lambda org, record: GROUPING[0]),
        text("reverseChargeDescription"),
        fixed("showAttachmentPriceExcludingValueAddedTax", False),
        fixed("showAttachmentQuantity", True),
        fixed("showAttachmentUnit", True),
        fixed("showAttachmentUnitPrice", True),
        fixed("showAttachmentValueAddedTax", False),
        fixed("showCategories", True),
        fixed("showFooter", True),
        fixed("showLogoAndTitle", True),
        fixed("showPriceExcludingValueAddedTax", True),
        fixed("showQuantity", True),
        fixed("showReferenceNumber", True),
        fixed("showUnit", True),
        fixed("showUnitPrice", True),
        fixed("showValueAddedTax", True),
        computed("workHourGrouping", lambda org, record: GROUPING[0]),
    ),
)


def show_reimbursed(org: Organization, record: Record) -> dict[str, Any]:
    """Show an entry that a credit note took back; its product has no code here."""
    project = org.find("projects", record["project"])
    hours = record["table"] == "workhours"
    number_ = project["number"] if project else None
    shown = {
        "guid": record["guid"],
        "createdDateTime": record["created"],
        "lastUpdatedDateTime": record["updated"],
        "description": record.get("description"),
        "eventDate": record.get("eventDate"),
        "invoiceGuid": record["invoice"],
        "invoiceQuantity": record.get("invoiceQuantity"),
        "invoiceRowDescription": record.get("invoiceRowDescription"),
        "invoiceRowGuid": record["invoiceRow"],
        "phase": show_ref(org, "phases", record.get("phase"), ("name",)),
        "project": project
        and {
            "guid": project["guid"],
            "name": project["name"],
            "number": number_ if hours else str(number_),
        },
        "quantity": record.get("quantity"),
        "unitCost": record.get("unitCost"),
        "unitPrice": record.get("unitPrice"),
        "user": show_ref(org, "users", record.get("user"), ("name",)),
    }
    if hours:
        kind = show_ref(org, "worktypes", record.get("workType"), ("name",))
        return {**shown, "workType": kind}
    shown["measurementUnit"] = record.get("measurementUnit")
    shown["vatRate"] = record.get("vatRate")
    if record["table"] == "projectfees":
        product = show_ref(org, "products", record.get("product"), ("name",))
        return {
            **shown,
            "name": record.get("name"),
            "product": product,
            "productType": record.get("productType"),
        }
    return {
        **shown,
        "product": show_ref(org, "travelexpensetypes", record.get("travelExpense"), ("name",)),
    }
