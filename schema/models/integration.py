"""A Severa organization linked with one Visma.net company, and who works on it right now."""

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Row, json_field
from schema.words import IntegrationState


class Integration(Row):
    """One linked pair of companies; every record, key and job belongs to one (R24)."""

    name = fields.CharField(max_length=200)
    state = fields.CharEnumField(IntegrationState, default=IntegrationState.SETUP, max_length=16)
    paused_reason = fields.TextField(null=True)
    severa_organization_id = fields.CharField(max_length=64, null=True)
    financials_tenant_id = fields.CharField(max_length=64, null=True)
    organization_number = fields.CharField(max_length=32, null=True)
    base_currency = fields.CharField(max_length=3, null=True)
    severa_credentials = fields.TextField(null=True)
    financials_credentials = fields.TextField(null=True)
    webhook_secrets = fields.TextField(null=True)
    options = json_field(default=dict)
    status_roles = json_field(default=dict)
    start_from = fields.DateField(null=True)
    activated_at = fields.DatetimeField(null=True)
    next_tick_at = fields.DatetimeField(null=True)
    webhooks_held = fields.BooleanField(default=False)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "integration"


class Lease(Row):
    """Who may write for an integration until when; the token rises with every holder (J2)."""

    integration: fields.OneToOneRelation[Integration] = fields.OneToOneField(
        "models.Integration", on_delete=fields.CASCADE
    )
    holder = fields.CharField(max_length=100, null=True)
    token = fields.BigIntField(default=0)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "lease"


class Reference(Row):
    """A value of a vendor's reference data: a status, class, term, unit, currency, VAT zone."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    side = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=40)
    key = fields.CharField(max_length=200)
    label = fields.TextField(default="")
    body = json_field(default=dict)
    seen_at = fields.DatetimeField()

    class Meta:
        table = "reference"
        unique_together = (("integration_id", "side", "kind", "key"),)


class Checkpoint(Row):
    """How far a list has been read; committed together with its page (J8)."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    side = fields.CharField(max_length=16)
    resource = fields.CharField(max_length=60)
    watermark = fields.CharField(max_length=40, null=True)
    pending_watermark = fields.CharField(max_length=40, null=True)
    # The vendor's own Date headers: of the answer that held the watermark, and of the first answer
    # of the last whole reading (and of the one that goes on). They tell how far time has gone on
    # there since, so that a quiet list is not read again from its last change.
    watermark_date = fields.CharField(max_length=40, null=True)
    began_date = fields.CharField(max_length=40, null=True)
    pending_date = fields.CharField(max_length=40, null=True)
    resume = fields.TextField(null=True)
    completed_at = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "checkpoint"
        unique_together = (("integration_id", "side", "resource"),)


class Sighting(Row):
    """What a vendor last said about one of its objects, word for word."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    side = fields.CharField(max_length=16)
    resource = fields.CharField(max_length=60)
    external_id = fields.CharField(max_length=120)
    parent_id = fields.CharField(max_length=120, null=True)
    match_key = fields.CharField(max_length=300, null=True)
    body = json_field(default=dict)
    digest = fields.CharField(max_length=64)
    vendor_time = fields.CharField(max_length=40, null=True)
    seen_at = fields.DatetimeField()
    missing_since = fields.DatetimeField(null=True)
    dirty = fields.BooleanField(default=True)

    class Meta:
        table = "sighting"
        unique_together = (("integration_id", "side", "resource", "external_id"),)
        indexes = (
            Index(
                fields=("integration_id", "side", "resource", "parent_id"), name="sighting_parent"
            ),
            Index(
                fields=("integration_id", "side", "resource", "match_key"), name="sighting_match"
            ),
        )


class Link(Row):
    """Binds a unified record to its twin on one side, with the last agreed values there."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    entity = fields.CharField(max_length=16)
    record_id = fields.UUIDField()
    side = fields.CharField(max_length=16)
    external_id = fields.CharField(max_length=120)
    external_number = fields.CharField(max_length=60, null=True)
    internal_id = fields.CharField(max_length=60, null=True)
    base = json_field(default=dict)
    last_seen_at = fields.DatetimeField(null=True)
    missing_since = fields.DatetimeField(null=True)

    class Meta:
        table = "link"
        unique_together = (
            ("integration_id", "side", "entity", "external_id"),
            ("integration_id", "side", "entity", "internal_id"),
            ("record_id", "side"),
        )
