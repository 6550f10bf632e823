"""Work that is due: job rows (the outbox), received webhooks (the inbox), wishes of people."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Row, json_field
from schema.models.integration import Integration
from schema.words import Entity, JobState, Side, WebhookEventState


class Job(Row):
    """One piece of work for the lease holder of an integration (J1).

    A `dedupe_key` is unique among queued rows: the same wish twice is one row.
    """

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    kind = fields.CharField(max_length=60)
    arguments = json_field(default=dict)
    dedupe_key = fields.CharField(max_length=200)
    priority = fields.IntField(default=50)
    state = fields.CharEnumField(JobState, default=JobState.QUEUED, max_length=8)
    due_at = fields.DatetimeField()
    tries = fields.IntField(default=0)
    fence = fields.BigIntField(default=0)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    error = fields.TextField(null=True)
    trace = fields.CharField(max_length=120, null=True)

    class Meta:
        table = "job"
        indexes = (Index(fields=("integration_id", "state", "priority", "due_at"), name="job_due"),)


class WebhookEvent(Row):
    """A webhook as it came in, stored once and kept (W8, W11)."""

    integration_id = fields.UUIDField(null=True)
    side = fields.CharEnumField(Side, max_length=16)
    source = fields.CharField(max_length=80)
    event_id = fields.CharField(max_length=200)
    type = fields.CharField(max_length=120)
    body = fields.BinaryField()
    headers = json_field(default=dict)
    digest = fields.CharField(max_length=64)
    key_used = fields.CharField(max_length=40, null=True)
    state = fields.CharEnumField(
        WebhookEventState, default=WebhookEventState.RECEIVED, max_length=16
    )
    reason = fields.TextField(null=True)
    tries = fields.IntField(default=0)
    duplicates = fields.IntField(default=0)
    received_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_event"
        unique_together = (("side", "source", "event_id"),)
        indexes = (
            Index(fields=("integration_id", "id"), name="webhook_order"),
            Index(fields=("state", "received_at"), name="webhook_state"),
        )


class RecordWish(Row):
    """Values that a person wants a record to have; the job `record.wish` carries them out.

    `wanted` holds column names of the record (`website`, `class_id`) with plain JSON values. The
    worker writes them to both sides by the owner rule of each field, then sets `done_at`; a wish
    that cannot be carried out ends with a `reason`.
    """

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    entity = fields.CharEnumField(Entity, max_length=16)
    record_id = fields.UUIDField()
    wanted = json_field(default=dict)
    asked_by = fields.CharField(max_length=120)
    done_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "record_wish"
        indexes = (Index(fields=("record_id", "id"), name="wish_record"),)
