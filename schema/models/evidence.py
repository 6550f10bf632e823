"""Evidence: attempts to write outside, issues, conflicts, the journal and the number ledger."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from schema.models.base import Row, json_field
from schema.models.integration import Integration
from schema.words import AttemptState, Entity, InvoiceKind, NumberOutcome, Side


class Attempt(Row):
    """One write to the outside: intent committed, then the call, then the outcome (J4)."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    entity = fields.CharField(max_length=16)
    record_id = fields.UUIDField()
    side = fields.CharEnumField(Side, max_length=16)
    operation = fields.CharField(max_length=120)
    purpose = fields.CharField(max_length=40)
    mark = fields.CharField(max_length=80, null=True)
    digest = fields.CharField(max_length=64, null=True)
    state = fields.CharEnumField(AttemptState, default=AttemptState.OPEN, max_length=16)
    fence = fields.BigIntField(default=0)
    request_id = fields.CharField(max_length=120, null=True)
    external_id = fields.CharField(max_length=120, null=True)
    context = json_field(default=dict)
    evidence = fields.TextField(default="")
    look_after = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "attempt"
        indexes = (
            Index(fields=("record_id", "id"), name="attempt_record"),
            Index(fields=("integration_id", "state"), name="attempt_state"),
        )


class Issue(Row):
    """A problem in plain words; closes by itself when a later run succeeds (O5)."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    code = fields.CharField(max_length=60)
    subject = fields.CharField(max_length=200)
    cause = fields.TextField()
    next_step = fields.TextField()
    occurrences = fields.IntField(default=1)
    opened_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    dismissed_reason = fields.TextField(null=True)
    dismissed_by = fields.CharField(max_length=120, null=True)

    class Meta:
        table = "issue"
        indexes = (
            Index(fields=("integration_id", "id"), name="issue_order"),
            Index(fields=("integration_id", "code", "subject"), name="issue_subject"),
        )


class IssueRecord(Row):
    """A record that an issue belongs to."""

    issue: fields.ForeignKeyRelation[Issue] = fields.ForeignKeyField(
        "models.Issue", on_delete=fields.CASCADE, related_name="records"
    )
    issue_id: Any
    entity = fields.CharEnumField(Entity, max_length=16)
    record_id = fields.UUIDField()

    class Meta:
        table = "issue_record"
        unique_together = (("issue_id", "record_id"),)
        indexes = (Index(fields=("record_id",), name="issue_record_record"),)


class Conflict(Row):
    """A field that both sides changed and nobody owns; a person picks a side."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    entity = fields.CharEnumField(Entity, max_length=16)
    record_id = fields.UUIDField()
    field = fields.CharField(max_length=60)
    base = fields.TextField(null=True)
    severa_value = fields.TextField(null=True)
    financials_value = fields.TextField(null=True)
    opened_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    chosen_side = fields.CharEnumField(Side, max_length=16, null=True)
    resolved_by = fields.CharField(max_length=120, null=True)

    class Meta:
        table = "conflict"
        indexes = (Index(fields=("record_id", "field"), name="conflict_record"),)


class Change(Model):
    """A journal row: what changed in a unified record, by whom and why.

    The position is given after commit by one stamper, so that readers see no gap (J14).
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    position = fields.BigIntField(null=True, unique=True)
    integration_id = fields.UUIDField()
    entity = fields.CharEnumField(Entity, max_length=16)
    record_id = fields.UUIDField()
    kind = fields.CharField(max_length=60)
    fields_changed = json_field(default=list)
    previous_state = fields.CharField(max_length=16, null=True)
    actor = fields.CharField(max_length=120)
    reason = fields.TextField(default="")
    run_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "change"
        indexes = (
            Index(fields=("record_id", "id"), name="change_record"),
            Index(fields=("integration_id", "position"), name="change_position"),
        )


class Counter(Model):
    """A number that only one transaction at a time may raise."""

    name = fields.CharField(max_length=40, primary_key=True)
    value = fields.BigIntField(default=0)

    class Meta:
        table = "counter"


class NumberEntry(Row):
    """A document number of Financials and what became of it (R61)."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    number = fields.CharField(max_length=60)
    kind = fields.CharEnumField(InvoiceKind, max_length=16)
    outcome = fields.CharEnumField(NumberOutcome, max_length=16)
    explanation = fields.TextField()
    invoice_id = fields.UUIDField(null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "number_entry"
        unique_together = (("integration_id", "kind", "number"),)
