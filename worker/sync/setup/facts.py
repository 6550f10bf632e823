"""Gathers the facts for the set-up checks: each is read on its own, a failure is kept beside it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from schema.models import Link, SetupCheck
from schema.words import Entity, IntegrationState, Role, SetupHow, Side
from worker.checks.access import Refusal
from worker.checks.statuses import RolesUnclear
from worker.context import Context
from worker.sync import reference
from worker.vendors.endpoints import Endpoint
from worker.vendors.errors import RecordMissing, VendorDenied, VendorError
from worker.vendors.financials import FINANCIALS
from worker.vendors.financials import operations as fin
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as sev

KEYS = ("CUSTOMER", "PROJECT", "INVENTORY")
# Documents of the last weeks show which number series they use.
NEWEST = timedelta(days=60)
ENOUGH = 1000


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Facts by name, why others could not be read, and every answer that was a refusal."""

    facts: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    denied: dict[Side, list[Refusal]] = field(default_factory=lambda: {side: [] for side in Side})
    down: dict[Side, str] = field(default_factory=dict)


Read = Callable[[Context], Awaitable[Any]]


async def gather(ctx: Context) -> Gathered:
    """Read everything that the checks need; a side that lets nobody in is not asked again."""
    got = Gathered()
    for side, name, read in READS:
        if side in got.down:
            got.unread[name] = got.down[side]
            continue
        await _one(ctx, got, side, name, read)
        await ctx.breathe()
    await _of_our_own(ctx, got)
    return got


async def _one(ctx: Context, got: Gathered, side: Side, name: str, read: Read) -> None:
    try:
        got.facts[name] = await read(ctx)
    except VendorDenied as error:
        got.unread[name] = str(error)
        got.denied[side].append(
            Refusal(operation=error.operation, status=error.status, message=error.message)
        )
        if _shut(error):
            got.down[side] = str(error)
    except VendorError as error:
        got.unread[name] = str(error)
        if name == FIRST[side]:
            got.down[side] = str(error)


def _shut(error: VendorDenied) -> bool:
    """Tell whether nothing else can be read on this side either: 401, 12027, no token."""
    return error.status != 403 or "token" in error.operation


def _slim(endpoint: Endpoint, fields: str, **params: Any) -> Read:
    """Read a whole list and keep of each row only what the checks look at."""
    side = Side.SEVERA if endpoint in SEVERA.values() else Side.FINANCIALS
    names = tuple(fields.split())

    async def read(ctx: Context) -> list[dict[str, Any]]:
        rows = []
        async for page in ctx.clients[side].pages(endpoint, params=params or None):
            rows += [{name: row.get(name) for name in names} for row in page.rows]
            await ctx.breathe()
        return rows

    return read


def _list(kind: str) -> Read:
    """Read one list of reference data, which is kept for the wizard and the sync."""
    item = next(item for item in reference.LISTS if item.endpoint.name == kind)

    async def read(ctx: Context) -> list[dict[str, Any]]:
        return await reference.read_list(ctx, item)

    return read


async def _details(ctx: Context) -> Any:
    return (await ctx.severa.read(sev.ORGANIZATION_DETAILS)).body


async def _settings(ctx: Context) -> Any:
    return (await ctx.severa.read(sev.ORGANIZATION_SETTINGS)).body


async def _vendor_company(ctx: Context) -> Any:
    """Read which company Severa's own integration is connected with; None for none (Q45)."""
    try:
        return (await ctx.severa.read(sev.COMPANY_INFORMATION)).body
    except VendorDenied as error:
        if error.status == 403:
            return None
        raise
    except RecordMissing:
        return None


async def _dimensions(ctx: Context) -> dict[str, Any]:
    return {
        key: (await ctx.financials.read(fin.DIMENSION_READ, path={"dimensionId": key})).body
        for key in KEYS
    }


async def _branches(ctx: Context) -> list[dict[str, Any]]:
    return await _rows(ctx, FINANCIALS["branch"], {"expandCurrency": True})


async def _templates(ctx: Context) -> list[dict[str, Any]]:
    return await _rows(ctx, FINANCIALS["project"], {"systemTemplate": True})


async def _non_project(ctx: Context) -> list[dict[str, Any]]:
    return await _rows(ctx, FINANCIALS["project"], {"nonProject": True})


async def _documents(ctx: Context) -> list[dict[str, Any]]:
    """Read enough of the newest customer documents to see which series they use."""
    rows: list[dict[str, Any]] = []
    since = ctx.clock() - NEWEST
    for name in ("customerinvoice", "customerCreditNote"):
        async for page in ctx.financials.pages(FINANCIALS[name], since=since):
            rows += [
                {key: row.get(key) for key in ("referenceNumber", "roundingDiff")}
                for row in page.rows
            ]
            if len(rows) >= ENOUGH:
                break
    return rows


async def _rows(
    ctx: Context, endpoint: Endpoint, params: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = []
    async for page in ctx.financials.pages(endpoint, params=params):
        found += page.rows
    return found


async def _of_our_own(ctx: Context, got: Gathered) -> None:
    """Add what we know ourselves: options, roles, look-ups, links, and what people stated."""
    ctx.references = found = await reference.load(ctx)
    checks = await SetupCheck.filter(integration_id=ctx.integration.id, how=SetupHow.ATTEST)
    now = ctx.clock()
    got.facts |= {
        "options": ctx.integration.options or {},
        "start_from": ctx.integration.start_from,
        "today": now.date(),
        "roles": {Role(role): guid for guid, role in (ctx.integration.status_roles or {}).items()},
        "answers": {
            check.code: check.answer
            for check in checks
            if check.attested_at and (check.ask_again_at is None or check.ask_again_at > now)
        },
        "vat_rules": found.vat_rules,
        "term_days": found.term_days,
        "known_units": tuple(found.units),
        "mapped_branches": found.branches,
        "linked": await _linked(ctx),
        "seen": _seen(got.facts),
    }
    for fact, kind in DERIVED.items():
        if kind in got.unread:
            got.unread[fact] = got.unread[kind]
    if "statuses" in got.facts:
        got.facts |= _statuses(ctx, got.facts["statuses"])


def _statuses(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the active statuses, and the roles to try on them: none are read from the order."""
    statuses = [
        reference.status_of(str(row["guid"]), row) for row in rows if row.get("isActive", True)
    ]
    known = {Role(role): guid for guid, role in (ctx.integration.status_roles or {}).items()}
    anew = ctx.integration.state is IntegrationState.SETUP
    try:
        roles = reference.tried_roles(statuses, known, anew=anew)
    except RolesUnclear:
        roles = {} if anew else known
    return {"statuses": statuses, "roles": roles}


async def _linked(ctx: Context) -> dict[tuple[str, str], str]:
    """Return the linked numbers by the key that stays when a number is changed (R18)."""
    links = await Link.filter(
        integration_id=ctx.integration.id,
        side=Side.FINANCIALS.value,
        entity__in=[Entity.CUSTOMER.value, Entity.PRODUCT.value, Entity.PROJECT.value],
        missing_since=None,
    )
    return {
        (link.entity, link.internal_id): link.external_number
        for link in links
        if link.internal_id and link.external_number
    }


def _seen(facts: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return the numbers that Financials shows now, by the same keys."""
    sources: Sequence[tuple[Entity, str, str, str]] = (
        (Entity.CUSTOMER, "customers", "internalId", "number"),
        (Entity.PRODUCT, "items", "inventoryId", "inventoryNumber"),
        (Entity.PROJECT, "financials_projects", "internalID", "projectID"),
    )
    return {
        (entity.value, str(row[key])): str(row[number]).strip()
        for entity, name, key, number in sources
        for row in facts.get(name, ())
    }


_S, _F = Side.SEVERA, Side.FINANCIALS
# fmt: off
READS: tuple[tuple[Side, str, Read], ...] = (
    (_S, "details",             _details),
    (_S, "settings",            _settings),
    (_S, "vendor_company",      _vendor_company),
    (_S, "statuses",            _list("invoicestatuses")),
    (_S, "business_units",      _list("businessunits")),
    (_S, "products",            _slim(SEVERA["products"], "guid name code isActive vatRate measurementUnit")),
    (_S, "worktypes",           _slim(SEVERA["worktypes"], "guid name code isActive")),
    (_S, "travelexpensetypes",  _slim(SEVERA["travelexpensetypes"], "guid name code isActive vatRate measurementUnit")),
    (_S, "severa_customers",    _slim(SEVERA["customers"], "name number isActive isInternal invoicingVat paymentTerm")),
    (_S, "severa_projects",     _slim(SEVERA["projects"], "number isInternal")),
    (_S, "severa_invoices",     _slim(SEVERA["invoices"], "number")),
    (_F, "organizations",       _slim(FINANCIALS["organization"], "name corporateId vatZone baseCurrency currency")),
    (_F, "branches",            _branches),
    (_F, "branch_list",         _list("branch")),
    (_F, "dimensions",          _dimensions),
    (_F, "series",              _slim(FINANCIALS["numberSequence"], "numberingId description manualNumbering sequence")),
    (_F, "documents",           _documents),
    (_F, "periods",             _slim(FINANCIALS["financialPeriod"], "period startDate endDate active closedInCustomerLedger")),
    (_F, "vat",                 _list("vat")),
    (_F, "terms",               _list("creditTerm")),
    (_F, "unit_list",           _list("unitofmeasure")),
    (_F, "items",               _slim(FINANCIALS["inventory"], "inventoryId inventoryNumber status vatCode")),
    (_F, "customers",           _slim(FINANCIALS["customer"], "internalId number name status vatZone")),
    (_F, "financials_projects", _slim(FINANCIALS["projectbasic"], "internalID projectID")),
    (_F, "templates",           _templates),
    (_F, "non_project",         _non_project),
)
# fmt: on
FIRST = {_S: "details", _F: "organizations"}
# Look-ups built from stored lists, and the list each is as good as.
DERIVED = {
    "vat_rules": "vat",
    "term_days": "terms",
    "known_units": "unit_list",
}
