"""Taking in the rows: their items and projects stand in the entries behind them (Q47).

A Severa row has no product, project or unit, and its `code` is an array. A row that bundles
several codes or projects is split by its entries when they add up to it, to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schema.models import Invoice, InvoiceRow, Link, Product, Project
from schema.money import cents
from schema.words import InvoiceKind, Side
from worker.context import Context
from worker.mapping.field import pick
from worker.sync import sightings
from worker.sync.rules import project as projects
from worker.sync.rules.need import need
from worker.vendors.errors import RecordMissing
from worker.vendors.severa import SEVERA, amount_in
from worker.vendors.severa import operations as severa

Fields = Mapping[str, Any]
# The entries behind a row by the row's type: their list, the list of what a credit note took
# back, and where an entry names its item (contract 8.4).
_ENTRIES = {
    "ProjectFees": ("invoice_projectfees", "invoice_reimbursedprojectfees", "product"),
    "Hours": ("invoice_workhours", "invoice_reimbursedworkhours", "workType"),
    "TravelExpenses": (
        "invoice_projecttravelexpenses",
        "invoice_reimbursedprojecttravelexpenses",
        "travelExpense",
    ),
}
_ITEMS = ("product", "workType", "travelExpense")
_CENT_HALF = Decimal("0.005")
# What a change of makes the content another one; statuses and numbers are ours.
_CONTENT = (
    *("date", "dueDate", "paymentTerm", "currency.code", "currencyRate", "isCreditNote"),
    *("customer.guid", "billingCustomer.guid", "ourReference", "yourReference", "orderNumber"),
    *("notes", "freeText1", "freeText2", "senderContactName", "receiverContactGuid"),
    *("receiverAddress",),
    *("totalExcludingTax", "totalTax", "totalIncludingTax"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A piece of a row: one item on one project at one price."""

    code: str | None
    project: str | None
    quantity: Decimal
    price: Decimal
    unit: str | None


async def read_rows(ctx: Context, record: Invoice) -> str:
    """Read the rows with the entries behind them; returns the digest of the whole content."""
    rows = await raw_rows(ctx, record)
    entries = await _entries(ctx, record, rows)
    made = [
        piece
        for position, row in enumerate(rows)
        for piece in await _pieces(ctx, record, row, entries.get(str(row["guid"]), []), position)
    ]
    header = await sightings.find(ctx, side=Side.SEVERA, resource="invoices", key=record.severa_id)
    digest = content_digest(header.body if header is not None else {}, rows)
    async with ctx.transaction():
        await InvoiceRow.filter(invoice_id=record.id).delete()
        await InvoiceRow.bulk_create(made)
        record.content_digest = digest
        await record.save(update_fields=["content_digest"])
    return digest


async def raw_rows(ctx: Context, record: Invoice) -> list[dict[str, Any]]:
    """Read the rows of an invoice as Severa shows them, in their order."""
    pages = ctx.severa.pages(SEVERA["invoice_rows"], path={"invoiceGuid": record.severa_id})
    rows = [row async for page in pages for row in page.rows]
    return sorted(rows, key=lambda row: int(row.get("sortOrder") or 0))


def content_digest(header: Fields, rows: Sequence[Fields]) -> str:
    """Return the fingerprint of what would be booked."""
    content = {name: pick(header, name) for name in _CONTENT}
    content["projects"] = sorted(str(item["guid"]) for item in header.get("projects") or ())
    lines = sorted(sightings.digest_of(dict(row)) for row in rows)
    return sightings.digest_of({"header": content, "rows": lines})


async def project_of(ctx: Context, guid: str) -> Project | None:
    """Return the project of a guid, brought in when it is new; an internal one counts for none.

    Internal projects are not transferred (R57), so a document cannot name them.
    """
    seen = await sightings.find(ctx, side=Side.SEVERA, resource="projects", key=guid)
    if seen is None:
        answer = await ctx.severa.read(severa.PROJECT_READ, path={"guid": guid})
        if answer.body.get("isInternal"):
            return None
    elif seen.body.get("isInternal"):
        return None
    case = await need(ctx, projects.FLOW, side=Side.SEVERA, resource="projects", key=guid)
    assert isinstance(case.record, Project)
    return case.record


async def _entries(
    ctx: Context, record: Invoice, rows: Sequence[Fields]
) -> dict[str, list[dict[str, Any]]]:
    """Read the entries by row; a credit note's own ones are those that it took back."""
    types = {str(row.get("rowType")) for row in rows}
    if "FlatRate" in types:
        types |= set(_ENTRIES)
    chosen = [_ENTRIES[kind] for kind in sorted(types & set(_ENTRIES))]
    found: dict[str, list[dict[str, Any]]] = {}
    if record.kind is InvoiceKind.CREDIT_NOTE and record.texts.get("original"):
        await _collect(ctx, record, [reversed_ for _, reversed_, _ in chosen], found)
    if any(str(row["guid"]) not in found for row in rows):
        await _collect(ctx, record, [own for own, _, _ in chosen], found)
    return found


async def _collect(
    ctx: Context,
    record: Invoice,
    names: Iterable[str],
    found: dict[str, list[dict[str, Any]]],
) -> None:
    for name in names:
        async for page in ctx.severa.pages(SEVERA[name], path={"invoiceGuid": record.severa_id}):
            for entry in page.rows:
                found.setdefault(str(entry.get("invoiceRowGuid")), []).append(entry)


async def _pieces(
    ctx: Context, record: Invoice, row: Fields, entries: Sequence[Fields], position: int
) -> list[InvoiceRow]:
    whole = await _whole(ctx, record, row, entries)
    codes = _codes(row)
    several = len(codes) > 1 or len({_project_guid(entry) for entry in entries}) > 1
    parts = await _split(ctx, record, whole, entries) if several else [whole]
    return [
        await _piece(ctx, record, row, part, position=position, place=place, codes=codes)
        for place, part in enumerate(parts)
    ]


def _codes(row: Fields) -> list[str]:
    raw = row.get("code") or ()
    given = [raw] if isinstance(raw, str) else raw
    return sorted({str(code).strip() for code in given if str(code).strip()})


async def _whole(ctx: Context, record: Invoice, row: Fields, entries: Sequence[Fields]) -> _Part:
    codes = _codes(row)
    guids = {_project_guid(entry) for entry in entries} - {None}
    project = guids.pop() if len(guids) == 1 else None
    code = codes[0] if len(codes) == 1 else None
    if not codes and row.get("rowType") == "FlatRate":
        flat = await _flat_rate(ctx, row)
        code, project = _code_in(flat), project or _project_guid(flat)
    elif not codes:
        found = {await _code_of(ctx, entry) for entry in entries}
        code = found.pop() if len(found) == 1 else None
    return _Part(
        code=code,
        project=project,
        quantity=_decimal(row.get("quantity")),
        price=_price(row, record.currency),
        unit=row.get("measurementUnit"),
    )


async def _flat_rate(ctx: Context, row: Fields) -> Fields:
    """Follow a flat rate to its project, and to its product where Severa names one."""
    guid = row.get("flatRateGuid")
    if not guid:
        return {}
    try:
        answer = await ctx.severa.read(severa.FLAT_RATE_READ, path={"guid": str(guid)})
    except RecordMissing:
        return {}
    found: dict[str, Any] = answer.body
    return found


async def _split(
    ctx: Context, record: Invoice, whole: _Part, entries: Sequence[Fields]
) -> list[_Part]:
    """Split a row by its entries; one that they do not add up to stays whole."""
    sums: dict[tuple[str | None, str | None, Decimal, str | None], Decimal] = {}
    for entry in entries:
        key = (
            await _code_of(ctx, entry) or whole.code,
            _project_guid(entry),
            _price(entry, record.currency),
            entry.get("measurementUnit") or whole.unit,
        )
        given = entry.get("invoiceQuantity")
        quantity = _decimal(entry.get("quantity") if given is None else given)
        sums[key] = sums.get(key, Decimal(0)) + quantity
    # The entries that a credit note took back show what was once invoiced.
    sign = -1 if (sum(sums.values(), Decimal(0)) < 0) != (whole.quantity < 0) else 1
    parts = [
        _Part(code=code, project=project, quantity=sign * quantity, price=price, unit=unit)
        for (code, project, price, unit), quantity in sums.items()
        if quantity
    ]
    return parts if _add_up(parts, whole) else [whole]


def _add_up(parts: Sequence[_Part], whole: _Part) -> bool:
    if not parts or any(part.code is None for part in parts):
        return False
    quantity = sum((part.quantity for part in parts), Decimal(0))
    amount = sum((part.quantity * part.price for part in parts), Decimal(0))
    same = abs(quantity - whole.quantity) < _CENT_HALF
    return same and cents(amount) == cents(whole.quantity * whole.price)


async def _piece(
    ctx: Context,
    record: Invoice,
    row: Fields,
    part: _Part,
    *,
    position: int,
    place: int,
    codes: list[str],
) -> InvoiceRow:
    project = await project_of(ctx, part.project) if part.project is not None else None
    product = await _product(ctx, part.code)
    guid = str(row["guid"])
    return InvoiceRow(
        invoice_id=record.id,
        severa_id=f"{guid}/{place + 1}" if place else guid,
        position=position,
        row_type=row.get("rowType"),
        code=part.code,
        codes=codes,
        description=row.get("description") or "",
        quantity=part.quantity,
        unit=part.unit,
        unit_price=part.price,
        vat_percent=None if row.get("vatRate") is None else _decimal(row["vatRate"]),
        total=cents(part.quantity * part.price),
        project_id=project.id if project is not None else record.project_id,
        product_id=product.id if product is not None else None,
    )


async def _code_of(ctx: Context, entry: Fields) -> str | None:
    """Return the code of an entry's item; one that was taken back names its item by guid only."""
    code = _code_in(entry)
    if code is not None:
        return code
    guid = next((str(pick(entry, f"{name}.guid")) for name in _ITEMS if entry.get(name)), None)
    if guid is None:
        return None
    link = await Link.get_or_none(
        integration_id=ctx.integration.id,
        entity="PRODUCT",
        side=Side.SEVERA.value,
        external_id=guid,
    )
    product = None if link is None else await Product.get_or_none(id=link.record_id)
    return None if product is None else product.code


def _code_in(entry: Fields) -> str | None:
    for name in _ITEMS:
        code = str((entry.get(name) or {}).get("code") or "").strip()
        if code:
            return code
    return None


async def _product(ctx: Context, code: str | None) -> Product | None:
    if code is None:
        return None
    return await Product.get_or_none(integration_id=ctx.integration.id, code=code)


def _project_guid(entry: Fields) -> str | None:
    guid = (entry.get("project") or {}).get("guid")
    return None if guid is None else str(guid)


def _price(row: Fields, currency: str) -> Decimal:
    return amount_in(row["unitPrice"], currency) if row.get("unitPrice") else Decimal(0)


def _decimal(raw: Any) -> Decimal:
    return Decimal(str(raw or 0))
