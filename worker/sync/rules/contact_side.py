"""How the people at customers are read and written on each side (R176 to R184, Q11, Q53)."""

from collections.abc import Sequence
from typing import Any

from schema.words import Side
from worker.context import Context
from worker.mapping.contact import CHANNELS, CONTACT, SLOTS, names_of, slot
from worker.mapping.convert import TEXT
from worker.mapping.field import Form
from worker.sync import push, sightings
from worker.sync.flow import Case, Seen
from worker.sync.rules.contact_channel import Channels
from worker.sync.rules.contact_home import compose
from worker.sync.rules.severa import patch_body
from worker.sync.rules.unlinked import unlinked
from worker.vendors.endpoints import Operation
from worker.vendors.financials import FINANCIALS, operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_ROWS = {row.name: row for row in CONTACT}
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
        label=f"{word} {label(case)} in {side.value.capitalize()}",
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
    return (await compose(ctx, Side.SEVERA, [seen]))[0]


async def _financials_seen(ctx: Context, body: dict[str, Any], etag: str | None) -> Seen:
    seen = Seen(
        side=Side.FINANCIALS,
        resource="contact",
        key=str(body["contactId"]),
        body=body,
        etag=etag,
    )
    return (await compose(ctx, Side.FINANCIALS, [seen]))[0]


def label(case: Case) -> str:
    """Name a contact for people."""
    for seen in case.seen.values():
        names = (seen.body.get("firstName"), seen.body.get("lastName"))
        return "contact " + " ".join(str(name) for name in names if name and name != "-")
    return f"contact {getattr(case.record, 'last_name', None) or '?'}"
