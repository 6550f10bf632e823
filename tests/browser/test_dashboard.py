"""The dashboard in a real browser, on the demo that everybody can start."""

from collections.abc import Callable
from pathlib import Path

Drive = Callable[..., None]


def test_a_failed_invoice_is_understood_corrected_and_seen_paid(demo: Path, drive: Drive) -> None:
    drive("journey.mjs", demo)


def test_everything_is_within_reach_of_a_keyboard(demo: Path, drive: Drive) -> None:
    drive("keyboard.mjs", demo)


def test_conflicts_webhooks_and_hostile_names(demo: Path, drive: Drive) -> None:
    drive("desk.mjs", demo)


def test_what_a_role_may_not_do_is_not_offered_and_refused(demo: Path, drive: Drive) -> None:
    drive("roles.mjs", demo)


def test_no_view_has_a_serious_problem(demo: Path, drive: Drive) -> None:
    drive("views.mjs", demo)


def test_a_page_outlives_a_restart_of_the_gateway(demo: Path, drive: Drive) -> None:
    drive("restart.mjs", demo)


def test_an_integration_goes_from_nothing_to_automatic(empty: Path, drive: Drive) -> None:
    drive("wizard.mjs", empty)
