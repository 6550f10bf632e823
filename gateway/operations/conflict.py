"""Stores which side wins a field; the worker applies it."""

from __future__ import annotations

from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema import database, jobs, queue
from schema.models import Conflict, Integration, SyncRun
from schema.types.ids import key_of
from schema.types.inputs import ResolveConflictInput
from schema.words import Side, SyncRunState, SyncTrigger

_MAKE_DUE = """
UPDATE sighting s SET dirty = TRUE FROM link l
WHERE l.record_id = $1 AND l.side = $2 AND s.integration_id = l.integration_id
  AND s.side = l.side AND s.external_id = l.internal_id
"""


async def resolve_conflict(context: Context, given: ResolveConflictInput) -> Outcome:
    """Store a person's choice and start the sync that carries it out."""
    key = key_of(given.conflict_id, "Conflict")
    if key is None:
        return unknown("conflict", "conflictId")

    async def work() -> Outcome:
        conflict = await Conflict.filter(id=key).select_for_update().first()
        if conflict is None or not context.principal.may_see(conflict.integration_id):
            return unknown("conflict", "conflictId")
        if conflict.resolved_at is not None:
            return refused(
                "ALREADY_RESOLVED",
                "Both sides agree already.",
                "Nothing is left to do.",
                path=("input", "conflictId"),
            )
        return await _choose(context, conflict, given)

    return await perform(context, "resolveConflict", given, work)


async def _choose(context: Context, conflict: Conflict, given: ResolveConflictInput) -> Outcome:
    conflict.chosen_side = given.side
    conflict.resolved_by = context.principal.id[:120]
    await conflict.save(update_fields=["chosen_side", "resolved_by"])
    integration = await Integration.filter(id=conflict.integration_id).select_for_update().get()
    if given.make_rule:
        rules = dict(integration.options.get("field_owners", {}))
        rules[f"{conflict.entity.value}.{conflict.field}"] = given.side.value
        integration.options = {**integration.options, "field_owners": rules}
        await integration.save(update_fields=["options", "updated_at"])
    # A sync merges what is due; the record in Severa, seen before, is due once more.
    await database.execute(_MAKE_DUE, _record_of(conflict), Side.SEVERA.value)
    await _sync(integration)
    await note(
        context,
        "conflict.resolve",
        integration_id=integration.id,
        subject=f"{conflict.entity.value} {conflict.record_id} {conflict.field}",
        side=given.side.value,
        rule=bool(given.make_rule),
    )
    return Outcome(subject=conflict.id, ring=integration.id)


def _record_of(conflict: Conflict) -> UUID:
    """Return whose link carries the field: a contact's for `contacts.<id>.<field>`."""
    head, _, rest = conflict.field.partition(".")
    return UUID(rest.split(".")[0]) if head == "contacts" and rest else conflict.record_id


async def _sync(integration: Integration) -> None:
    """Make sure that a run is queued."""
    queued = await SyncRun.filter(integration_id=integration.id, state=SyncRunState.QUEUED).first()
    if queued is None:
        queued = await SyncRun.create(integration_id=integration.id, trigger=SyncTrigger.MANUAL)
    await queue.enqueue(jobs.SYNC, integration_id=integration.id, arguments={"run_id": queued.id})
