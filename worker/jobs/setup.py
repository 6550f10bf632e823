"""Testing an integration: every set-up check, with the result stored for the wizard (R117)."""

import logging
from uuid import UUID

from schema.models import Integration, SetupReport
from schema.words import SetupCheckState, SetupReportState, Side
from worker.checks import access
from worker.checks.setup import judge_all
from worker.checks.verdict import Verdict
from worker.context import Context, Stopping
from worker.lease import LeaseLost
from worker.sync import reference
from worker.sync.setup.facts import Gathered, gather
from worker.sync.setup.keep import keep
from worker.sync.setup.match import propose
from worker.vendors.errors import VendorError

log = logging.getLogger(__name__)


async def run(ctx: Context, *, report_id: UUID) -> None:
    """Carry out one asked test; a failure ends in the report, not in a pause.

    Raises LeaseLost or Stopping, which leave the test to the next holder.
    """
    report = await SetupReport.get_or_none(id=report_id, integration_id=ctx.integration.id)
    if report is None or report.finished_at is not None:
        return
    report.state, report.started_at = SetupReportState.RUNNING, ctx.clock()
    await _note(ctx, report)
    try:
        verdicts = await examine(ctx)
        await _lay_out(ctx)
    except (LeaseLost, Stopping):
        raise
    except Exception as error:
        report.state, report.finished_at = SetupReportState.FAILED, ctx.clock()
        report.reason = f"{type(error).__name__}: {error}"
        await _note(ctx, report)
        raise
    async with ctx.transaction():
        await keep(ctx, verdicts)
        await _learn(ctx, verdicts)
        report.state, report.finished_at = SetupReportState.READY, ctx.clock()
        await report.save()
    await reference.settle_roles(ctx)
    log.info("setup.tested integration=%s", ctx.integration.id)


async def _lay_out(ctx: Context) -> None:
    """Lay the registers of both sides side by side; what hinders that is a finding already."""
    try:
        await propose(ctx)
    except VendorError as error:
        log.warning("setup.not_laid_out integration=%s why=%s", ctx.integration.id, error)


async def examine(ctx: Context) -> list[Verdict]:
    """Read both sides and conclude every check; changes nothing outside."""
    got = await gather(ctx)
    _note_company(ctx, got)
    verdicts = [verdict for side in Side for verdict in _door(ctx, got, side)]
    return [*verdicts, *judge_all(got.facts, unread=got.unread)]


def _note_company(ctx: Context, got: Gathered) -> None:
    """Keep which organization of Severa this is, so that it is in one integration only."""
    details = got.facts.get("details") or {}
    if details.get("guid"):
        ctx.integration.severa_organization_id = str(details["guid"])[:64]
    if (details.get("currency") or {}).get("code"):
        ctx.integration.base_currency = str(details["currency"]["code"])[:3]


def _door(ctx: Context, got: Gathered, side: Side) -> list[Verdict]:
    """Judge how one side let us in, from all of its answers."""
    refusals = got.denied[side]
    shut = side in got.down
    entry = next(iter(refusals), None) if shut else None
    door, scopes = access.access(
        side=side,
        denied=entry,
        down=got.down[side] if shut and entry is None else None,
        lacking=sorted(ctx.clients[side].lacking_scopes),
    )
    if not shut:
        scopes = access.refused_calls(side=side, scopes=scopes, refusals=refusals)
    return [door, scopes]


async def _learn(ctx: Context, verdicts: list[Verdict]) -> None:
    """Keep what the test found out about the pair, its organization number among it (R24)."""
    own = ctx.integration
    await Integration.filter(id=own.id).update(
        severa_organization_id=own.severa_organization_id, base_currency=own.base_currency
    )
    for verdict in verdicts:
        if verdict.code == "organization_number" and verdict.state is SetupCheckState.PASSED:
            number = str(verdict.details["number"])
            own.organization_number = number
            await Integration.filter(id=own.id).update(organization_number=number)


async def _note(ctx: Context, report: SetupReport) -> None:
    async with ctx.transaction():
        await report.save()
