"""Set-up reports and checks with what people stated, and the candidates of the take-over."""

from typing import Any

from tortoise import fields

from schema.models.base import Row, json_field
from schema.models.integration import Integration
from schema.words import (
    Entity,
    MatchDecision,
    MatchKind,
    SetupCheckState,
    SetupHow,
    SetupReportState,
)


class SetupReport(Row):
    """One test of an integration: asked for by a person, carried out by the worker (R117)."""

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    state = fields.CharEnumField(SetupReportState, default=SetupReportState.QUEUED, max_length=8)
    reason = fields.TextField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "setup_report"


class SetupCheck(Row):
    """What is known about one precondition of an integration, as of its newest report.

    `subject` names the single record a finding is about; it is empty for a finding about the
    whole. `answer` holds what an administrator stated. A set-aside counts only for the cause
    it was given for (Q46).
    """

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    code = fields.CharField(max_length=40)
    subject = fields.CharField(max_length=200, default="")
    how = fields.CharEnumField(SetupHow, max_length=8)
    state = fields.CharEnumField(SetupCheckState, max_length=8)
    blocking = fields.BooleanField(default=True)
    cause = fields.TextField(null=True)
    next_step = fields.TextField(null=True)
    details = json_field(default=dict)
    checked_at = fields.DatetimeField(null=True)
    answer = json_field(null=True)
    attested_by = fields.CharField(max_length=120, null=True)
    attested_at = fields.DatetimeField(null=True)
    ask_again_at = fields.DatetimeField(null=True)
    set_aside_by = fields.CharField(max_length=120, null=True)
    set_aside_at = fields.DatetimeField(null=True)
    set_aside_reason = fields.TextField(null=True)

    class Meta:
        table = "setup_check"
        unique_together = (("integration_id", "code", "subject"),)


class MatchCandidate(Row):
    """Two objects that may be one record, or one object without a twin, before take-over (Q14).

    The worker fills the table when it tests an integration and keeps what people decided; an
    object of one side carries its stable key (`Link.internal_id`), number and name. `decision` is
    a person's; without one `proposal` counts, and null leaves the objects to an issue.
    """

    integration: fields.ForeignKeyRelation[Integration] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    entity = fields.CharEnumField(Entity, max_length=16)
    kind = fields.CharEnumField(MatchKind, max_length=16)
    severa_key = fields.CharField(max_length=120, default="")
    severa_number = fields.CharField(max_length=120, null=True)
    severa_name = fields.TextField(null=True)
    severa_vat_number = fields.CharField(max_length=60, null=True)
    financials_key = fields.CharField(max_length=120, default="")
    financials_number = fields.CharField(max_length=120, null=True)
    financials_name = fields.TextField(null=True)
    financials_vat_number = fields.CharField(max_length=60, null=True)
    reason = fields.TextField(default="")
    proposal = fields.CharEnumField(MatchDecision, max_length=8, null=True)
    decision = fields.CharEnumField(MatchDecision, max_length=8, null=True)
    decided_by = fields.CharField(max_length=120, null=True)
    decided_at = fields.DatetimeField(null=True)
    seen_at = fields.DatetimeField()

    class Meta:
        table = "match_candidate"
        unique_together = (("integration_id", "entity", "severa_key", "financials_key"),)
