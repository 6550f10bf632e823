"""The core's parts: exact numbers, paths, limits, faults and signed webhooks."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from standardwebhooks import Webhook

from sandbox.codec import parse, render
from sandbox.faults import Fault, Faults
from sandbox.hooks import Message, financials_headers, standard_headers
from sandbox.http import Query, Router
from sandbox.limits import Limits
from sandbox.samples.company import make_company
from sandbox.severa.routes import SIDE

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class TestCodec:
    def test_keeps_every_digit_both_ways(self) -> None:
        text = b'{"a":0.1000,"b":12345678901234567.89,"c":7}'
        assert parse(text)["a"] == Decimal("0.1000")
        assert render(parse(text)) == text

    def test_shows_aware_times_with_z_and_naive_ones_without_a_zone(self) -> None:
        shown = json.loads(render([NOON, NOON.replace(tzinfo=None), NOON.date()]))
        assert shown == ["2026-11-24T12:00:00.000Z", "2026-11-24T12:00:00", "2026-11-24"]

    def test_refuses_what_is_no_json_number(self) -> None:
        with pytest.raises(ValueError, match="NaN"):
            parse(b"[NaN]")


class TestRouter:
    @pytest.mark.parametrize(
        ("path", "template"),
        [
            ("/v1/customers/customproperties", "/v1/customers/customproperties"),
            ("/V1/Customers/abc", "/v1/customers/{guid}"),
            ("/v1/localization/countries/FI", "/v1/localization/countries/{code2}"),
            ("/v1/localization/countries/FIN", "/v1/localization/countries/{code3}"),
            ("/v1/localization/countries/Finland", "/v1/localization/countries/{countryName}"),
        ],
    )
    def test_finds_the_template(self, path: str, template: str) -> None:
        op, _, _ = Router(SIDE).find(method="GET", path=path)
        assert op is not None
        assert op.path == template

    def test_tells_an_unknown_path_from_an_unknown_method(self) -> None:
        router = Router(SIDE)
        assert router.find(method="GET", path="/v1/nothing") == (None, {}, False)
        assert router.find(method="PUT", path="/v1/customers") == (None, {}, True)


class TestQuery:
    def test_finds_names_in_any_letter_case(self) -> None:
        query = Query("rowCount=5&A=1&a=2&active=True&empty=")
        assert (query.number("ROWCOUNT"), query.many("a"), query.flag("Active")) == (
            5,
            ["1", "2"],
            True,
        )
        assert query.one("empty") is None


class TestLimits:
    def test_opens_a_new_window_after_a_second(self) -> None:
        limits = Limits()
        spent = [_spend(limits, "severa", NOON).refused for _ in range(11)]
        assert spent == [False] * 10 + [True]
        assert not _spend(limits, "severa", NOON + timedelta(seconds=1)).refused

    def test_counts_financials_by_the_hour_of_the_clock(self) -> None:
        limits = Limits()
        limits.set(side="financials", allowed=1)
        late = NOON + timedelta(minutes=59, seconds=30)
        first, second = _spend(limits, "financials", late), _spend(limits, "financials", late)
        assert (first.remaining, first.refused, second.refused) == (0, False, True)
        assert second.reset == 30
        assert not _spend(limits, "financials", late + timedelta(seconds=30)).refused

    def test_can_be_switched_off(self) -> None:
        limits = Limits()
        limits.set(side="severa", allowed=None)
        assert not any(_spend(limits, "severa", NOON).refused for _ in range(50))
        limits.restore()
        assert limits.allowed["severa"] == 10


def _spend(limits: Limits, side: str, now: datetime):  # type: ignore[no-untyped-def]
    return limits.spend(side=side, company="a", client="b", now=now)


class TestFaults:
    def test_happen_as_often_as_planned_and_where_planned(self) -> None:
        faults = Faults(seed=1)
        operation = "GET /v1/customers"
        faults.plan(Fault(side="severa", operation=operation, kind="slow", times=2))
        assert faults.take("financials", operation, "slow") is None
        assert faults.take("severa", "GET /v1/projects", "slow") is None
        assert [faults.take("severa", operation, "slow") is not None for _ in range(3)] == [
            True,
            True,
            False,
        ]

    def test_happen_by_chance_until_cleared(self) -> None:
        faults = Faults(seed=1)
        faults.plan(Fault(side="severa", operation="*", kind="slow", probability=0.5))
        hits = sum(faults.take("severa", "GET /x", "slow") is not None for _ in range(200))
        assert 60 < hits < 140
        faults.clear()
        assert faults.take("severa", "GET /x", "slow") is None


class TestSignatures:
    def test_verify_with_the_public_library(self) -> None:
        secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
        now = int(datetime.now(UTC).timestamp())
        message = Message(side="severa", id="msg_1", timestamp=now, raw=b'{"type":"x"}')
        headers = standard_headers(secret, message)
        assert Webhook(secret).verify(message.raw, headers) == {"type": "x"}

    def test_sign_the_bare_body_for_financials(self) -> None:
        message = Message(side="financials", id="msg_1", timestamp=0, raw=b"{}")
        assert financials_headers("plain", message) == {
            "x-webhook-signature": "ybQd0PhYKXmVkv2byH13RHAVhx29fix/3J4nifqRd0g="
        }


class TestSamples:
    def test_are_the_same_for_the_same_seed_and_others_for_another(self) -> None:
        one, same, other = (make_company(size="small", seed=s, index=0) for s in (1, 1, 2))
        assert one == same
        assert one.org_number != other.org_number

    @pytest.mark.parametrize("size", ["small", "medium"])
    def test_keep_names_codes_and_numbers_unique(self, size: str) -> None:
        company = make_company(size=size, seed=3, index=1)
        for values in (
            [firm.name.casefold() for firm in company.firms],
            [item.code for item in company.items],
            [project.number for project in company.projects],
            [terms.days for terms in company.terms],
        ):
            assert len(set(values)) == len(values)

    def test_have_what_every_sample_must_have(self) -> None:
        company = make_company(size="small", seed=1, index=0)
        rates = {item.vat_percent for item in company.items if item.register == "product"}
        assert len(rates) >= 2
        assert {row.kind for row in company.item_classes} >= {"LaborItem", "ExpenseItem"}
        owned = [row for row in company.divisions if row.vat_number]
        assert (
            [row.branch for row in owned] == [row.number for row in company.branches] == ["1", "2"]
        )
        assert all(1000 <= project.number <= 9999 for project in company.projects)
