"""Invoices and their rows: billing, statuses, numbers, read-only rules and credit notes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.severa.amounts import convert, totals_of
from sandbox.severa.errors import invalid, not_allowed
from sandbox.severa.fields import INT32
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

ALWAYS_OPEN = frozenset({"status", "number", "referenceNumber", "paymentDate"})
WEIGHTS = (7, 3, 1)


def rows_of(org: Organization, invoice: Record) -> list[Record]:
    """List the rows of an invoice in their order."""
    rows = org.tables["invoicerows"].where("invoice", invoice["guid"])
    return sorted(rows, key=lambda row: int(row["sortOrder"]))


def status_of(org: Organization, invoice: Record) -> Record:
    """Find the status of an invoice."""
    return org.need("invoicestatuses", invoice["status"])


def can_be_deleted(org: Organization, invoice: Record) -> bool:
    """Drafts, or the newest number of the series; a credit note never."""
    if invoice["isCreditNote"] or status_of(org, invoice)["isReadOnly"]:
        return False
    return invoice["number"] is None or invoice["number"] == org.settings.last_invoice_number


def recount(org: Organization, invoice: Record) -> None:
    """Let the totals follow the rows."""
    totals = totals_of(org, rows_of(org, invoice))
    org.tables["invoices"].change(invoice, totals)


# Billing -----------------------------------------------------------------------------------------


def open_fees(org: Organization, project: Record) -> list[Record]:
    """List the fees of a project that can be billed."""
    return [
        fee
        for fee in org.tables["projectfees"].where("project", project["guid"])
        if fee["isBillable"] and fee["invoice"] is None and fee["billingSchedule"] != "Recurring"
    ]


def bill(
    org: Organization,
    projects: list[Record],
    *,
    fees: Iterable[Record] | None = None,
    status: str | None = None,
    more: Record | None = None,
) -> Record | None:
    """Make one invoice of the projects' open fees; None when there is nothing to bill."""
    chosen = list(fees) if fees is not None else [f for p in projects for f in open_fees(org, p)]
    if not chosen:
        return None
    header = header_of(org, projects, status=status)
    invoice = org.insert("invoices", {**header, **(more or {})})
    org.insert("invoicesettings", {"invoice": invoice["guid"]})
    for place, fee in enumerate(chosen):
        add_fee_row(org, invoice, fee, place)
    recount(org, invoice)
    number_if_due(org, invoice)
    return invoice


def header_of(org: Organization, projects: list[Record], *, status: str | None) -> Record:
    """Fill the header of a new invoice from its project and customer."""
    project = projects[0]
    customer = org.need("customers", project["customer"])
    unit = org.need("businessunits", project["businessUnit"])
    sender = org.need("businessunits", unit["companyBusinessUnitGuid"])
    currency = org.need("currencies", project["currency"])
    term = _first(project.get("paymentTerm"), customer.get("paymentTerm"), 14)
    today = org.now().date()
    contact = org.find("contactpersons", project.get("customerContact"))
    return {
        "billingCustomer": customer["guid"],
        "customer": customer["guid"],
        "creditNoteInvoice": None,
        "reimburseInvoice": None,
        "currency": currency["guid"],
        "currencyRate": currency["rate"],
        "date": today,
        "dueDate": today + timedelta(days=term),
        "entryDate": None,
        "freeText1": None,
        "freeText2": None,
        "invoiceNumberBusinessUnitGuid": sender["guid"],
        "isCreditNote": False,
        "notes": project.get("invoiceNotes"),
        "number": None,
        "orderNumber": project.get("orderNumber"),
        "ourReference": project.get("ourReference"),
        "yourReference": project.get("yourReference"),
        "overdueInterest": customer.get("overdueInterest") or Decimal(0),
        "paymentDate": None,
        "paymentTerm": term,
        "projects": [row["guid"] for row in projects],
        "referenceNumber": None,
        "status": status or default_status(org)["guid"],
        **_receiver(org, customer, contact),
        **_sender(org, project, sender),
    }


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _receiver(org: Organization, customer: Record, contact: Record | None) -> Record:
    addresses = org.tables["addresses"].where("customer", customer["guid"])
    billing = next((row for row in addresses if row["isBillingAddress"]), None)
    address = billing or org.find("addresses", customer.get("headquarterAddress"))
    return {
        "receiverAddress": _plain_address(org, address),
        "receiverContactEmail": _mail_of(org, contact),
        "receiverContactGuid": contact["guid"] if contact else None,
        "receiverContactName": contact["name"] if contact else None,
        "receiverCustomerName": customer["name"],
        "receiverKvkNumber": customer.get("kvkNumber"),
        "receiverVatNumber": customer.get("vatNumber"),
    }


def _mail_of(org: Organization, contact: Record | None) -> str | None:
    if contact is None:
        return None
    for channel in org.tables["contactcommunications"].where("contact", contact["guid"]):
        kind = org.need("communicationtypes", channel["communicationType"])
        if kind["type"] == "EmailAddress":
            return str(channel["value"])
    return None


def _plain_address(org: Organization, address: Record | None) -> dict[str, Any] | None:
    if address is None:
        return None
    country = org.find("countries", address.get("country"))
    region = org.find("countryregions", address.get("countryRegion"))
    return {
        "addressline": address.get("addressline"),
        "city": address.get("city"),
        "country": country["name"] if country else None,
        "postalCode": address.get("postalCode"),
        "state": region["name"] if region else None,
    }


def _sender(org: Organization, project: Record, unit: Record) -> Record:
    contact = org.find("users", project.get("billingContact"))
    home = org.sample.address
    return {
        "senderAddress": {
            "addressline": "\n".join(home.lines),
            "city": home.city,
            "country": org.tables["countries"].where("code2", home.country)[0]["name"],
            "postalCode": home.postal_code,
            "state": home.region,
        },
        "senderContactGuid": contact["guid"] if contact else None,
        "senderContactName": contact["name"] if contact else None,
        "senderKvkNumber": None,
        "senderName": unit["name"],
        "senderVatNumber": unit["vatNumber"],
    }


def add_fee_row(org: Organization, invoice: Record, fee: Record, place: int) -> Record:
    """Put a fee on an invoice as a row of its own."""
    product = org.find("products", fee.get("product")) or {}
    description = _first(
        fee.get("invoiceRowDescription"), fee.get("name"), fee.get("description"), ""
    )
    row = add_row(
        org,
        invoice,
        place=place,
        kind="ProjectFees",
        code=product.get("code"),
        description=description,
        entry=fee,
    )
    org.update("projectfees", fee, {"invoice": invoice["guid"], "invoiceRow": row["guid"]})
    return row


def add_row(
    org: Organization,
    invoice: Record,
    *,
    place: int,
    kind: str,
    code: str | None,
    description: str,
    entry: Record,
    vat: Decimal | None = None,
    unit: str | None = None,
) -> Record:
    """Add a row; price and quantity come from the entry behind it."""
    currency = org.need("currencies", invoice["currency"])["code"]
    price = entry.get("unitPrice") or {"amount": Decimal(0), "currencyCode": currency}
    category = {"TravelExpenses": "Travels", "FlatRate": "ProjectFees"}.get(kind, kind)
    return org.insert(
        "invoicerows",
        {
            "invoice": invoice["guid"],
            "category": category,
            "rowType": kind,
            "code": [code] if code else [],
            "description": description,
            "flatRateGuid": None,
            "measurementUnit": unit or entry.get("measurementUnit"),
            "quantity": _first(entry.get("invoiceQuantity"), entry.get("quantity"), Decimal(0)),
            "unitPrice": convert(org, price, currency),
            "salesAccount": entry.get("salesAccount"),
            "sortOrder": place,
            "vatRate": _first(vat, entry.get("vatRate")),
        },
    )


# Statuses and numbers ----------------------------------------------------------------------------


def default_status(org: Organization) -> Record:
    """Find the status of a new invoice."""
    return next(row for row in _statuses(org) if row["isDefault"])


def credit_status(org: Organization) -> Record:
    """Find the status of a new credit note."""
    return next(row for row in _statuses(org) if row["isDefaultForCreditNote"])


def transfer_status(org: Organization) -> Record:
    """Find the status from which invoices are transferred: not editable, without a number."""
    return next(row for row in _statuses(org) if row["isReadOnly"] and not row["hasInvoiceNumber"])


def _statuses(org: Organization) -> list[Record]:
    rows = [row for row in org.tables["invoicestatuses"] if row["isActive"]]
    return sorted(rows, key=lambda row: int(row["sortOrder"]))


def check_change(org: Organization, invoice: Record | None, values: Record) -> None:
    """Refuse what the status of the invoice forbids, and numbers that are taken."""
    assert invoice is not None
    if status_of(org, invoice)["isReadOnly"] and set(values) - ALWAYS_OPEN:
        raise not_allowed("The status of the invoice does not allow editing it.")
    wanted = values.get("number")
    if wanted is not None:
        _check_number(org, invoice, wanted)
    if "dueDate" not in values and ("date" in values or "paymentTerm" in values):
        merged = {**invoice, **values}
        values["dueDate"] = merged["date"] + timedelta(days=merged["paymentTerm"])


def _check_number(org: Organization, invoice: Record, wanted: int) -> None:
    if not 0 < wanted <= INT32:
        raise invalid(f"{wanted} is no invoice number.", name="number")
    for other in org.tables["invoices"].where("number", wanted):
        series = other["invoiceNumberBusinessUnitGuid"]
        same = series == invoice["invoiceNumberBusinessUnitGuid"]
        if same and other["guid"] != invoice["guid"]:
            raise invalid(f"Invoice number {wanted} is in use.", name="number")


def after_change(org: Organization, invoice: Record, values: Record) -> None:
    """Do what follows a change: numbers, totals, and the doorbell when the status was set."""
    if values.get("number") is not None:
        _note_number(org, values["number"])
    number_if_due(org, invoice)
    if "status" in values:
        ring(org, invoice)


def number_if_due(org: Organization, invoice: Record) -> None:
    """Give Severa's own next number when the status assigns numbers and there is none."""
    if invoice["number"] is not None or not status_of(org, invoice)["hasInvoiceNumber"]:
        return
    if invoice["isCreditNote"] and not org.settings.set_credit_note_number:
        return
    number = org.settings.next_invoice_number
    _note_number(org, number)
    values: Record = {"number": number}
    if invoice["referenceNumber"] is None:
        values["referenceNumber"] = with_check_digit(number)
    org.tables["invoices"].change(invoice, values)


def _note_number(org: Organization, number: int) -> None:
    org.settings.last_invoice_number = max(org.settings.last_invoice_number or 0, number)
    org.settings.next_invoice_number = max(org.settings.next_invoice_number, number + 1)


def with_check_digit(number: int) -> str:
    """Append the 7-3-1 check digit of a payment reference."""
    digits = reversed(str(number))
    total = sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(digits))
    return f"{number}{-total % 10}"


def ring(org: Organization, invoice: Record) -> None:
    """Ring the doorbell: the invoice has another status, whoever set it."""
    org.world.hooks.send(
        url_kind="severa",
        payload={
            "type": "invoice.status_changed",
            "timestamp": org.now(),
            "data": {"invoiceGuid": invoice["guid"]},
        },
    )


def set_status(org: Organization, invoice: Record, status: Record) -> None:
    """Set the status as a person would."""
    values: Record = {"status": status["guid"]}
    org.update("invoices", invoice, values)
    after_change(org, invoice, values)


# Deleting ----------------------------------------------------------------------------------------


def guard_delete(org: Organization, invoice: Record) -> None:
    """Refuse to delete what may not go, else free everything that hangs on the invoice."""
    if not can_be_deleted(org, invoice):
        raise not_allowed("The invoice cannot be deleted.")
    release(org, invoice)


def release(org: Organization, invoice: Record) -> None:
    """Delete the rows of an invoice and set its entries free."""
    for table in ("projectfees", "projecttravelexpenses", "workhours"):
        for entry in org.tables[table].where("invoice", invoice["guid"]):
            org.update(table, entry, {"invoice": None, "invoiceRow": None})
    for table in ("invoicerows", "reimbursed", "invoicefiles", "invoicesettings"):
        for row in org.tables[table].where("invoice", invoice["guid"]):
            org.tables[table].remove(row)
    if invoice["number"] is not None and invoice["number"] == org.settings.last_invoice_number:
        org.settings.next_invoice_number = invoice["number"]
        org.settings.last_invoice_number = invoice["number"] - 1
