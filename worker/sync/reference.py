"""Reference data: read hourly from both sides, kept as rows, and built into look-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schema.models import Checkpoint, Integration, Reference, Sighting
from schema.words import IntegrationState, Role, Side
from worker.checks.statuses import RolesUnclear, Status, doubts_about, infer_roles
from worker.context import Context
from worker.mapping.reference import References, VATRule, most_common
from worker.sync import report
from worker.sync.sightings import key_of
from worker.vendors.endpoints import Endpoint, Operation
from worker.vendors.financials import FINANCIALS
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

HOURLY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A list of reference data and where the name for people stands in its rows."""

    side: Side
    endpoint: Endpoint
    label: str
    params: Mapping[str, Any]


def _list(side: Side, endpoint: Endpoint, label: str, **params: Any) -> List:
    return List(side=side, endpoint=endpoint, label=label, params=params)


_S, _F = Side.SEVERA, Side.FINANCIALS
LISTS = (
    _list(_S, SEVERA["invoicestatuses"], "name"),
    _list(_S, SEVERA["salesstatustypes"], "name"),
    _list(_S, SEVERA["communicationtypes"], "name"),
    _list(_S, SEVERA["vatrates"], "percentage"),
    _list(_S, SEVERA["currencies"], "code"),
    _list(_S, SEVERA["countries"], "name"),
    _list(_S, SEVERA["businessunits"], "name"),
    _list(_F, FINANCIALS["customer_class"], "description"),
    _list(_F, FINANCIALS["item_class"], "description"),
    _list(_F, FINANCIALS["currency"], "description"),
    _list(_F, FINANCIALS["creditTerm"], "description"),
    _list(_F, FINANCIALS["vat"], "description"),
    _list(_F, FINANCIALS["vatZone"], "description"),
    _list(_F, FINANCIALS["unitofmeasure"], "toUnit"),
    _list(_F, FINANCIALS["branch"], "name"),
    _list(_F, FINANCIALS["account"], "description"),
)
DETAILS: tuple[tuple[str, Operation], ...] = (
    ("organizationdetails", severa.ORGANIZATION_DETAILS),
    ("organizationsettings", severa.ORGANIZATION_SETTINGS),
)


async def refresh(ctx: Context, *, full: bool = False) -> bool:
    """Read the reference data when an hour has passed; tells whether it was read.

    Raises VendorError.
    """
    mark: Any
    mark, _ = await Checkpoint.get_or_create(
        integration_id=ctx.integration.id, side="BOTH", resource="reference"
    )
    if not full and mark.completed_at and ctx.clock() - mark.completed_at < HOURLY:
        return False
    for item in LISTS:
        await read_list(ctx, item)
    await _read_regions(ctx)
    for name, operation in DETAILS:
        answer = await ctx.severa.read(operation)
        async with ctx.transaction():
            await _keep(ctx, _S, name, {"": ("", answer.body)})
    rows = await _rows(ctx, FINANCIALS["project"], {"nonProject": True})
    found = [row for row in rows if str(row.get("projectID")).strip()]
    async with ctx.transaction():
        kept = {str(row["projectID"]).strip(): ("", row) for row in found[:1]}
        await _keep(ctx, _F, "non_project", kept)
        mark.completed_at = ctx.clock()
        await mark.save()
    return True


async def read_list(ctx: Context, item: List) -> list[dict[str, Any]]:
    """Read one list of reference data, store it, and return its rows.

    Raises VendorError.
    """
    rows: dict[str, tuple[str, Any]] = {}
    async for page in ctx.clients[item.side].pages(item.endpoint, params=item.params or None):
        for row in page.rows:
            key = key_of(row, item.endpoint.key)
            rows[key] = (str(row.get(item.label) or key), row)
    async with ctx.transaction():
        await _keep(ctx, item.side, item.endpoint.name, rows)
    return [body for _, body in rows.values()]


async def _read_regions(ctx: Context) -> None:
    """Read the regions of every country that has some; a region names its country only there."""
    countries = await Reference.filter(integration_id=ctx.integration.id, kind="countries")
    rows: dict[str, tuple[str, Any]] = {}
    for country in countries:
        if country.body.get("hasRegions") != "HasRegions":
            continue
        pages = ctx.severa.pages(SEVERA["countryregions"], path={"countryGuid": country.key})
        async for page in pages:
            for row in page.rows:
                body = {**row, "country": country.key}
                rows[str(row["guid"])] = (str(row.get("name") or ""), body)
    async with ctx.transaction():
        await _keep(ctx, _S, "countryregions", rows)


async def _rows(
    ctx: Context, endpoint: Endpoint, params: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        row async for page in ctx.financials.pages(endpoint, params=params) for row in page.rows
    ]


async def _keep(ctx: Context, side: Side, kind: str, rows: Mapping[str, tuple[str, Any]]) -> None:
    """Store a list as it stands; what an empty answer leaves out is not forgotten."""
    now = ctx.clock()
    made = [
        Reference(
            integration_id=ctx.integration.id,
            side=side.value,
            kind=kind,
            key=key[:200],
            label=label,
            body=body,
            seen_at=now,
        )
        for key, (label, body) in rows.items()
    ]
    if made:
        await Reference.bulk_create(
            made,
            on_conflict=["integration_id", "side", "kind", "key"],
            update_fields=["label", "body", "seen_at"],
        )
        # What the vendor no longer lists is out of use; only a full, filled list says so.
        await Reference.filter(
            integration_id=ctx.integration.id, side=side.value, kind=kind, seen_at__lt=now
        ).delete()


async def take_settings(ctx: Context) -> None:
    """Take over what a person changed since; a lease is held for many jobs, a run takes minutes."""
    own = ctx.integration
    now = await Integration.get(id=own.id)
    if (now.options, now.start_from) != (own.options, own.start_from):
        own.options, own.start_from = now.options, now.start_from
        ctx.references = await load(ctx)


async def load(ctx: Context) -> References:
    """Build the look-ups of an integration from its stored reference data."""
    found = await Reference.filter(integration_id=ctx.integration.id)
    kinds: dict[str, dict[str, Any]] = {}
    for row in found:
        kinds.setdefault(row.kind, {})[row.key] = row.body
    days = _term_days(kinds.get("creditTerm", {}))
    countries = kinds.get("countries", {})
    details = kinds.get("organizationdetails", {}).get("", {})
    home = (details.get("country") or {}).get("guid")
    options = ctx.integration.options or {}
    return References(
        base_currency=_base_currency(kinds),
        severa_currencies={
            body["code"]: guid for guid, body in kinds.get("currencies", {}).items()
        },
        financials_currencies=frozenset(kinds.get("currency", {})),
        term_days=days,
        term_ids=_term_ids(days, options.get("terms") or {}),
        country_guids={body["code2"]: guid for guid, body in countries.items()},
        country_codes={guid: body["code2"] for guid, body in countries.items()},
        regions={
            (str(body["country"]), str(body["name"]).casefold()): guid
            for guid, body in kinds.get("countryregions", {}).items()
        },
        home_country=countries.get(str(home), {}).get("code2"),
        vat_rules=_vat_rules(kinds.get("vat", {})),
        customer_classes=kinds.get("customer_class", {}),
        item_classes={
            key: str(body.get("type")) for key, body in kinds.get("item_class", {}).items()
        },
        customer_class_of=await _customer_class_of(ctx),
        item_class_of=await _item_class_of(ctx),
        units=_units(kinds.get("unitofmeasure", {}), options.get("units") or {}),
        branches=_branches(kinds, options.get("branches") or {}),
        communication_types=_communication_types(
            kinds.get("communicationtypes", {}), options.get("communication_types") or {}
        ),
        sales_states={
            guid: str(body.get("salesState"))
            for guid, body in kinds.get("salesstatustypes", {}).items()
        },
        status_roles={
            str(guid): Role(role) for guid, role in (ctx.integration.status_roles or {}).items()
        },
        status_names={
            guid: body["name"] for guid, body in kinds.get("invoicestatuses", {}).items()
        },
        non_project=next(iter(kinds.get("non_project", {})), "X"),
        severa_rounds=_rounds(kinds.get("organizationsettings", {}).get("", {})),
        options=options,
    )


def _communication_types(rows: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the type to use per kind: the one of the settings, else the first that is active."""
    found: dict[str, str] = {}
    for guid, body in rows.items():
        if body.get("isActive", True):
            found.setdefault(str(body.get("type")), guid)
    return found | dict(chosen)


def _rounds(settings: Mapping[str, Any]) -> bool:
    """Tell whether Severa rounds invoices to whole units (contract 8.4)."""
    return settings.get("currencyRoundingType") == "NearestInteger"


def _base_currency(kinds: Mapping[str, Mapping[str, Any]]) -> str | None:
    for key, body in kinds.get("currency", {}).items():
        if body.get("isBaseCurrency"):
            return key
    for body in kinds.get("currencies", {}).values():
        if body.get("isOrganizationCurrency"):
            return str(body["code"])
    return None


def _term_days(terms: Mapping[str, Any]) -> dict[str, int]:
    """Return the terms of a fixed number of days (Q13)."""
    return {
        key.strip(): int(body["dueDay1"])
        for key, body in terms.items()
        if _is_fixed(body.get("dueDateType")) and body.get("dueDay1") is not None
    }


def _is_fixed(kind: Any) -> bool:
    """Tell whether terms are a fixed number of days; the contract gives a letter and its name."""
    return str(kind).replace(" ", "").casefold() in ("n", "fixednumberofdays")


def _term_ids(days: Mapping[str, int], chosen: Mapping[str, str]) -> dict[int, str]:
    """Return the one term per number of days; several with equal days need a choice."""
    groups: dict[int, list[str]] = {}
    for key, count in days.items():
        groups.setdefault(count, []).append(key)
    picked = {count: keys[0] for count, keys in groups.items() if len(keys) == 1}
    return picked | {int(count): key for count, key in chosen.items()}


def _vat_rules(rows: Mapping[str, Any]) -> tuple[VATRule, ...]:
    rules = []
    for key, body in rows.items():
        schedules = sorted(
            (date.fromisoformat(str(row["startDate"])[:10]), Decimal(row["vatRate"]))
            for row in body.get("schedules") or ()
            if row.get("startDate")
            and row.get("vatRate") is not None
            and row.get("groupType") != "Input"
        )
        rules.append(
            VATRule(
                vat_id=key,
                categories=frozenset(
                    str(row["vatCategoryId"]).strip() for row in body.get("categories") or ()
                ),
                zones=frozenset(str(row["id"]).strip() for row in body.get("zones") or ()),
                rates=tuple(schedules),
                reverse=bool(body.get("reverseVat")) or body.get("type") == "ReverseVat",
                last_day=_day(body.get("notValidAfter")),
            )
        )
    return tuple(rules)


def _day(raw: Any) -> date | None:
    return None if not raw else date.fromisoformat(str(raw)[:10])


def _units(rows: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, str]:
    units: dict[str, str] = {}
    for body in rows.values():
        for name in (body.get("fromUnit"), body.get("toUnit")):
            if name:
                units[str(name).strip().casefold()] = str(name).strip()
    return units | {name.casefold(): code for name, code in chosen.items()}


def _branches(kinds: Mapping[str, Mapping[str, Any]], chosen: Mapping[str, str]) -> dict[str, str]:
    """Map company units to branches by VAT number, only when both sides have them (Q5, Q48)."""
    units = {
        guid: digits(body.get("vatNumber"))
        for guid, body in kinds.get("businessunits", {}).items()
        if body.get("vatNumber")
    }
    branches: dict[str, str] = {}
    for body in kinds.get("branch", {}).values():
        number = digits(body.get("corporateId") or body.get("vatRegistrationId"))
        if number:
            branches.setdefault(number, str(body["number"]).strip())
    if len(kinds.get("branch", {})) < 2 or len(units) < 2:
        return dict(chosen)
    found = {guid: branches[number] for guid, number in units.items() if number in branches}
    return found | dict(chosen)


def digits(text: str | None) -> str:
    """Bring an organization or VAT number into the form in which it is compared (Q34)."""
    raw = (text or "").upper().replace(" ", "").replace("-", "").replace(".", "")
    country, number = (raw[:2], raw[2:]) if raw[:2].isalpha() else ("", raw)
    only = "".join(char for char in number if char.isdigit())
    return only[:10] if country == "SE" else only


async def _customer_class_of(ctx: Context) -> dict[str, str]:
    """Return the class most used per country, and overall under `*` (Q42)."""
    pairs = []
    async for body in _bodies(ctx, "customer"):
        class_id = (body.get("customerClass") or {}).get("id")
        country = ((body.get("mainAddress") or {}).get("country") or {}).get("id")
        if class_id:
            pairs += [(str(country or ""), str(class_id)), ("*", str(class_id))]
    return most_common(pairs)


async def _item_class_of(ctx: Context) -> dict[str, str]:
    pairs = []
    async for body in _bodies(ctx, "inventory"):
        class_id = (body.get("itemClass") or {}).get("id")
        if class_id and body.get("type"):
            pairs.append((str(body["type"]), str(class_id)))
    return most_common(pairs)


async def _bodies(ctx: Context, resource: str) -> Any:
    query = Sighting.filter(
        integration_id=ctx.integration.id, side=Side.FINANCIALS.value, resource=resource
    )
    for row in await query.order_by("id").limit(2000):
        yield row.body


async def settle_roles(ctx: Context) -> None:
    """Infer the roles of the invoice statuses when nobody assigned them (Q19).

    Roles that are there are tried on the statuses as they are now: what no longer walks is an
    issue (R80, R85), and is inferred anew only while the integration is being set up. A set with
    no reading, or two, is an issue; nothing is transferred until it is clear.
    """
    found = await Reference.filter(integration_id=ctx.integration.id, kind="invoicestatuses")
    statuses = [status_of(row.key, row.body) for row in found if row.body.get("isActive", True)]
    known = {Role(role): guid for guid, role in (ctx.integration.status_roles or {}).items()}
    if not statuses:
        return
    try:
        roles = tried_roles(statuses, known, anew=ctx.integration.state is IntegrationState.SETUP)
    except RolesUnclear as error:
        await _unclear(ctx, error)
        return
    async with ctx.transaction():
        if roles != known:
            ctx.integration.status_roles = {guid: role.value for role, guid in roles.items()}
            await ctx.integration.save(update_fields=["status_roles", "updated_at"])
        await report.resolve(ctx, subject=_statuses_of(ctx))


def tried_roles(
    statuses: Sequence[Status], known: Mapping[Role, str], *, anew: bool
) -> dict[Role, str]:
    """Return the roles that hold for these statuses: the known ones, else a new reading.

    Raises RolesUnclear.
    """
    doubts = doubts_about(statuses, known) if known else ()
    if known and not doubts:
        return dict(known)
    if known and not anew:
        raise RolesUnclear(doubts)
    return infer_roles(statuses)


async def _unclear(ctx: Context, error: RolesUnclear) -> None:
    problem = report.Problem(code="roles_unclear", cause=str(error), subject=_statuses_of(ctx))
    async with ctx.transaction():
        await report.report(ctx, problem)


def _statuses_of(ctx: Context) -> str:
    return f"integration:{ctx.integration.id}:statuses"


def status_of(guid: str, body: Mapping[str, Any]) -> Status:
    """Return an invoice status of Severa as the checks see it."""
    return Status(
        id=guid,
        name=body["name"],
        order=int(body.get("sortOrder") or 0),
        read_only=bool(body.get("isReadOnly")),
        has_number=bool(body.get("hasInvoiceNumber")),
        sent=bool(body.get("isSent")),
        paid=bool(body.get("isPaid")),
        default=bool(body.get("isDefault")),
        credit_default=bool(body.get("isDefaultForCreditNote")),
    )
