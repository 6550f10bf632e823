"""Keeps what administrators state about the set-up, and what they set aside (Q46)."""

from __future__ import annotations

from typing import Any

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, on_integration, perform, refused, unknown
from gateway.operations.setup import newest_report
from schema import setup
from schema.models import Integration, SetupCheck
from schema.setup_checks import CHECKS
from schema.types.ids import key_of
from schema.types.inputs_setup import AttestSetupInput, SetAsideSetupCheckInput


async def attest_setup(context: Context, given: AttestSetupInput) -> Outcome:
    """Keep that an administrator confirms a check, who and when; it is asked again in a year."""

    async def change(integration: Integration) -> Outcome:
        try:
            await setup.attest(
                integration_id=integration.id,
                code=given.code,
                by=context.principal.id,
                now=context.services.clock(),
                answer=_answer(given),
            )
        except setup.NotAttestable:
            return _not_attestable(given.code)
        await note(
            context, "setup.attest", integration_id=integration.id, subject=given.code,
            answer=_answer(given),
        )  # fmt: skip
        return Outcome(subject=await newest_report(integration.id), ring=integration.id)

    return await on_integration(context, "attestSetup", given, change)


def _answer(given: AttestSetupInput) -> dict[str, Any] | None:
    if given.not_used:
        return {"used": False}
    return None if given.status_id is None else {"status": given.status_id.strip()}


def _not_attestable(code: str) -> Outcome:
    known = CHECKS.get(code)
    if known is None:
        message = f"There is no check {code[:60]!r}."
        step = "Take a code from the report."
    else:
        message = f"'{known.title}' is looked up, not stated."
        step = "Put it right, then test again; or set it aside with a reason."
    return refused("NOT_ATTESTABLE", message, step, path=("input", "code"))


async def set_aside(context: Context, given: SetAsideSetupCheckInput) -> Outcome:
    """Let activation pass over one finding; it counts again once its cause is another one."""
    key = key_of(given.check_id, "SetupCheck")
    if key is None:
        return unknown("check", "checkId")

    async def work() -> Outcome:
        check = await SetupCheck.filter(id=key).select_for_update().first()
        if check is None or not context.principal.may_see(check.integration_id):
            return unknown("check", "checkId")
        try:
            await setup.set_aside(
                check=check,
                by=context.principal.id,
                reason=given.reason[:2000],
                now=context.services.clock(),
            )
        except setup.ReasonMissing:
            return refused(
                "REASON_MISSING",
                "A finding is set aside with a reason.",
                "Say why activation may pass over it.",
                path=("input", "reason"),
            )
        await note(
            context, "setup.set_aside", integration_id=check.integration_id,
            subject=f"{check.code} {check.subject}".strip(), reason=check.set_aside_reason,
        )  # fmt: skip
        return Outcome(subject=await newest_report(check.integration_id), ring=check.integration_id)

    return await perform(context, "setAsideSetupCheck", given, work)
