"""Sync runs with their steps, and plans with their items."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Row, json_field, money_field
from schema.models.integration import Integration
from schema.words import (
    Entity,
    PlanAction,
    PlanKind,
    PlanState,
    Side,
    SyncDirection,
    SyncRunState,
    SyncTrigger,
)


class SyncRun(Row):
    """One pass over all steps of an integration (R26)."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    trigger = fields.CharEnumField(SyncTrigger, max_length=16)
    state = fields.CharEnumField(SyncRunState, default=SyncRunState.QUEUED, max_length=24)
    entities = json_field(null=True)
    full = fields.BooleanField(default=False)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)
    cancel_asked = fields.BooleanField(default=False)

    class Meta:
        table = "sync_run"
        indexes = (Index(fields=("integration_id", "id"), name="run_order"),)


class SyncStep(Row):
    """One step of a run with its counts, written per page while it goes on."""

    run: fields.ForeignKeyRelation[SyncRun] = fields.ForeignKeyField(
        "models.SyncRun", on_delete=fields.CASCADE, related_name="steps"
    )
    run_id: Any
    position = fields.IntField()
    name = fields.CharField(max_length=40)
    entity = fields.CharEnumField(Entity, max_length=16, null=True)
    direction = fields.CharEnumField(SyncDirection, max_length=8)
    state = fields.CharEnumField(SyncRunState, default=SyncRunState.QUEUED, max_length=24)
    processed = fields.IntField(default=0)
    total = fields.IntField(null=True)
    created = fields.IntField(default=0)
    updated = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    failed = fields.IntField(default=0)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "sync_step"
        unique_together = (("run_id", "position"),)


class Plan(Row):
    """A list of intended writes that can be read before it is carried out."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    kind = fields.CharEnumField(PlanKind, max_length=8)
    state = fields.CharEnumField(PlanState, default=PlanState.QUEUED, max_length=8)
    selection = json_field(null=True)
    reason = fields.TextField(null=True)
    finished_at = fields.DatetimeField(null=True)
    executed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "plan"


class PlanItem(Row):
    """One intended write of a plan: record, side, action, fields before and after."""

    plan: fields.ForeignKeyRelation[Plan] = fields.ForeignKeyField(
        "models.Plan", on_delete=fields.CASCADE, related_name="items"
    )
    plan_id: Any
    position = fields.IntField()
    entity = fields.CharEnumField(Entity, max_length=16)
    record_id = fields.UUIDField(null=True)
    label = fields.TextField()
    side = fields.CharEnumField(Side, max_length=16)
    action = fields.CharEnumField(PlanAction, max_length=16)
    fields_changed = json_field(default=list)
    money = money_field(null=True)
    currency = fields.CharField(max_length=3, null=True)
    forecast = fields.TextField(null=True)
    cause = fields.TextField(null=True)
    next_step = fields.TextField(null=True)
    outcome = fields.TextField(null=True)

    class Meta:
        table = "plan_item"
        unique_together = (("plan_id", "position"),)
