"""Taking in: what Severa says of an invoice becomes the facts of our record."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from schema.models import Customer, Invoice, Link, Project
from schema.words import InvoiceKind, Side
from worker.context import Context
from worker.mapping.invoice import mark_of
from worker.sync import sightings, store
from worker.sync.rules import customer as customers
from worker.sync.rules.invoice.rows import project_of, read_rows
from worker.sync.rules.need import need
from worker.vendors.severa import amount_in, find_amount
from worker.vendors.severa import operations as severa

__all__ = ["absorb", "financials_number", "read_header", "read_rows", "texts_of"]


async def read_header(ctx: Context, guid: str) -> dict[str, Any]:
    """Read an invoice from Severa again and keep what was seen.

    Raises RecordMissing for a deleted one.
    """
    answer = await ctx.severa.read(severa.INVOICE_READ, path={"guid": guid})
    body: dict[str, Any] = answer.body
    async with ctx.transaction():
        await sightings.keep(
            ctx, side=Side.SEVERA, resource="invoices", rows=[(guid, None, body)], dirty=False
        )
    return body


async def absorb(ctx: Context, body: Mapping[str, Any]) -> Invoice:
    """Store the header of an invoice; its customer is brought in first when it is new."""
    guid = str(body["guid"])
    record = await Invoice.get_or_none(integration_id=ctx.integration.id, severa_id=guid)
    payer = body.get("billingCustomer") or body["customer"]
    customer = await _customer(ctx, str(payer["guid"]))
    new = record is None
    record = record or Invoice(
        integration_id=ctx.integration.id, severa_id=guid, mark=mark_of(guid)
    )
    values = await _header(ctx, body, customer)
    async with ctx.transaction():
        await store.save(
            ctx,
            record,
            values,
            why=store.Why(
                kind="invoice.created" if new else "invoice.changed", reason="Taken from Severa."
            ),
        )
        number = body.get("number")
        await store.tie(
            ctx,
            [
                store.Tie(
                    entity="INVOICE",
                    record_id=record.id,
                    side=Side.SEVERA,
                    external_id=guid,
                    external_number=None if number is None else str(number),
                    internal_id=guid,
                )
            ],
        )
        await sightings.mark(ctx, side=Side.SEVERA, resource="invoices", keys=[guid], dirty=False)
    return record


async def _header(ctx: Context, body: Mapping[str, Any], customer: Customer) -> dict[str, Any]:
    currency = str((body.get("currency") or {}).get("code") or ctx.references.base_currency)
    including = amount_in(body["totalIncludingTax"], currency)
    status = body.get("status") or {}
    status_id = str(status.get("guid"))
    credit = bool(body.get("isCreditNote")) or including < 0
    base = ctx.references.base_currency
    project = await _header_project(ctx, body)
    original = (body.get("reimburseInvoice") or {}).get("guid") if credit else None
    return {
        "kind": InvoiceKind.CREDIT_NOTE if credit else InvoiceKind.INVOICE,
        "severa_status_id": status_id,
        "severa_status_name": status.get("name"),
        "severa_role": ctx.references.status_roles.get(status_id),
        "severa_number": body.get("number"),
        "customer_id": customer.id,
        "project_id": project.id if project is not None else None,
        "credited_invoice_id": await _invoice_id(ctx, original),
        "date": _day(body.get("date")),
        "due_date": _day(body.get("dueDate")),
        "currency": currency,
        "exchange_rate": _decimal(body.get("currencyRate")) if currency != base else None,
        "order_number": body.get("orderNumber"),
        "our_reference": body.get("ourReference"),
        "your_reference": body.get("yourReference"),
        "texts": texts_of(body),
        "total_excluding_vat": amount_in(body["totalExcludingTax"], currency),
        "total_vat": amount_in(body["totalTax"], currency),
        "total_including_vat": including,
        "total_in_base_currency": find_amount(body["totalIncludingTax"], base) if base else None,
        "out_of_scope": _out_of_scope(ctx, body, status_id),
    }


def _out_of_scope(ctx: Context, body: Mapping[str, Any], status_id: str) -> bool:
    """Leave out what is older than the switch-on date (Q45)."""
    start = ctx.integration.start_from
    day = _day(body.get("date"))
    return start is not None and day is not None and day < start


def texts_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts and contacts that travel with the invoice but are no fields of ours."""
    return {
        "notes": body.get("notes"),
        "above": _free_text(body.get("freeText1")),
        "below": _free_text(body.get("freeText2")),
        "billingContact": body.get("senderContactName"),
        "receiverContact": body.get("receiverContactGuid"),
        "receiverAddress": body.get("receiverAddress"),
        "receiverName": body.get("receiverCustomerName"),
        "paymentTerm": body.get("paymentTerm"),
        "companyUnit": body.get("invoiceNumberBusinessUnitGuid"),
        "projects": sorted(str(item["guid"]) for item in body.get("projects") or ()),
        "original": (body.get("reimburseInvoice") or {}).get("guid"),
    }


def _free_text(raw: Any) -> str | None:
    if not isinstance(raw, Mapping):
        return None
    found = raw.get("plainText") or raw.get("text") or raw.get("value")
    return None if found is None else str(found)


async def _customer(ctx: Context, guid: str) -> Customer:
    case = await need(ctx, customers.FLOW, side=Side.SEVERA, resource="customers", key=guid)
    assert isinstance(case.record, Customer)
    return case.record


async def _header_project(ctx: Context, body: Mapping[str, Any]) -> Project | None:
    guids = {str(item["guid"]) for item in body.get("projects") or ()}
    if len(guids) != 1:
        return None
    return await project_of(ctx, guids.pop())


async def _invoice_id(ctx: Context, guid: str | None) -> Any:
    if guid is None:
        return None
    found = await Invoice.get_or_none(integration_id=ctx.integration.id, severa_id=guid)
    return None if found is None else found.id


def _day(raw: Any) -> date | None:
    return None if not raw else date.fromisoformat(str(raw)[:10])


def _decimal(raw: Any) -> Decimal | None:
    return None if raw is None else Decimal(str(raw))


async def financials_number(record_id: Any) -> str | None:
    """Return the key of a record's twin in Financials."""
    link = await Link.get_or_none(record_id=record_id, side=Side.FINANCIALS.value)
    return None if link is None else link.external_id
