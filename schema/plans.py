"""Whether a retry plan still says what is true: its invoices have not changed since it was made."""

from schema.models import Change, Plan, PlanItem

CHANGED = "An invoice changed since the plan was made."


async def is_stale(plan: Plan) -> bool:
    """Tell whether an invoice of a plan changed after it was made, its own work left out.

    A plan that is under way is never stale: an interrupted execution goes on.
    """
    if plan.finished_at is None:
        return False
    if await PlanItem.filter(plan_id=plan.id, outcome__isnull=False).exists():
        return False
    ids = await PlanItem.filter(plan_id=plan.id, record_id__isnull=False).values_list(
        "record_id", flat=True
    )
    return await Change.filter(record_id__in=list(ids), at__gt=plan.finished_at).exists()
