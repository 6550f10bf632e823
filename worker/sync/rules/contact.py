"""The people at customers (R44, Q53): which of them travel, how they are matched and stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from schema import database
from schema.models import Contact
from schema.words import Entity, Side
from worker.context import Context
from worker.mapping.contact import CONTACT
from worker.sync.flow import Case, Flow, Seen
from worker.sync.pull import Source
from worker.sync.rules.contact_home import compose
from worker.sync.rules.contact_side import WORD, FinancialsHalf, SeveraHalf, label
from worker.vendors.financials import FINANCIALS
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa


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
    compose=compose,
    columns=_columns,
    number=lambda seen: None,
    label=label,
    skip=_skip,
    wait=_wait,
    choose=_choose,
    prepare=_prepare,
    vanished=lambda seen: bool(seen.body.get("isDeleted")),
)
