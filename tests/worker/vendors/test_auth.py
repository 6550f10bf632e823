"""Signing in at both vendors."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from worker.vendors.errors import VendorBusy, VendorDenied, VendorDown
from worker.vendors.financials import operations as fin
from worker.vendors.gate import Budget
from worker.vendors.severa import SCOPES
from worker.vendors.severa import operations as sev

GUID = {"guid": "c0ffee"}


class TestSeveraToken:
    async def test_sends_json_and_carries_the_client_id(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"guid": "1"})]

        await make_severa().read(sev.CUSTOMER_READ, path=GUID)

        sent = json.loads(vendor.tokens[0].body)
        assert sent["client_id"] == "id-1"
        assert "invoices:write" in sent["scope"].split(",")
        assert vendor.seen[0].headers["client_id"] == "id-1"
        assert vendor.seen[0].headers["authorization"] == "Bearer token-1"

    async def test_is_asked_for_once_by_many(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"guid": "1"})]
        client = make_severa()

        await asyncio.gather(*(client.read(sev.CUSTOMER_READ, path=GUID) for _ in range(8)))

        assert len(vendor.tokens) == 1

    async def test_is_refreshed_early_with_a_bare_string(
        self, vendor: Any, make_severa: Any, answer: Any, wrist: Any
    ) -> None:
        vendor.script = [answer({"guid": "1"})]
        client = make_severa()
        await client.read(sev.CUSTOMER_READ, path=GUID)
        wrist.forward(3541)

        await client.read(sev.CUSTOMER_READ, path=GUID)

        assert vendor.tokens[1].path.endswith("/v1/refreshtoken")
        assert vendor.tokens[1].body == b'"refresh-token-1"'
        assert vendor.seen[-1].headers["authorization"] == "Bearer token-2"

    async def test_falls_back_to_the_credentials(
        self, vendor: Any, make_severa: Any, answer: Any, wrist: Any
    ) -> None:
        vendor.script = [answer({"guid": "1"})]
        client = make_severa()
        await client.read(sev.CUSTOMER_READ, path=GUID)
        vendor.token_script = [answer({"error": {}}, status=400)]
        wrist.forward(3600)

        await client.read(sev.CUSTOMER_READ, path=GUID)

        assert [seen.path.rsplit("/", 1)[1] for seen in vendor.tokens] == [
            "token",
            "refreshtoken",
            "token",
        ]

    async def test_is_renewed_once_for_many_refused_in_flight(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        async def reject_first_token(request: Any) -> Any:
            await asyncio.sleep(0.01)
            if request.headers["authorization"] == "Bearer token-1":
                return answer(status=401)
            return answer({"guid": "1"})

        vendor.script = [reject_first_token]
        client = make_severa()

        await asyncio.gather(*(client.read(sev.CUSTOMER_READ, path=GUID) for _ in range(6)))

        assert len(vendor.tokens) == 2

    async def test_repeats_a_write_that_was_refused_for_its_token(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer(status=401), answer([{"guid": "1"}])]

        done = await make_severa().write(sev.CUSTOMER_PATCH, path=GUID, body=[])

        assert done.body == [{"guid": "1"}]
        assert len(vendor.seen) == 2

    async def test_gives_up_after_one_renewal(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer(status=401)]

        with pytest.raises(VendorDenied) as caught:
            await make_severa().read(sev.CUSTOMER_READ, path=GUID)

        assert caught.value.status == 401
        assert len(vendor.seen) == 2


class TestFinancialsToken:
    async def test_sends_a_form_for_one_company(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"number": "1"})]

        await make_financials().read(fin.CUSTOMER_READ, path={"customerCd": "1"})

        form = parse_qs(vendor.tokens[0].body.decode())
        assert form["grant_type"] == ["client_credentials"]
        assert form["tenant_id"] == ["8f14e45f-ceea-467f-a8d1-0b0b0b0b0b0b"]
        assert len(form["scope"][0].split()) == 4

    async def test_is_renewed_a_minute_early(
        self, vendor: Any, make_financials: Any, answer: Any, wrist: Any
    ) -> None:
        vendor.script = [answer({"number": "1"})]
        client = make_financials()
        for seconds in (0, 3500, 50):
            wrist.forward(seconds)
            await client.read(fin.CUSTOMER_READ, path={"customerCd": "1"})

        assert len(vendor.tokens) == 2

    @pytest.mark.parametrize("error", ["invalid_client", "invalid_tenant"])
    async def test_tells_why_it_was_denied(
        self, vendor: Any, make_financials: Any, answer: Any, error: str
    ) -> None:
        vendor.token_script = [answer({"error": error}, status=400)]

        with pytest.raises(VendorDenied, match=error) as caught:
            await make_financials().write(fin.CUSTOMER_CREATE, body={})

        assert caught.value.operation == "POST /connect/token"
        assert "very-secret" not in f"{caught.value!r} {caught.value.__cause__!r}"

    async def test_that_cannot_be_had_leaves_the_write_undone(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.token_script = [answer(status=503)] * 9

        with pytest.raises(VendorDown):
            await make_financials().write(fin.CUSTOMER_CREATE, body={})

        assert vendor.seen == []

    async def test_waits_when_the_token_route_is_busy(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.token_script = [answer(status=429, headers={"Retry-After": "0.01"})]
        vendor.script = [answer({"number": "1"})]

        await make_financials().read(fin.CUSTOMER_READ, path={"customerCd": "1"})

        assert len(vendor.tokens) == 2

    async def test_gives_up_when_the_token_route_stays_busy(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.token_script = [answer(status=429, headers={"Retry-After": "60"})]
        client = make_financials(budget=Budget(patience=1))

        with pytest.raises(VendorBusy) as caught:
            await client.read(fin.CUSTOMER_READ, path={"customerCd": "1"})

        assert caught.value.wait == 60


class TestScopes:
    @pytest.mark.parametrize("glue", [",", " ", ", "])
    async def test_that_were_not_granted_are_named(
        self, vendor: Any, make_severa: Any, answer: Any, glue: str
    ) -> None:
        granted = glue.join(SCOPES.split(",")[1:])
        vendor.token_script = [answer({"access_token": "t", "scope": granted})]
        vendor.script = [answer({"guid": "1"})]
        client = make_severa()

        await client.read(sev.CUSTOMER_READ, path=GUID)

        assert client.lacking_scopes == {"customers:read"}


class TestSecrets:
    async def test_stay_out_of_every_repr(self, make_financials: Any, make_severa: Any) -> None:
        for client in (make_financials(), make_severa()):
            assert "very-secret" not in repr(client)
