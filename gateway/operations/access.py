"""Makes and revokes API keys (K3)."""

from __future__ import annotations

from uuid import UUID

from gateway.auth import make_key
from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema import database
from schema.models import ApiKey, Integration
from schema.types import access as types
from schema.types.ids import key_of
from schema.types.inputs import CreateApiKeyInput, RevokeApiKeyInput


async def create_api_key(context: Context, given: CreateApiKeyInput) -> Outcome:
    """Make a key; it may do no more, and reach no further, than the caller."""

    async def work() -> Outcome:
        return await _create(context, given)

    return await perform(context, "createApiKey", given, work)


async def _create(context: Context, given: CreateApiKeyInput) -> Outcome:
    name = given.name.strip()
    if not 1 <= len(name) <= 120:
        return refused(
            "BAD_NAME",
            "A key needs a name of 1 to 120 characters.",
            "Say what the key is for.",
            path=("input", "name"),
        )
    if not given.scopes:
        return refused(
            "NO_SCOPES", "A key needs a scope.", "Choose what it may do.", path=("input", "scopes")
        )
    beyond = set(given.scopes) - context.principal.scopes
    if beyond:
        names = ", ".join(sorted(scope.value for scope in beyond))
        return refused(
            "SCOPE_NOT_HELD",
            f"Your key lacks {names} itself.",
            "Ask for no more than your own key may do.",
            path=("input", "scopes"),
        )
    now = context.services.clock()
    if given.expires_at is not None and given.expires_at <= now:
        return refused(
            "ALREADY_EXPIRED",
            "The key would have ended before it was made.",
            "Choose a later moment.",
            path=("input", "expiresAt"),
        )
    bound = await _bound(context, given)
    if isinstance(bound, Outcome):
        return bound
    key, text = await make_key(
        name=name, scopes=given.scopes, integration_ids=bound, expires_at=given.expires_at
    )
    await note(context, "key.create", integration_id=None, subject=f"{name} ({key.prefix})")
    return Outcome(subject=key.id, secret=text)


async def _bound(context: Context, given: CreateApiKeyInput) -> list[UUID] | Outcome | None:
    """Return the integrations of a new key; by default those of the caller."""
    if given.integration_ids is None:
        allowed = context.principal.integration_ids
        return None if allowed is None else list(allowed)
    keys = [key_of(text, "Integration") for text in given.integration_ids]
    known = {key for key in keys if key is not None and context.principal.may_see(key)}
    found = await Integration.filter(id__in=list(known)).count()
    if len(known) != len(set(given.integration_ids)) or found != len(known):
        return unknown("integration", "integrationIds")
    return list(known)


async def revoke_api_key(context: Context, given: RevokeApiKeyInput) -> Outcome:
    """Revoke a key; revoking it again changes nothing."""
    key_id = key_of(given.api_key_id, "ApiKey")
    if key_id is None:
        return unknown("key", "apiKeyId")

    async def work() -> Outcome:
        key = await ApiKey.filter(id=key_id).select_for_update().first()
        if key is None or not _within(context, key):
            return unknown("key", "apiKeyId")
        if key.revoked_at is None:
            key.revoked_at = context.services.clock()
            await key.save(update_fields=["revoked_at"])
            await note(
                context, "key.revoke", integration_id=None, subject=f"{key.name} ({key.prefix})"
            )
        return Outcome(subject=key.id)

    return await perform(context, "revokeApiKey", given, work)


def _within(context: Context, key: ApiKey) -> bool:
    allowed = context.principal.integration_ids
    if allowed is None:
        return True
    bound = key.integration_ids
    return bound is not None and {UUID(text) for text in bound} <= allowed


async def load_key(key_id: UUID) -> types.ApiKey | None:
    """Load the description of a key."""
    rows = await database.rows("SELECT * FROM api_key WHERE id = $1", key_id)
    return types.api_key_type(rows[0]) if rows else None
