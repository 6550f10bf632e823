"""The command `link`: the set-up wizard on a terminal (R14, R117, R150)."""

import json
import sys
from argparse import Namespace
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.cli.as_admin import as_admin, demand
from gateway.cli.ask import Asker
from gateway.cli.patience import wait_for
from gateway.cli.table import show_json, show_table
from gateway.graphql.context import Context
from gateway.operations import activation, attest, match, setup
from gateway.operations.base import Refusal
from schema.errors import ConfigError
from schema.models import Integration, MatchCandidate, SetupCheck, SetupReport
from schema.setup import Obstacle, in_the_way, obstacles
from schema.setup_checks import CHECKS
from schema.types import inputs_setup as i
from schema.types.ids import write_id
from schema.words import IntegrationState, SetupHow, SetupReportState

COLUMNS = ("check", "about", "cause", "next step")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How far the set-up of an integration is."""

    integration: Integration
    left: list[Obstacle] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    undecided: int = 0
    refusals: tuple[Refusal, ...] = ()


def run(arguments: Namespace) -> int:
    """Link, test and switch on; 1 when something stands in the way."""
    asker = Asker(quiet=arguments.json)

    async def work(context: Context) -> Outcome:
        found = await _integration(context, arguments, asker)
        await _test(context, found.integration, arguments)
        await _state(context, found.integration, arguments, asker)
        return await _finish(context, found, arguments, asker)

    found = as_admin(work)
    (_as_json if arguments.json else _as_text)(found)
    return 0 if found.integration.state is IntegrationState.ACTIVE else 1


async def _integration(context: Context, arguments: Namespace, asker: Asker) -> Outcome:
    """Create an integration, or go on with one that was created before."""
    if arguments.integration:
        known = await Integration.get_or_none(id=_uuid(arguments.integration))
        if known is None:
            raise ConfigError("There is no such integration; `status` shows them.")
        return Outcome(integration=known)
    outcome = demand(await setup.create_integration(context, _given(arguments, asker)))
    made = await Integration.get(id=outcome.subject)
    return Outcome(integration=made, secrets=json.loads(outcome.secret or "{}"))


def _given(arguments: Namespace, asker: Asker) -> i.CreateIntegrationInput:
    return i.CreateIntegrationInput(
        name=asker.text(arguments.name, what="Name of the company", option="--name"),
        severa=i.SeveraCredentialsInput(
            client_id=asker.text(
                arguments.severa_client_id, what="Severa client id", option="--severa-client-id"
            ),
            client_secret=asker.secret(
                arguments.severa_client_secret,
                what="Severa client secret",
                option="--severa-client-secret",
            ),
        ),
        financials=i.FinancialsCredentialsInput(
            client_id=asker.text(
                arguments.financials_client_id,
                what="Visma.net client id",
                option="--financials-client-id",
            ),
            client_secret=asker.secret(
                arguments.financials_client_secret,
                what="Visma.net client secret",
                option="--financials-client-secret",
            ),
            tenant_id=asker.text(arguments.tenant, what="Visma.net tenant", option="--tenant"),
        ),
    )


async def _test(context: Context, integration: Integration, arguments: Namespace) -> None:
    """Have the worker look at every check.

    Raises Refused and NobodyWorks.
    """
    key = write_id("Integration", integration.id)
    asked = demand(await setup.run_test(context, i.TestIntegrationInput(integration_id=key)))

    async def ready() -> SetupReport | None:
        report = await SetupReport.get(id=asked.subject)
        return report if report.finished_at is not None else None

    if not arguments.json:
        sys.stderr.write("Testing ...\n")
    report = await wait_for(ready, seconds=arguments.wait)
    if report.state is SetupReportState.FAILED:
        raise ConfigError(f"The test failed: {report.reason}")


async def _state(
    context: Context, integration: Integration, arguments: Namespace, asker: Asker
) -> None:
    """Keep what a person states, and what is set aside with a reason."""
    key = write_id("Integration", integration.id)
    reasons = dict(text.partition("=")[::2] for text in arguments.set_aside)
    for check in await SetupCheck.filter(integration_id=integration.id).order_by("code"):
        if not in_the_way(check, now=context.services.clock()):
            continue
        if check.code in reasons:
            aside = i.SetAsideSetupCheckInput(
                check_id=write_id("SetupCheck", check.id), reason=reasons[check.code]
            )
            demand(await attest.set_aside(context, aside))
        elif check.how is SetupHow.ATTEST and (
            check.code in arguments.attest or asker.yes(f"{CHECKS[check.code].title}?")
        ):
            stated = i.AttestSetupInput(integration_id=key, code=check.code)
            demand(await attest.attest_setup(context, stated))


async def _finish(context: Context, found: Outcome, arguments: Namespace, asker: Asker) -> Outcome:
    """Decide the matches and switch the integration on, unless something is in the way."""
    integration = found.integration
    key = write_id("Integration", integration.id)
    open_ones = MatchCandidate.filter(integration_id=integration.id, decision=None)
    if arguments.accept_matches and await open_ones.exclude(proposal=None).exists():
        accepted = i.DecideMatchesInput(integration_id=key, accept_proposals=True)
        demand(await match.decide_matches(context, accepted))
    found.undecided = await open_ones.filter(proposal=None).count()
    found.left = await obstacles(integration_id=integration.id, now=context.services.clock())
    ready = integration.state is IntegrationState.SETUP and not found.left
    if ready and (arguments.activate or asker.yes("Nothing stands in the way. Switch it on?")):
        given = i.ActivateIntegrationInput(integration_id=key, start_from=arguments.start_from)
        found.refusals = (await activation.activate_integration(context, given)).refusals
    found.integration = await Integration.get(id=integration.id)
    return found


def _as_json(found: Outcome) -> None:
    show_json(
        {
            "integration": found.integration.id,
            "state": found.integration.state,
            "obstacles": [_said(one) for one in found.left],
            "refusals": [{"code": one.code, "message": one.message} for one in found.refusals],
            "undecidedMatches": found.undecided,
            "webhookSecrets": found.secrets,
        }
    )


def _said(one: Obstacle) -> dict[str, Any]:
    return {
        "code": one.code,
        "subject": one.subject,
        "cause": one.cause,
        "nextStep": one.next_step,
    }


def _as_text(found: Outcome) -> None:
    one = found.integration
    if found.left:
        rows = [(left.code, left.subject, left.cause, left.next_step) for left in found.left]
        show_table("In the way", COLUMNS, rows)
    for refusal in found.refusals:
        sys.stderr.write(f"{refusal.message} {refusal.next_step}\n")
    for side, secret in found.secrets.items():
        sys.stdout.write(f"Webhook secret of {side}, shown once: {secret}\n")
    if found.undecided:
        sys.stdout.write(f"{found.undecided} matches wait for a person.\n")
    sys.stdout.write(f"{one.name} ({one.id}) is {one.state.value}.\n")
    if found.left:
        sys.stdout.write(f"Put that right, then: severa-gateway link --integration {one.id}\n")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no id of an integration; `status` shows them.") from error
