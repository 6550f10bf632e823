"""Carrying out a person's wish for a customer or an item."""

import logging
from uuid import UUID

from schema.errors import Refused, Retryable
from schema.models import RecordWish
from schema.words import Entity
from worker.context import Context
from worker.sync import report, store
from worker.sync.flow import Flow
from worker.sync.rules import customer, product
from worker.sync.wish import carry
from worker.vendors.errors import OutcomeUnknown, VendorDenied

log = logging.getLogger(__name__)
_FLOWS: dict[Entity, Flow] = {Entity.CUSTOMER: customer.FLOW, Entity.PRODUCT: product.FLOW}


class WishWaits(Retryable):
    """It is not known yet whether the change landed; it is looked at again later."""

    code = "outcome_unknown"


async def wish(ctx: Context, *, wish_id: UUID) -> None:
    """Carry out one wish; a refusal ends it with a reason and an issue of the record."""
    found = await RecordWish.get_or_none(id=wish_id, integration_id=ctx.integration.id)
    if found is None or found.done_at is not None:
        return
    flow = _FLOWS[found.entity]
    record = await flow.model.get_or_none(id=found.record_id)
    if record is None:
        await _end(ctx, found, "The record is gone.")
        return
    before, ctx.actor = ctx.actor, found.asked_by
    try:
        reason = await carry(ctx, flow, record, found.wanted)
    except VendorDenied:
        raise
    except OutcomeUnknown as error:
        raise WishWaits(str(error)) from error
    except Refused as error:
        reason = getattr(error, "cause", None) or getattr(error, "message", None) or str(error)
        await _refuse(ctx, flow, found, str(reason), getattr(error, "issue", "wish_refused"))
    finally:
        ctx.actor = before
    await _end(ctx, found, reason)


async def _end(ctx: Context, found: RecordWish, reason: str | None) -> None:
    async with ctx.transaction():
        await RecordWish.filter(id=found.id).update(done_at=ctx.clock(), reason=reason)
        if reason is None:
            await report.resolve(ctx, subject=_subject(found))


def _subject(found: RecordWish) -> str:
    return f"wish:{found.record_id}"


async def _refuse(ctx: Context, flow: Flow, found: RecordWish, reason: str, code: str) -> None:
    log.warning("wish.refused entity=%s why=%s", flow.name, reason)
    record = await flow.model.get(id=found.record_id)
    entity, shown_id = store.about(record)
    names = ", ".join(store.shown_name(record._meta.db_table, name) for name in found.wanted)
    problem = report.Problem(
        code=code,
        cause=f"A wished change of {names} could not be carried out: {reason}",
        subject=_subject(found),
        records=((entity, shown_id),),
    )
    async with ctx.transaction():
        await report.report(ctx, problem)
