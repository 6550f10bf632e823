"""Set-up reports, and the checks of an integration with what people attested or set aside."""

from typing import Any

from tortoise import fields

from schema.models.base import Row, json_field
from schema.models.integration import Integration
from schema.words import SetupCheckState, SetupHow, SetupReportState


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
