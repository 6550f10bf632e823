"""Assigns roles to the invoice statuses of Severa by hand (R82, Q3, Q19)."""

from __future__ import annotations

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, on_integration, refused
from schema.models import Integration, Reference
from schema.types.inputs_setup import SetStatusRolesInput
from schema.words import Role, Side


async def set_status_roles(context: Context, given: SetStatusRolesInput) -> Outcome:
    """Assign one status to every role; an empty list lets the worker infer them again."""

    async def change(integration: Integration) -> Outcome:
        problem = await _problem(integration, given)
        if problem is not None:
            return problem
        integration.status_roles = {one.status_id: one.role.value for one in given.roles}
        await integration.save(update_fields=["status_roles", "updated_at"])
        await note(
            context, "integration.status_roles", integration_id=integration.id,
            subject=integration.name, roles=integration.status_roles,
        )  # fmt: skip
        return Outcome(subject=integration.id, ring=integration.id)

    return await on_integration(context, "setStatusRoles", given, change)


async def _problem(integration: Integration, given: SetStatusRolesInput) -> Outcome | None:
    if not given.roles:
        return None
    found = await Reference.filter(
        integration_id=integration.id, side=Side.SEVERA.value, kind="invoicestatuses"
    )
    known = {row.key for row in found if row.body.get("isActive", True)}
    strange = [one.status_id for one in given.roles if one.status_id not in known]
    if strange:
        return _refused(
            "UNKNOWN_STATUS",
            f"Severa has no active invoice status {strange[0][:60]!r}.",
            "Take the ids from statusRoles; test the integration if it shows none.",
        )
    roles = [one.role for one in given.roles]
    statuses = [one.status_id for one in given.roles]
    if len(set(roles)) < len(roles) or len(set(statuses)) < len(statuses):
        return _refused(
            "ROLE_TWICE",
            "A role has two statuses, or a status two roles.",
            "Give every role one status of its own.",
        )
    missing = [role.value for role in Role if role not in roles]
    if missing:
        return _refused(
            "ROLE_MISSING",
            f"No status has the role {', '.join(missing)}.",
            "Give every role one status of its own.",
        )
    return None


def _refused(code: str, message: str, step: str) -> Outcome:
    return refused(code, message, step, path=("input", "roles"))
