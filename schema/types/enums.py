"""The shared words as GraphQL enums; importing this module registers them."""

import strawberry

from schema import words

for _word in (
    words.Side,
    words.Entity,
    words.SyncState,
    words.InvoiceKind,
    words.InvoiceState,
    words.ProjectStatus,
    words.ProductKind,
    words.AddressKind,
    words.IntegrationState,
    words.SyncTrigger,
    words.SyncRunState,
    words.SyncDirection,
    words.AttemptState,
    words.JobState,
    words.WebhookEventState,
    words.PlanKind,
    words.PlanState,
    words.PlanAction,
    words.SetupHow,
    words.SetupCheckState,
    words.SetupReportState,
    words.MatchKind,
    words.MatchDecision,
    words.NumberOutcome,
    words.CostMode,
    words.SeveralProjects,
    words.ReleaseMode,
    words.Scope,
):
    strawberry.enum(_word)

strawberry.enum(words.Role, name="InvoiceStatusRole")
