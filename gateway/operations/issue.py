"""Puts issues aside."""

from __future__ import annotations

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema.models import Issue
from schema.types.ids import key_of
from schema.types.inputs import DismissIssueInput


async def dismiss_issue(context: Context, given: DismissIssueInput) -> Outcome:
    """Close an issue with a reason; met again, the same problem opens a new one."""
    key = key_of(given.issue_id, "Issue")
    if key is None:
        return unknown("issue", "issueId")

    async def work() -> Outcome:
        issue = await Issue.filter(id=key).select_for_update().first()
        if issue is None or not context.principal.may_see(issue.integration_id):
            return unknown("issue", "issueId")
        if not given.reason.strip():
            return refused(
                "REASON_MISSING",
                "An issue is dismissed with a reason.",
                "Say why it needs nobody.",
                path=("input", "reason"),
            )
        if issue.resolved_at is not None:
            return refused(
                "ALREADY_RESOLVED",
                "The issue is closed already.",
                "Nothing is left to do.",
                path=("input", "issueId"),
            )
        return await _dismiss(context, issue, given.reason.strip()[:2000])

    return await perform(context, "dismissIssue", given, work)


async def _dismiss(context: Context, issue: Issue, reason: str) -> Outcome:
    issue.resolved_at = context.services.clock()
    issue.dismissed_reason = reason
    issue.dismissed_by = context.principal.id[:120]
    await issue.save(update_fields=["resolved_at", "dismissed_reason", "dismissed_by"])
    await note(
        context,
        "issue.dismiss",
        integration_id=issue.integration_id,
        subject=f"{issue.code} {issue.subject}",
        reason=reason,
    )
    return Outcome(subject=issue.id, ring=issue.integration_id)
