"""What answers of the vendors tell about credentials, scopes, licence and the other integration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.words import Side
from worker.checks.verdict import Verdict, failed, listed, passed, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that was no: the call, its status and what the vendor said."""

    operation: str
    status: int | None
    message: str


def access(
    *, side: Side, denied: Refusal | None, down: str | None, lacking: Sequence[str]
) -> list[Verdict]:
    """Judge the door of one side by its first answer (R21, R22, R23, R25, Q33)."""
    name = side.value.lower()
    if down is not None:
        return [unknown(f"{name}_access", down), unknown(f"{name}_scopes", down)]
    if denied is None:
        return [passed(f"{name}_access"), _scopes(f"{name}_scopes", lacking)]
    if "invalid_scope" in denied.message:
        text = "Visma Connect refuses the scopes that are asked for (invalid_scope)."
        return [passed(f"{name}_access"), failed(f"{name}_scopes", text)]
    if denied.status == 403 and "token" not in denied.operation:
        text = f"{denied.operation}: {denied.message}"
        return [passed(f"{name}_access"), failed(f"{name}_scopes", text)]
    return [
        failed(f"{name}_access", _why(denied)),
        unknown(f"{name}_scopes", "Nobody was let in to ask."),
    ]


def _scopes(code: str, lacking: Sequence[str]) -> Verdict:
    if lacking:
        return failed(code, f"These scopes are not granted: {', '.join(sorted(lacking))}.")
    return passed(code)


def _why(denied: Refusal) -> str:
    if "12027" in denied.message:
        return (
            "Visma.net has no licence for this tenant (fault 12027): it is the tenant of the "
            "licence holder, or the company lies under another licence."
        )
    if "invalid_tenant" in denied.message:
        return "Visma Connect does not let this application into the tenant (invalid_tenant)."
    if "invalid_client" in denied.message:
        return "Client id or secret of Visma.net are wrong (invalid_client)."
    return f"{denied.operation} answered {denied.status or 'no'}: {denied.message}"


def refused_calls(*, side: Side, scopes: Verdict, refusals: Sequence[Refusal]) -> Verdict:
    """Add to the verdict on scopes what was refused to a single call with 403."""
    forbidden = [refusal for refusal in refusals if refusal.status == 403]
    if not forbidden or scopes.cause is not None:
        return scopes
    calls = listed([f"{refusal.operation} ({refusal.message})" for refusal in forbidden], most=5)
    return failed(scopes.code, f"{side.value.capitalize()} refuses these calls: {calls}.")


def vendor_integration(*, company: Mapping[str, Any] | None) -> list[Verdict]:
    """Refuse while Severa's own integration is connected: both would give numbers (Q45)."""
    code = "vendor_integration"
    if company is None:
        return [passed(code, "Severa's own integration is not connected.")]
    name = company.get("name") or company.get("id")
    return [failed(code, f"Severa's own integration is connected with {name}.")]
