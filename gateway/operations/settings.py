"""Changes how an integration transfers: its options, each checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from strawberry import UNSET

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, on_integration, refused
from gateway.operations.setting_table import BadTable, read_table
from schema.models import Integration
from schema.types.inputs_setup import UpdateIntegrationSettingsInput
from schema.types.settings import PRICED, TABLES

PLAIN = (
    "cost_mode", "cost_multiplier", "cost_start_from", "several_projects", "release",
    "apply_credit_notes", "attachments", "pdf_after_release", "contact_mobile_slot",
    "contact_phone_slot",
)  # fmt: skip
HIGHEST_MULTIPLIER = Decimal(10_000)


async def update_settings(context: Context, given: UpdateIntegrationSettingsInput) -> Outcome:
    """Change what is given; null puts an option back to its default."""

    async def change(integration: Integration) -> Outcome:
        options = dict(integration.options or {})
        for name in PLAIN:
            _set(options, name, getattr(given, name))
        _prices(options, given)
        _accounts(options, given)
        problem = _problem(options, given)
        if problem is not None:
            return problem
        try:
            for name in TABLES:
                entries = getattr(given, name)
                if entries is not UNSET:
                    table = await read_table(integration.id, name, entries or ())
                    _set(options, name, table or None)
        except BadTable as error:
            return _refused(error.name, error.message, error.step)
        return await _save(context, integration, given, options)

    return await on_integration(context, "updateIntegrationSettings", given, change)


def _set(options: dict[str, Any], name: str, value: Any) -> None:
    if value is UNSET:
        return
    if value is None:
        options.pop(name, None)
    elif isinstance(value, Enum):
        options[name] = value.value
    else:
        options[name] = value.isoformat() if isinstance(value, date) else value


def _prices(options: dict[str, Any], given: UpdateIntegrationSettingsInput) -> None:
    """Keep for every register whether its price is kept in step (Q7)."""
    chosen = given.prices
    if chosen is UNSET or chosen is None:
        _set(options, "prices", chosen)
    else:
        options["prices"] = {kind.value: kind in chosen for kind in PRICED}


def _accounts(options: dict[str, Any], given: UpdateIntegrationSettingsInput) -> None:
    """A list replaces the expense accounts; with exclusions it adds to them (Q6)."""
    if given.cost_accounts is UNSET and given.cost_accounts_excluded is UNSET:
        return
    before = options.get("cost_accounts") or ()
    kept = before if isinstance(before, Mapping) else {"include": list(before)}
    more = kept.get("include") if given.cost_accounts is UNSET else given.cost_accounts
    less = (
        kept.get("exclude")
        if given.cost_accounts_excluded is UNSET
        else given.cost_accounts_excluded
    )
    found = {"include": _texts(more), "exclude": _texts(less)} if less else _texts(more)
    _set(options, "cost_accounts", found or None)


def _texts(texts: Any) -> list[str]:
    return sorted({str(text).strip() for text in texts or () if str(text).strip()})


def _problem(options: Mapping[str, Any], given: UpdateIntegrationSettingsInput) -> Outcome | None:
    multiplier = options.get("cost_multiplier")
    if multiplier is not None and not 0 <= multiplier <= HIGHEST_MULTIPLIER:
        return _refused(
            "cost_multiplier",
            f"The multiplier is {multiplier} %; it must be 0 to {HIGHEST_MULTIPLIER} %.",
            "150 means times 1.5.",
        )
    mobile = options.get("contact_mobile_slot", "phone1")
    if mobile == options.get("contact_phone_slot", "phone2"):
        return _refused(
            "contact_phone_slot",
            f"Mobile and phone numbers would both be in {mobile}.",
            "Choose two different fields.",
        )
    if given.name is not UNSET and not 1 <= len((given.name or "").strip()) <= 200:
        return _refused("name", "A name has 1 to 200 characters.", "Use the company's name.")
    return None


async def _save(
    context: Context,
    integration: Integration,
    given: UpdateIntegrationSettingsInput,
    options: dict[str, Any],
) -> Outcome:
    before = dict(integration.options or {})
    integration.options = options
    if given.name is not UNSET and given.name is not None:
        integration.name = given.name.strip()
    if given.start_from is not UNSET:
        integration.start_from = given.start_from
    await integration.save(update_fields=["options", "name", "start_from", "updated_at"])
    names = {*before, *options}
    await note(
        context,
        "integration.settings",
        integration_id=integration.id,
        subject=integration.name,
        changed={
            name: options.get(name) for name in names if before.get(name) != options.get(name)
        },
    )
    return Outcome(subject=integration.id, ring=integration.id)


def _refused(name: str, message: str, step: str) -> Outcome:
    head, *rest = name.split("_")
    field = head + "".join(part.capitalize() for part in rest)
    return refused("BAD_SETTING", message, step, path=("input", field))
