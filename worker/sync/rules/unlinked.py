"""Which objects no record is linked with: only these may be adopted (Q44)."""

from collections.abc import Collection

from schema.models import Link
from schema.words import Side
from worker.context import Context


async def unlinked(ctx: Context, *, side: Side, entity: str, keys: Collection[str]) -> set[str]:
    """Return the keys that no link has."""
    taken = await Link.filter(
        integration_id=ctx.integration.id,
        side=side.value,
        entity=entity,
        internal_id__in=list(keys),
    ).values_list("internal_id", flat=True)
    return set(keys) - {str(key) for key in taken}
