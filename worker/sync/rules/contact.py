"""The people at customers, both ways (R44, R176 to R184, Q11, Q53)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from schema import database
from schema.models import Contact, Link, Sighting
from schema.words import Entity, Side
from worker.context import Context
from worker.mapping.contact import CHANNELS, CONTACT, SLOTS, names_of, slot
from worker.mapping.convert import TEXT
from worker.mapping.field import Form
from worker.sync import push, sightings
from worker.sync.flow import Case, Flow, Seen
from worker.sync.pull import Source
from worker.sync.rules.contact_channel import Channels, allowed
from worker.sync.rules.severa import patch_body
from worker.sync.rules.unlinked import unlinked
from worker.vendors.endpoints import Operation
from worker.vendors.financials import FINANCIALS, operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_ROWS = {row.name: row for row in CONTACT}
_OWN = ("mainContact", "invoiceContact", "deliveryContact")
WORD = "CONTACT"


class SeveraHalf:
    """Contact persons in Severa; their phones and mail addresses are objects of their own there."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one contact again, with its communications."""
        return await self._again(ctx, case.seen[Side.SEVERA].key)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a contact of the customer by names and e-mail (Q44)."""
        source = case.seen[Side.FINANCIALS].body
        path = {"customerGuid": source["_twin"]}
        pages = ctx.severa.pages(SEVERA["customer_contactpersons"], path=path)
        wanted = (source["_first"] or "-", source["_last"])
        rows = [
            row
            async for page in pages
            for row in page.rows
            if (row["firstName"], row["lastName"]) == wanted
        ]
        free = await unlinked(
            ctx, side=Side.SEVERA, entity=WORD, keys=[row["guid"] for row in rows]
        )
        rows = [row for row in rows if row["guid"] in free]
        rows.sort(key=lambda row: source.get("email") not in (row.get("emails") or ()))
        return await self._again(ctx, rows[0]["guid"]) if rows else None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a contact with its communications."""
        body = _severa_body({name: value for name, value in wanted.items() if value is not None})
        body["customer"] = {"guid": case.seen[Side.FINANCIALS].body["_twin"]}
        answer = await push.push(
            ctx, _write(case, Side.SEVERA, "create", severa.CONTACT_CREATE, {}, body)
        )
        channels = Channels(ctx, case, contact=answer.body["guid"], rows=[])
        await channels.write(wanted)
        return await _severa_seen(ctx, answer.body, channels.rows)

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a contact and its communications."""
        seen = case.seen[Side.SEVERA]
        body, shown = _severa_body(wanted), seen.body
        if body:
            path = {"guid": seen.key}
            steps = patch_body(body)
            write = _write(case, Side.SEVERA, "update", severa.CONTACT_PATCH, path, steps)
            shown = (await push.push(ctx, write)).body[0]
        channels = Channels(ctx, case, contact=seen.key, rows=seen.body["_channels"])
        await channels.write(wanted)
        return await _severa_seen(ctx, shown, channels.rows)

    async def _again(self, ctx: Context, key: str) -> Seen:
        answer = await ctx.severa.read(severa.CONTACT_READ, path={"guid": key})
        pages = ctx.severa.pages(SEVERA["contact_communications"], path={"contactGuid": key})
        rows = [row async for page in pages for row in page.rows]
        return await _severa_seen(ctx, answer.body, rows)


class FinancialsHalf:
    """Contacts in Financials."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one contact again."""
        key = case.seen[Side.FINANCIALS].key
        answer = await ctx.financials.read(operations.CONTACT_READ, path={"contactId": key})
        return await _financials_seen(ctx, answer.body, answer.etag)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a contact of the account by names and e-mail (Q44)."""
        source = case.seen[Side.SEVERA].body
        first, last = (
            _ROWS[name].convert.read(Side.SEVERA, source[_ROWS[name].severa or ""], ctx.references)
            for name in ("first_name", "last_name")
        )
        params = {"businessAccount": source["_twin"], "lastName": last}
        rows = [
            row
            async for page in ctx.financials.pages(FINANCIALS["contact"], params=params)
            for row in page.rows
            if names_of(row) == (first, last)
        ]
        free = await unlinked(
            ctx,
            side=Side.FINANCIALS,
            entity=WORD,
            keys=[str(row["contactId"]) for row in rows],
        )
        composed = [
            await _financials_seen(ctx, row, None) for row in rows if str(row["contactId"]) in free
        ]
        composed = [seen for seen in composed if not seen.body["_own"]]
        composed.sort(key=lambda seen: seen.body.get("email") != source.get("_email"))
        return composed[0] if composed else None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a contact of the customer."""
        told = {name: value for name, value in wanted.items() if value is not None}
        body = _financials_body(ctx, told)
        body["businessAccount"] = case.seen[Side.SEVERA].body["_twin"]
        write = _write(
            case,
            Side.FINANCIALS,
            "create",
            operations.CONTACT_CREATE,
            {},
            wrap(body, financials_shapes.CONTACT),
        )
        answer = await push.push(ctx, write)
        made = await ctx.financials.read(
            operations.CONTACT_READ, path={"contactId": str(answer.location_key)}
        )
        return await _financials_seen(ctx, made.body, made.etag)

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a contact, if nobody else did since it was read."""
        seen = case.seen[Side.FINANCIALS]
        body = _financials_body(ctx, wanted)
        if body:
            write = _write(
                case,
                Side.FINANCIALS,
                "update",
                operations.CONTACT_UPDATE,
                {"contactId": seen.key},
                wrap(body, financials_shapes.CONTACT),
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
        entity=WORD,
        record_id=case.record.id,
        side=side,
        purpose=f"contact.{word}",
        operation=operation,
        path=path,
        body=body,
        if_match=etag,
        label=f"{word} {_label(case)} in {side.value.capitalize()}",
    )


def _severa_body(wanted: Form) -> dict[str, Any]:
    return {
        str(_ROWS[name].severa): value for name, value in wanted.items() if name not in CHANNELS
    }


def _financials_body(ctx: Context, wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in wanted.items():
        row = _ROWS[name]
        place = str(row.target(Side.FINANCIALS))
        if name in SLOTS:
            place = slot(name, ctx.references.options)
        if value is None and (row.convert is TEXT or name == "first_name"):
            value = ""  # An empty text clears; the contract allows no null inside a value.
        if value is not None:
            body[place] = value
    return body


async def _severa_seen(ctx: Context, body: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Seen:
    """Return a contact with its communications, which are kept as they are by now."""
    key = str(body["guid"])
    async with ctx.transaction():
        await sightings.keep(
            ctx,
            side=Side.SEVERA,
            resource="contactcommunications",
            rows=[(row["guid"], key, row) for row in rows],
            dirty=False,
        )
    seen = Seen(side=Side.SEVERA, resource="contactpersons", key=key, body=body)
    return (await _compose(ctx, Side.SEVERA, [seen]))[0]


async def _financials_seen(ctx: Context, body: dict[str, Any], etag: str | None) -> Seen:
    seen = Seen(
        side=Side.FINANCIALS,
        resource="contact",
        key=str(body["contactId"]),
        body=body,
        etag=etag,
    )
    return (await _compose(ctx, Side.FINANCIALS, [seen]))[0]


def _account(body: Mapping[str, Any]) -> str:
    return str(body.get("businessAccount") or "").strip()


def _customer(body: Mapping[str, Any]) -> str:
    return str((body.get("customer") or {}).get("guid"))


async def _compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    """Add the customer's record, its key on the other side, and what lives apart."""
    if side is Side.SEVERA:
        homes = await _homes(ctx, internal_id__in=[_customer(item.body) for item in seen])
        channels = await sightings.children(
            ctx, side=side, resource="contactcommunications", parents=[item.key for item in seen]
        )
        return [
            _extended(item, homes.get(_customer(item.body)), _channels(channels.get(item.key, [])))
            for item in seen
        ]
    homes = await _homes(ctx, external_number__in=[_account(item.body) for item in seen])
    own = await _own_contacts(ctx, homes.values())
    return [
        _extended(
            item,
            homes.get(_account(item.body)),
            _slots(ctx, item.body) | {"_own": item.key in own},
        )
        for item in seen
    ]


def _extended(seen: Seen, home: dict[Side, Link] | None, extra: dict[str, Any]) -> Seen:
    links = home or {}
    twin = links.get(seen.side.other)
    key = None
    if twin is not None:
        key = twin.internal_id if seen.side is Side.FINANCIALS else twin.external_number
    body = seen.body | extra | {"_twin": key}
    body["_customer"] = links[seen.side].record_id if seen.side in links else None
    return Seen(side=seen.side, resource=seen.resource, key=seen.key, body=body, etag=seen.etag)


async def _homes(ctx: Context, **where: Any) -> dict[str, dict[Side, Link]]:
    """Return the links of the customers by how this side names them."""
    by_guid = "internal_id__in" in where
    side = Side.SEVERA if by_guid else Side.FINANCIALS
    found = await Link.filter(
        integration_id=ctx.integration.id, side=side.value, entity="CUSTOMER", **where
    )
    others: dict[UUID, Link] = {}
    ids = [link.record_id for link in found]
    for link in await Link.filter(record_id__in=ids, side=side.other.value) if ids else ():
        others[link.record_id] = link
    homes: dict[str, dict[Side, Link]] = {}
    for link in found:
        pair = {side: link}
        if link.record_id in others:
            pair[side.other] = others[link.record_id]
        homes[str(link.internal_id if by_guid else link.external_number)] = pair
    return homes


async def _own_contacts(ctx: Context, homes: Collection[dict[Side, Link]]) -> set[str]:
    """Return the contacts that are a customer's own main, invoice or delivery contact (Q53)."""
    keys = [str(pair[Side.FINANCIALS].internal_id) for pair in homes]
    if not keys:
        return set()
    rows = await Sighting.filter(
        integration_id=ctx.integration.id,
        side=Side.FINANCIALS.value,
        resource="customer",
        external_id__in=keys,
    )
    return {str((row.body.get(name) or {}).get("contactId")) for row in rows for name in _OWN}


def _channels(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    extra: dict[str, Any] = {"_channels": list(rows)}
    for name, kind in CHANNELS.items():
        row = next(iter(allowed(rows, kind)), None)
        extra[f"_{name}"] = None if row is None else row.get("value")
    return extra


def _slots(ctx: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    first, last = names_of(body)
    phones = {f"_{name}": body.get(slot(name, ctx.references.options)) for name in SLOTS}
    return phones | {"_first": first, "_last": last}


def _label(case: Case) -> str:
    for seen in case.seen.values():
        names = (seen.body.get("firstName"), seen.body.get("lastName"))
        return "contact " + " ".join(str(name) for name in names if name and name != "-")
    return f"contact {getattr(case.record, 'last_name', None) or '?'}"


def _skip(ctx: Context, case: Case) -> str | None:
    """Leave out a customer's own contacts, contacts of others, and unused ones (Q53)."""
    if len(case.seen) == 2 or case.record is not None:
        return None
    for side, seen in case.seen.items():
        if seen.body.get("_customer") is None:
            return "Its customer is not kept in step (yet)."
        if seen.body.get("_own"):
            return "A customer's own contact is no contact."
        if side is Side.FINANCIALS and seen.body.get("_last") is None:
            return "A contact without any name cannot be kept in Severa."
        if seen.body.get("isActive") is False or seen.body.get("active") is False:
            return "Inactive contacts without a twin are left alone."
        if seen.body.get("isDeleted"):
            return "It is deleted in Severa."
    return None


async def _wait(ctx: Context, case: Case) -> str | None:
    for side, seen in case.seen.items():
        if side.other not in case.seen and seen.body.get("_twin") is None:
            return f"The customer is not in {side.other.value.capitalize()} yet."
    return None


def _columns(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {row.name: values[row.name] for row in CONTACT if row.name in values}
    for body in case.bodies.values():
        if body.get("_customer") is not None:
            columns["customer_id"] = body["_customer"]
            break
    return columns


def _choose(item: Seen, free: Sequence[Seen]) -> Seen:
    """Choose among people of one name at one customer: the same e-mail, else the oldest."""
    mails = _mails(item)
    return next((seen for seen in free if _mails(seen) & mails), free[0])


def _mails(seen: Seen) -> set[str]:
    found = [*(seen.body.get("emails") or ()), seen.body.get("email")]
    return {str(mail).strip().casefold() for mail in found if mail}


# A contact's match key is its customer's record with its name: it is known only once the customer
# is linked, so contacts of unknown customers rest without one and are due again by this.
_KEYS = """
UPDATE sighting s SET match_key = left(k.key, 300), dirty = s.dirty OR NOT k.linked
FROM (
    SELECT c.id, l.record_id || ' ' || lower(btrim(regexp_replace(
               concat_ws(' ', nullif(c.body->>'firstName', '-'), c.body->>'lastName'),
               '\\s+', ' ', 'g'))) AS key,
           EXISTS (SELECT 1 FROM link x WHERE x.integration_id = c.integration_id
                   AND x.side = c.side AND x.entity = 'CONTACT' AND x.internal_id = c.external_id
                  ) AS linked
    FROM sighting c
    JOIN link l ON l.integration_id = c.integration_id AND l.side = c.side
        AND l.entity = 'CUSTOMER' AND {binding}
    WHERE c.integration_id = $1 AND c.side = $2 AND c.resource = $3 AND c.match_key IS NULL
      AND c.missing_since IS NULL
) k WHERE k.id = s.id
"""
_BY_GUID = _KEYS.format(binding="l.internal_id = c.body->'customer'->>'guid'")
_BY_NUMBER = _KEYS.format(binding="l.external_number = btrim(c.body->>'businessAccount')")


async def _prepare(ctx: Context) -> None:
    """Work out the match keys of contacts whose customers are known by now."""
    async with ctx.transaction():
        me = ctx.integration.id
        await database.execute(_BY_GUID, me, Side.SEVERA.value, "contactpersons")
        await database.execute(_BY_NUMBER, me, Side.FINANCIALS.value, "contact")


FLOW = Flow(
    entity=Entity.CUSTOMER,
    word=WORD,
    model=Contact,
    sources=(
        Source(side=Side.SEVERA, endpoint=SEVERA["contactpersons"]),
        Source(
            side=Side.SEVERA,
            endpoint=SEVERA["contactcommunications"],
            parent="contact.guid",
            parent_resource="contactpersons",
            read=severa.COMMUNICATION_READ,
        ),
        Source(side=Side.FINANCIALS, endpoint=FINANCIALS["contact"]),
    ),
    resources={Side.SEVERA: ("contactpersons",), Side.FINANCIALS: ("contact",)},
    halves={Side.SEVERA: SeveraHalf(), Side.FINANCIALS: FinancialsHalf()},
    fields=lambda case: CONTACT,
    compose=_compose,
    columns=_columns,
    number=lambda seen: None,
    label=_label,
    skip=_skip,
    wait=_wait,
    choose=_choose,
    prepare=_prepare,
    vanished=lambda seen: bool(seen.body.get("isDeleted")),
)
