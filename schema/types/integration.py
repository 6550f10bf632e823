"""Integrations: one Severa organization linked with one Visma.net company."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from schema.money import loads
from schema.types.base import Node, Row
from schema.types.ids import write_id
from schema.types.said import said
from schema.words import CostMode, IntegrationState, ReleaseMode, SeveralProjects


@strawberry.type
class IntegrationSettings:
    """How an integration transfers what it transfers."""

    cost_mode: CostMode = said("Whether supplier costs become costs only, or costs and fees.")
    cost_multiplier: Decimal = said("In percent: 150 means times 1.5.")
    several_projects: SeveralProjects = said(
        "What happens to an invoice whose rows belong to several projects."
    )
    release: ReleaseMode = said("Whether the gateway releases documents, or a bookkeeper does.")
    attachments: bool = said("Whether files are copied along.")


@strawberry.type
class Integration(Node):
    """A Severa organization linked with a Visma.net company."""

    key: strawberry.Private[UUID]
    name: str = said("The name that people use.")
    state: IntegrationState = said("Whether it is being set up, runs by itself, or stands still.")
    paused_reason: str | None = said("Why it stands still, if it does.")
    severa_organization_id: str | None = said("The organization in Severa.")
    financials_tenant_id: str | None = said("The company in Visma.net.")
    organization_number: str | None = said("The official number of the company.")
    base_currency: str | None = said("The currency of the company's books.")
    start_from: date | None = said("Invoices before this date are not transferred.")
    activated_at: datetime | None = said("When it was first switched on.")
    next_run_at: datetime | None = said("When the next sync run is due.")
    webhooks_held: bool = said("Whether received webhooks wait instead of being handled.")
    settings: IntegrationSettings = said("How it transfers.")


def integration_type(row: Row) -> Integration:
    """Make an integration from its row."""
    return Integration(
        id=write_id("Integration", row["id"]),
        key=row["id"],
        name=row["name"],
        state=IntegrationState(row["state"]),
        paused_reason=row["paused_reason"],
        severa_organization_id=row["severa_organization_id"],
        financials_tenant_id=row["financials_tenant_id"],
        organization_number=row["organization_number"],
        base_currency=row["base_currency"],
        start_from=row["start_from"],
        activated_at=row["activated_at"],
        next_run_at=row["next_tick_at"],
        webhooks_held=row["webhooks_held"],
        settings=_settings(row),
    )


def _settings(row: Row) -> IntegrationSettings:
    options = loads(row["options"]) if isinstance(row["options"], str) else row["options"] or {}
    return IntegrationSettings(
        cost_mode=CostMode(options.get("cost_mode", CostMode.COSTS_ONLY)),
        cost_multiplier=Decimal(str(options.get("cost_multiplier", 100))),
        several_projects=SeveralProjects(options.get("several_projects", SeveralProjects.REFUSE)),
        release=ReleaseMode(options.get("release", ReleaseMode.AUTOMATIC)),
        attachments=bool(options.get("attachments", False)),
    )
