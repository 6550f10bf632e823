"""Customers with their addresses (R44 to R53, R157 to R175)."""

from collections.abc import Mapping
from typing import Any

from schema.models import Address, Customer
from schema.words import AddressKind, Entity, Side
from worker.context import Context
from worker.mapping.address import financials_address, severa_address
from worker.mapping.convert import TEXT, CannotMap
from worker.mapping.customer import ADDRESS_FIELDS, CUSTOMER
from worker.mapping.field import Form, put
from worker.sync import push, sightings
from worker.sync.flow import Case, Flow, Seen, never_waits
from worker.sync.pull import Source
from worker.sync.rules.severa import patch_body
from worker.vendors.endpoints import Operation
from worker.vendors.financials import FINANCIALS, operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_ROWS = {row.name: row for row in CUSTOMER}
_FLAGS = {
    "office": "isVisitAddress",
    "billing": "isBillingAddress",
    "postal": "isPostalAddress",
}
_KINDS = {
    "office": AddressKind.OFFICE,
    "billing": AddressKind.BILLING,
    "postal": AddressKind.POSTAL,
}
_USES = {"office": "headquarters", "billing": "billing", "postal": "postal"}


class SeveraHalf:
    """Customers in Severa; their addresses are objects of their own there."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one customer again."""
        key = case.seen[Side.SEVERA].key
        answer = await ctx.severa.read(severa.CUSTOMER_READ, path={"guid": key})
        return await _composed(ctx, answer.body)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a customer by its exact name, which is unique in Severa (R53)."""
        name = case.seen[Side.FINANCIALS].body["name"].strip()
        pages = ctx.severa.pages(SEVERA["customers"], params={"customerNames": name})
        async for page in pages:
            for row in page.rows:
                if row["name"].strip() == name:
                    return await _composed(ctx, row)
        return None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a customer with its number and addresses (R7, R47)."""
        source = case.seen[Side.FINANCIALS].body
        body = _severa_body(wanted)
        number = _ROWS["number"].convert.write(
            Side.SEVERA, str(source["number"]).strip(), ctx.references, None
        )
        body["number"] = number
        await _free_number(ctx, number, None)
        answer = await push.push(
            ctx, _write(case, Side.SEVERA, "create", severa.CUSTOMER_CREATE, {}, body)
        )
        await _severa_addresses(ctx, case, answer.body["guid"], {}, wanted)
        return await self._again(ctx, answer.body["guid"])

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a customer and its addresses."""
        seen = case.seen[Side.SEVERA]
        body = _severa_body(wanted)
        if "number" in body:
            await _free_number(ctx, body["number"], seen.key)
        if body:
            steps = patch_body(body)
            path = {"guid": seen.key}
            await push.push(
                ctx, _write(case, Side.SEVERA, "update", severa.CUSTOMER_PATCH, path, steps)
            )
        await _severa_addresses(ctx, case, seen.key, seen.body["_guids"], wanted)
        return await self._again(ctx, seen.key)

    async def _again(self, ctx: Context, key: str) -> Seen:
        answer = await ctx.severa.read(severa.CUSTOMER_READ, path={"guid": key})
        return await _composed(ctx, answer.body)


class FinancialsHalf:
    """Customers in Financials, which owns their numbers."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one customer again by its stable key."""
        key = case.seen[Side.FINANCIALS].key
        answer = await ctx.financials.read(
            operations.CUSTOMER_READ_INTERNAL, path={"internalID": key}
        )
        return _financials_seen(answer.body, answer.etag)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a customer by VAT number, else by exact name (Q44)."""
        source = case.seen[Side.SEVERA].body
        vat = (source.get("vatNumber") or "").strip()
        params = {"vatRegistrationId": vat} if vat else {"name": source["name"].strip()}
        found = []
        async for page in ctx.financials.pages(FINANCIALS["customer"], params=params):
            found += [row for row in page.rows if row["name"].strip() == source["name"].strip()]
        if len(found) > 1:
            raise CannotMap(
                "name_twice",
                f"{source['name']} exists {len(found)} times in Financials: "
                + ", ".join(str(row["number"]).strip() for row in found),
            )
        return _financials_seen(found[0], None) if found else None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a customer; Financials gives it its number (R7)."""
        body = _financials_body({name: value for name, value in wanted.items() if value})
        country = (wanted.get("office") or {}).get("country") or ctx.references.home_country
        body["customerClassId"] = _class_for(ctx, country)
        body["overrideWithClassValues"] = True
        answer = await push.push(
            ctx,
            _write(
                case,
                Side.FINANCIALS,
                "create",
                operations.CUSTOMER_CREATE,
                {},
                wrap(body, financials_shapes.CUSTOMER),
            ),
        )
        made = await ctx.financials.read(
            operations.CUSTOMER_READ, path={"customerCd": str(answer.location_key)}
        )
        return _financials_seen(made.body, made.etag)

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a customer, if nobody else did since it was read."""
        seen = case.seen[Side.FINANCIALS]
        write = _write(
            case,
            Side.FINANCIALS,
            "update",
            operations.CUSTOMER_UPDATE_INTERNAL,
            {"internalID": seen.key},
            wrap(_financials_body(wanted), financials_shapes.CUSTOMER),
            seen.etag,
        )
        await push.push(ctx, write)
        return await self.read(ctx, case)


def _write(
    case: Case,
    side: Side,
    word: str,
    operation: Operation,
    path: dict[str, str],
    body: Any,
    etag: str | None = None,
) -> push.Write:
    assert case.record is not None
    return push.Write(
        entity="CUSTOMER",
        record_id=case.record.id,
        side=side,
        purpose=f"customer.{word}",
        operation=operation,
        path=path,
        body=body,
        if_match=etag,
        label=f"{word} customer {_label(case)} in {side.value.capitalize()}",
    )


def _severa_body(wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in wanted.items():
        place = _ROWS[name].target(Side.SEVERA)
        if name not in ADDRESS_FIELDS and place is not None:
            put(body, place, value)
    return body


def _financials_body(wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in wanted.items():
        place = _ROWS[name].target(Side.FINANCIALS)
        if place is None or name == "number":
            continue
        if value is None and _ROWS[name].convert is TEXT:
            value = ""  # An empty text clears; the contract allows no null inside a value.
        if value is not None:
            put(body, place, financials_address(value) if name in ADDRESS_FIELDS else value)
    return body


async def _severa_addresses(
    ctx: Context, case: Case, customer: str, guids: Mapping[str, str], wanted: Form
) -> None:
    """Write the addresses that changed; equal ones share one object with several flags (Q8)."""
    done: dict[str, list[str]] = {}
    for name in ADDRESS_FIELDS:
        value = wanted.get(name)
        if value is None:
            continue
        key = repr(sorted(value.items()))
        done.setdefault(key, []).append(name)
    for names in done.values():
        value = severa_address(wanted[names[0]], regions=ctx.references.regions)
        shared = {guids[name] for name in names if name in guids}
        others = {guids[name] for name in guids if name not in names}
        mine = next(iter(shared - others), None)
        if mine is not None:
            operation, path, body = severa.ADDRESS_PATCH, {"guid": mine}, patch_body(value)
        else:
            flags = {_FLAGS[name]: True for name in names}
            operation, path = severa.ADDRESS_CREATE, {"customerGuid": customer}
            body = value | flags  # type: ignore[assignment]
        answer = await push.push(ctx, _write(case, Side.SEVERA, "address", operation, path, body))
        made = answer.body[0] if isinstance(answer.body, list) else answer.body
        async with ctx.transaction():
            await sightings.keep(
                ctx,
                side=Side.SEVERA,
                resource="addresses",
                rows=[(made["guid"], customer, made)],
                dirty=False,
            )


async def _free_number(ctx: Context, number: int, owner: str | None) -> None:
    """Move another customer off a number that Financials gave to this one (Q14)."""
    pages = ctx.severa.pages(SEVERA["customers"], params={"numbers": number})
    async for page in pages:
        for row in page.rows:
            if row["guid"] == owner or row.get("number") != number:
                continue
            record = await sightings.find(
                ctx, side=Side.SEVERA, resource="customers", key=row["guid"]
            )
            if record is None or row.get("isInternal"):
                raise CannotMap(
                    "number_does_not_fit", f"Number {number} is used by {row['name']} in Severa."
                )
            await _park(ctx, row)


async def _park(ctx: Context, row: dict[str, Any]) -> None:
    """Give a customer a free temporary number; its own one follows when its turn comes."""
    settings = await ctx.severa.read(severa.ORGANIZATION_SETTINGS)
    free = int(settings.body.get("nextCustomerNumber") or 900_000) + 100_000
    while True:
        taken = [
            found
            async for page in ctx.severa.pages(SEVERA["customers"], params={"numbers": free})
            for found in page.rows
        ]
        if not taken:
            break
        free += 1
    record = await Customer.get_or_none(integration_id=ctx.integration.id, name=row["name"].strip())
    await push.push(
        ctx,
        push.Write(
            entity="CUSTOMER",
            record_id=record.id if record is not None else ctx.integration.id,
            side=Side.SEVERA,
            purpose="customer.park",
            operation=severa.CUSTOMER_PATCH,
            path={"guid": row["guid"]},
            body=patch_body({"number": free}),
            label=f"renumber customer {row['name']} from {row['number']} to {free} in Severa",
        ),
    )
    async with ctx.transaction():
        row = row | {"number": free}
        await sightings.keep(
            ctx,
            side=Side.SEVERA,
            resource="customers",
            rows=[(row["guid"], None, row)],
            match=_name,
        )


async def _composed(ctx: Context, body: dict[str, Any]) -> Seen:
    seen = Seen(side=Side.SEVERA, resource="customers", key=body["guid"], body=body)
    return (await _compose(ctx, Side.SEVERA, [seen]))[0]


async def _compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    if side is Side.FINANCIALS:
        return seen
    found = await sightings.children(
        ctx, side=side, resource="addresses", parents=[item.key for item in seen]
    )
    return [_with_addresses(item, found.get(item.key, [])) for item in seen]


def _with_addresses(seen: Seen, addresses: list[dict[str, Any]]) -> Seen:
    """Add the address of each use; a use without its own address shares the headquarters."""
    head = (seen.body.get("headquarterAddress") or {}).get("guid")
    main = next((row for row in addresses if row["guid"] == head), None)
    main = main or next((row for row in addresses if row.get("isVisitAddress")), None)
    main = main or (addresses[0] if addresses else None)
    chosen = {
        "headquarters": main,
        "billing": next((row for row in addresses if row.get("isBillingAddress")), main),
        "postal": next((row for row in addresses if row.get("isPostalAddress")), main),
    }
    guids = {name: row["guid"] for name, use in _USES.items() if (row := chosen[use])}
    body = seen.body | {"_addresses": chosen, "_guids": guids}
    return Seen(side=seen.side, resource=seen.resource, key=seen.key, body=body)


def _financials_seen(body: dict[str, Any], etag: str | None) -> Seen:
    return Seen(
        side=Side.FINANCIALS,
        resource="customer",
        key=str(body["internalId"]),
        body=body,
        etag=etag,
    )


def _class_for(ctx: Context, country: str | None) -> str:
    references = ctx.references
    chosen = references.options.get("customer_classes") or {}
    for key in (country or "", "*"):
        if key in chosen:
            return str(chosen[key])
        if key in references.customer_class_of:
            return references.customer_class_of[key]
    if references.customer_classes:
        return next(iter(references.customer_classes))
    raise CannotMap("class_missing", "Financials has no customer class.")


def _label(case: Case) -> str:
    for seen in case.seen.values():
        return str(seen.body.get("name"))
    return str(getattr(case.record, "name", "?"))


def _skip(ctx: Context, case: Case) -> str | None:
    """Leave out the internal customer (R45), one-time and, without a twin, inactive ones."""
    for side, seen in case.seen.items():
        if side is Side.SEVERA and seen.body.get("isInternal"):
            return "The company's own customer is not transferred."
        if side is Side.FINANCIALS and seen.body.get("status") == "OneTime":
            return "A one-time customer stands for many customers."
    if len(case.seen) == 2 or len(case.links) == 2:
        return None
    for side, seen in case.seen.items():
        if side is Side.FINANCIALS and seen.body.get("status") == "Inactive":
            return "Inactive customers of Financials are not transferred (R46)."
        unused = side is Side.SEVERA and not case.needed
        if unused and seen.body.get("isActive") is False:
            return "Inactive customers of Severa wait until they are used (Q36)."
    return None


def _pair(case: Case) -> str | None:
    """Refuse a match whose VAT numbers contradict each other (Q14)."""
    severa_vat = (case.seen[Side.SEVERA].body.get("vatNumber") or "").strip()
    financials_vat = (case.seen[Side.FINANCIALS].body.get("vatRegistrationId") or "").strip()
    if severa_vat and financials_vat and severa_vat != financials_vat:
        return f"the VAT numbers {severa_vat} and {financials_vat} contradict each other"
    return None


def _columns(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "number", "vat_number", "currency", "payment_term_days", "email", "website")
    columns = {name: values[name] for name in names if name in values}
    columns |= {name: values[name] for name in ("notes", "is_active") if name in values}
    body = case.bodies.get(Side.FINANCIALS)
    if body is None:
        columns.pop("number", None)
    else:
        columns["number"] = str(body["number"]).strip()
        columns["class_id"] = (body.get("customerClass") or {}).get("id")
        columns["vat_zone"] = (body.get("vatZone") or {}).get("id")
    return columns


async def _saved(ctx: Context, case: Case, values: Mapping[str, Any]) -> None:
    assert isinstance(case.record, Customer)
    for name, kind in _KINDS.items():
        if name not in values:
            continue
        value = values[name]
        if value is None:
            await Address.filter(customer_id=case.record.id, kind=kind).delete()
            continue
        parts = {**value, "lines": value["lines"] or ""}
        parts["country"] = parts["country"] if len(parts["country"] or "") == 2 else None
        await Address.update_or_create(customer_id=case.record.id, kind=kind, defaults=parts)


def _name(row: dict[str, Any]) -> str | None:
    return str(row.get("name") or "").strip().casefold() or None


FLOW = Flow(
    entity=Entity.CUSTOMER,
    model=Customer,
    sources=(
        Source(side=Side.SEVERA, endpoint=SEVERA["customers"], match=_name),
        Source(
            side=Side.SEVERA,
            endpoint=SEVERA["addresses"],
            parent="customer.guid",
            parent_resource="customers",
        ),
        Source(side=Side.FINANCIALS, endpoint=FINANCIALS["customer"], match=_name),
    ),
    resources={Side.SEVERA: ("customers",), Side.FINANCIALS: ("customer",)},
    halves={Side.SEVERA: SeveraHalf(), Side.FINANCIALS: FinancialsHalf()},
    fields=lambda case: CUSTOMER,
    compose=_compose,
    columns=_columns,
    number=lambda seen: (
        None if seen.body.get("number") is None else str(seen.body["number"]).strip()
    ),
    label=_label,
    skip=_skip,
    wait=never_waits,
    pair=_pair,
    saved=_saved,
)
