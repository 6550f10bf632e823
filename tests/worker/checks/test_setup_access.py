"""What the answers of a vendor tell about credentials, scopes and licence."""

from typing import Any

import pytest

from schema.words import SetupCheckState, Side
from worker.checks.access import Refusal, access, refused_calls, vendor_integration

PASSED, FAILED, UNKNOWN = (
    SetupCheckState.PASSED,
    SetupCheckState.FAILED,
    SetupCheckState.UNKNOWN,
)


def _judge(
    status: int | None = None, message: str = "", *, operation: str = "GET /v1/x", **more: Any
) -> dict[str, Any]:
    denied = Refusal(operation=operation, status=status, message=message) if status else None
    values: dict[str, Any] = {
        "side": Side.FINANCIALS,
        "denied": denied,
        "down": None,
        "lacking": (),
    }
    return {verdict.code: verdict for verdict in access(**(values | more))}


class TestAccess:
    def test_passes_when_nothing_was_denied(self) -> None:
        """R21, R23, Q33: a system identity with the right permissions, checked by a test."""
        found = _judge()

        assert {verdict.state for verdict in found.values()} == {PASSED}

    def test_names_the_scopes_that_are_missing(self) -> None:
        """R22, Q33."""
        found = _judge(lacking=("b", "a"))

        assert found["financials_scopes"].state is FAILED
        assert found["financials_scopes"].cause == "These scopes are not granted: a, b."

    @pytest.mark.parametrize(
        ("status", "message", "said"),
        [
            (401, "No license for this company. (fault 12027)", "tenant of the licence holder"),
            (400, "no token: invalid_tenant", "into the tenant"),
            (400, "no token: invalid_client", "Client id or secret"),
            (401, "Unauthorized", "GET /v1/x answered 401: Unauthorized"),
        ],
    )
    def test_tells_the_refusals_apart(self, status: int, message: str, said: str) -> None:
        """R21, R25: wrong credentials, wrong company, no licence (12027)."""
        found = _judge(status, message)

        assert found["financials_access"].state is FAILED
        assert said in found["financials_access"].cause
        assert found["financials_scopes"].state is UNKNOWN

    def test_knows_a_refused_scope(self) -> None:
        found = _judge(400, "no token: invalid_scope", operation="POST /connect/token")

        assert found["financials_access"].state is PASSED
        assert found["financials_scopes"].state is FAILED

    def test_knows_a_missing_role_by_403(self) -> None:
        """R22: no API shows roles; 403 does."""
        found = _judge(403, "The scope is missing. (fault 12003)")

        assert found["financials_access"].state is PASSED
        assert found["financials_scopes"].cause == "GET /v1/x: The scope is missing. (fault 12003)"

    def test_knows_a_token_that_was_refused_from_a_scope(self) -> None:
        """R21: without a token nobody is let in, whatever the status."""
        found = _judge(403, "no token: blocked", operation="POST /connect/token")

        assert found["financials_access"].state is FAILED
        assert found["financials_access"].cause == (
            "POST /connect/token answered 403: no token: blocked"
        )

    def test_concludes_nothing_from_a_vendor_that_is_down(self) -> None:
        found = _judge(down="no answer")

        assert {verdict.state for verdict in found.values()} == {UNKNOWN}


class TestRefusedCalls:
    def test_are_named(self) -> None:
        """R22."""
        [_, scopes] = access(side=Side.SEVERA, denied=None, down=None, lacking=())
        refusals = [Refusal(operation="GET /v1/invoices", status=403, message="no scope")]

        found = refused_calls(side=Side.SEVERA, scopes=scopes, refusals=refusals)

        assert found.state is FAILED
        assert found.cause == "Severa refuses these calls: GET /v1/invoices (no scope)."

    def test_are_named_up_to_five(self) -> None:
        [_, scopes] = access(side=Side.SEVERA, denied=None, down=None, lacking=())
        refusals = [
            Refusal(operation=f"GET /{number}", status=403, message="no") for number in range(6)
        ]

        found = refused_calls(side=Side.SEVERA, scopes=scopes, refusals=refusals)

        assert str(found.cause).endswith("GET /4 (no) and 1 more.")

    def test_add_nothing_when_there_are_none_or_the_reason_is_known(self) -> None:
        [_, scopes] = access(side=Side.SEVERA, denied=None, down=None, lacking=("x",))
        refusals = [Refusal(operation="GET /v1/invoices", status=403, message="no scope")]

        assert refused_calls(side=Side.SEVERA, scopes=scopes, refusals=refusals) is scopes
        assert refused_calls(side=Side.SEVERA, scopes=scopes, refusals=()) is scopes


class TestVendorIntegration:
    def test_must_be_off(self) -> None:
        """Q45: refused while the vendor's own integration is on."""
        [on] = vendor_integration(company={"id": 7, "name": "Norlund AS"})
        [off] = vendor_integration(company=None)

        assert (on.state, off.state) == (FAILED, PASSED)
        assert "Norlund AS" in str(on.cause)

    def test_is_named_by_its_number_where_it_has_no_name(self) -> None:
        [on] = vendor_integration(company={"id": 7, "name": None})

        assert str(on.cause).endswith("connected with 7.")
