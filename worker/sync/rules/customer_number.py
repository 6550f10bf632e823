"""Customer numbers in Severa: Financials gives them, temporary ones make room (R7, R47, Q14)."""

import csv
import io
from typing import Any

from schema import database
from schema.models import Attempt, Link
from schema.money import loads
from schema.words import AttemptState, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.sync import push, sightings
from worker.sync.flow import Case
from worker.sync.rules.severa import patch_body
from worker.vendors.errors import VendorRefused
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_WITH = """
SELECT body FROM sighting WHERE integration_id = $1 AND side = 'SEVERA'
AND resource = 'customers' AND body->>'number' = $2 AND missing_since IS NULL
"""
_HIGHEST = """
SELECT max((body->>'number')::bigint) AS number FROM sighting
WHERE integration_id = $1 AND side = 'SEVERA' AND resource = 'customers'
"""


async def give(
    ctx: Context, case: Case, write: push.Write, number: int, *, owner: str | None
) -> Any:
    """Carry out a write that gives a number, once nobody else has it; returns the answer's body.

    Raises VendorError and CannotMap.
    """
    await free(ctx, case, number, owner=owner)
    try:
        return (await push.push(ctx, write)).body
    except VendorRefused:
        if not await _learn(ctx, number, owner):
            raise
    await free(ctx, case, number, owner=owner)
    return (await push.push(ctx, write)).body


async def _learn(ctx: Context, number: int, owner: str | None) -> bool:
    """Look in Severa itself who has a number; tells whether somebody else does."""
    rows = [row for row in await _holders(ctx, number) if row["guid"] != owner]
    async with ctx.transaction():
        await sightings.keep(
            ctx,
            side=Side.SEVERA,
            resource="customers",
            rows=[(row["guid"], None, row) for row in rows],
            match=name,
        )
    return bool(rows)


async def free(ctx: Context, case: Case, number: int, *, owner: str | None) -> None:
    """Move another customer off a number that Financials gave to this one.

    Raises CannotMap when that customer has its number for good.
    """
    for row in await _known(ctx, number):
        if row["guid"] == owner:
            continue
        if row.get("isInternal") or await _agreed(ctx, row["guid"]):
            raise CannotMap(
                "number_taken", f"Number {number} belongs to customer {row['name']} in Severa."
            )
        await _park(ctx, case, row)


async def _known(ctx: Context, number: int) -> list[dict[str, Any]]:
    """Return the customers of Severa that were last seen with a number.

    Whoever got it since then is found when Severa refuses the number.
    """
    rows = await database.rows(_WITH, ctx.integration.id, str(number))
    return [loads(row["body"]) if isinstance(row["body"], str) else row["body"] for row in rows]


async def _holders(ctx: Context, number: int) -> list[dict[str, Any]]:
    pages = ctx.severa.pages(SEVERA["customers"], params={"numbers": number})
    return [row async for page in pages for row in page.rows if row.get("number") == number]


async def _agreed(ctx: Context, guid: str) -> bool:
    """Tell whether a customer of Severa carries the number that Financials gave to it."""
    link = await Link.get_or_none(
        integration_id=ctx.integration.id,
        side=Side.SEVERA.value,
        entity="CUSTOMER",
        internal_id=guid,
    )
    return link is not None and link.base.get("number") is not None


async def _park(ctx: Context, case: Case, row: dict[str, Any]) -> None:
    """Give a customer a free temporary number; its own one follows when its turn comes."""
    assert case.record is not None
    found = await database.rows(_HIGHEST, ctx.integration.id)
    free_number = max(int(found[0]["number"] or 0), 900_000) + 1
    while await _holders(ctx, free_number):
        free_number += 1
    await push.push(
        ctx,
        push.Write(
            entity="CUSTOMER",
            record_id=case.record.id,
            side=Side.SEVERA,
            purpose="customer.park",
            operation=severa.CUSTOMER_PATCH,
            path={"guid": row["guid"]},
            body=patch_body({"number": free_number}),
            label=f"renumber customer {row['name']} from {row['number']} to {free_number}, "
            "for the time being, in Severa",
            context=renumbered(row["guid"], row["name"], row["number"], free_number),
        ),
    )
    async with ctx.transaction():
        row = row | {"number": free_number}
        await sightings.keep(
            ctx, side=Side.SEVERA, resource="customers", rows=[(row["guid"], None, row)], match=name
        )


def renumbered(guid: str, title: str, old: Any, new: Any) -> dict[str, Any]:
    """Return what an attempt keeps of a change of number."""
    return {"renumber": {"guid": guid, "name": title, "old": old, "new": new}}


def name(row: dict[str, Any]) -> str | None:
    """Return the name by which customers are matched."""
    return " ".join(str(row.get("name") or "").split()).casefold() or None


async def renumberings(integration_id: Any) -> list[tuple[str, str, str]]:
    """Return name, old and new number of every customer that was renumbered in Severa."""
    attempts = await Attempt.filter(
        integration_id=integration_id,
        entity="CUSTOMER",
        side=Side.SEVERA,
        state=AttemptState.SUCCEEDED,
    ).order_by("id")
    first: dict[str, Any] = {}
    last: dict[str, dict[str, Any]] = {}
    for attempt in attempts:
        told = attempt.context.get("renumber")
        if told is not None:
            first.setdefault(told["guid"], told["old"])
            last[told["guid"]] = told
    return [
        (str(told["name"]), str(first[guid]), str(told["new"]))
        for guid, told in last.items()
        if first[guid] != told["new"]
    ]


async def renumber_csv(integration_id: Any) -> str:
    """Return the list of old and new customer numbers as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("customer", "old number", "new number"))
    writer.writerows(await renumberings(integration_id))
    return text.getvalue()
