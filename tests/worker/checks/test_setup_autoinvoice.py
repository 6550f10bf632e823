"""What an administrator states about AutoInvoice is judged against the roles of the statuses."""

from typing import Any

import pytest

from schema.words import Role, SetupCheckState
from worker.checks.autoinvoice import AFTER, CODES, DOWNLOAD, ERROR, TRANSFER, autoinvoice

PASSED, FAILED, OPEN = SetupCheckState.PASSED, SetupCheckState.FAILED, SetupCheckState.OPEN
ROLES = {role: role.value.lower() for role in Role}
NAMES = {guid: guid.upper() for guid in ROLES.values()} | {"own": "Trouble"}
RIGHT = {TRANSFER: "success", AFTER: "sent", ERROR: "own", DOWNLOAD: "success"}


def _judge(**answers: Any) -> dict[str, Any]:
    found = autoinvoice(answers=answers, roles=ROLES, names=NAMES)
    return {verdict.code: verdict for verdict in found}


def _with(code: str, status: str) -> Any:
    answers = {name: {"status": guid} for name, guid in (RIGHT | {code: status}).items()}
    return _judge(**answers)[code]


class TestAutoInvoice:
    def test_is_open_until_somebody_states_it(self) -> None:
        """R129, R130, R131, R136: no API shows these settings."""
        found = _judge()

        assert {verdict.state for verdict in found.values()} == {OPEN}
        assert tuple(found) == CODES

    def test_passes_with_the_right_statuses(self) -> None:
        """R129 to R131, R136."""
        assert {_with(code, RIGHT[code]).state for code in CODES} == {PASSED}

    def test_passes_when_it_is_confirmed(self) -> None:
        assert _judge(**{code: None for code in CODES})[ERROR].state is PASSED

    def test_passes_when_it_is_not_used(self) -> None:
        """R13: AutoInvoice is a recommendation."""
        found = _judge(**{ERROR: {"used": False}})

        assert {verdict.state for verdict in found.values()} == {PASSED}

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (TRANSFER, "transfer"),
            (TRANSFER, "sent"),
            (AFTER, "success"),
            (AFTER, "paid"),
            (DOWNLOAD, "sent"),
        ],
    )
    def test_refuses_another_status(self, code: str, status: str) -> None:
        """R129, R130, R136."""
        verdict = _with(code, status)

        assert verdict.state is FAILED
        assert f"is '{status.upper()}'; it must be '" in verdict.cause

    @pytest.mark.parametrize("code", CODES)
    def test_refuses_an_empty_setting(self, code: str) -> None:
        """R131, Q21: an empty status after error is an error of the linter."""
        verdict = _with(code, "")

        assert verdict.state is FAILED
        assert verdict.cause.endswith("of AutoInvoice is empty.")

    @pytest.mark.parametrize(
        ("status", "who"), [("success", "AutoInvoice"), ("transfer", "the gateway")]
    )
    def test_refuses_a_status_after_error_that_starts_again(self, status: str, who: str) -> None:
        """Q21: otherwise a resend loop."""
        verdict = _with(ERROR, status)

        assert verdict.state is FAILED
        assert f"from which {who} would transfer the invoice again and again" in verdict.cause

    def test_refuses_the_very_status_that_was_stated_for_the_transfer(self) -> None:
        """Q21: it must differ from 'Status of invoices to be transferred'."""
        found = _judge(**{TRANSFER: {"status": "sent"}, ERROR: {"status": "sent"}})

        assert found[ERROR].state is FAILED
        assert "from which AutoInvoice would" in found[ERROR].cause

    def test_is_judged_without_the_other_answers(self) -> None:
        assert _judge(**{ERROR: {"status": "own"}})[ERROR].state is PASSED
        assert _judge(**{ERROR: {"status": "own"}, TRANSFER: {}})[ERROR].state is PASSED

    def test_says_that_the_wanted_status_is_not_known(self) -> None:
        answers = {TRANSFER: {"status": "own"}}
        found = autoinvoice(answers=answers, roles={}, names=NAMES)

        assert found[0].cause is not None
        assert found[0].cause.endswith("is 'Trouble'; it must be '?'.")

    def test_refuses_what_is_no_status(self) -> None:
        assert _with(ERROR, "gone").cause.endswith("is no active invoice status.")
