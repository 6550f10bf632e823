"""Who may ask and what was asked: API keys, idempotency keys, audit; subscribers of changes."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Row, json_field


class ApiKey(Row):
    """A key of a client: hashed, scoped, bound to integrations, revocable (K3)."""

    name = fields.CharField(max_length=120)
    prefix = fields.CharField(max_length=16, unique=True)
    secret_hash = fields.CharField(max_length=64)
    scopes = json_field(default=list)
    integration_ids = json_field(null=True)
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class IdempotencyKey(Row):
    """The first answer to a mutation that carried an idempotency key (J5)."""

    principal = fields.CharField(max_length=120)
    key = fields.CharField(max_length=200)
    mutation = fields.CharField(max_length=80)
    digest = fields.CharField(max_length=64)
    answer = json_field(null=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("principal", "key"),)


class Audit(Row):
    """What a person or a key did here."""

    integration_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=120)
    action = fields.CharField(max_length=80)
    subject = fields.TextField(default="")
    details = json_field(default=dict)

    class Meta:
        table = "audit"
        indexes = (Index(fields=("integration_id", "id"), name="audit_order"),)


class Subscriber(Row):
    """An address that wants to be told of changes by webhook (W16)."""

    integration_id = fields.UUIDField(null=True)
    url = fields.TextField()
    events = json_field(default=list)
    secret = fields.TextField()
    position = fields.BigIntField(default=0)
    disabled_at = fields.DatetimeField(null=True)
    disabled_reason = fields.TextField(null=True)

    class Meta:
        table = "subscriber"


class Delivery(Row):
    """One try-until-done delivery of one change to one subscriber."""

    subscriber: fields.ForeignKeyRelation[Subscriber] = fields.ForeignKeyField(
        "models.Subscriber", on_delete=fields.CASCADE, related_name="deliveries"
    )
    subscriber_id: Any
    position = fields.BigIntField(null=True)
    type = fields.CharField(max_length=60)
    body = json_field(default=dict)
    state = fields.CharField(max_length=16, default="QUEUED")
    tries = fields.IntField(default=0)
    status = fields.IntField(null=True)
    error = fields.TextField(null=True)
    due_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "delivery"
        indexes = (Index(fields=("subscriber_id", "id"), name="delivery_order"),)


class Installation(Row):
    """This database's identity, so that a restored copy notices that it is one."""

    instance = fields.CharField(max_length=120)

    class Meta:
        table = "installation"
