"""Integrations: one Severa organization linked with one Visma.net company."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from schema.money import loads
from schema.types.base import Node, Row
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.said import said
from schema.types.settings import IntegrationSettings, settings_type
from schema.words import IntegrationState

if TYPE_CHECKING:
    from schema.types.setup import SetupReport


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

    @strawberry.field
    async def setup_report(
        self, info: Info
    ) -> Annotated[SetupReport, strawberry.lazy("schema.types.setup")] | None:
        """The newest report of its set-up; null if it was never tested."""
        return await loaders(info).newest_setup_report.load(self.key)


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
        settings=settings_type(_options(row)),
    )


def _options(row: Row) -> dict[str, Any]:
    found = loads(row["options"]) if isinstance(row["options"], str) else row["options"]
    return found or {}
