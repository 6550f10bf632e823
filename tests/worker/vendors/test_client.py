"""Reads and writes of the one client, and what each kind of answer turns into."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from schema.errors import ConfigError
from schema.words import Side
from worker.vendors.errors import (
    OutcomeUnknown,
    RecordMissing,
    VendorBusy,
    VendorDenied,
    VendorDown,
    VendorError,
    VendorRefused,
    VersionMoved,
)
from worker.vendors.financials import operations as fin
from worker.vendors.gate import Budget
from worker.vendors.records import Exchange, Upload
from worker.vendors.severa import operations as sev
from worker.vendors.wire import Timeouts

GUID = {"guid": "c0ffee"}
NUMBER = {"invoiceNumber": "100001"}
ERP = {
    "message": "VismaId: 0a1b2c3d-0000-4000-8000-0123456789ab. Error inserting the customer. "
    "Error: Inserting 'Customer' record raised at least one error.\r\n"
    "Error: Terms 'TT' cannot be found in the system.\r\n"
}


class TestRead:
    async def test_parses_money_without_a_float(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"totalIncludingTax": {"amount": 0.1}})]

        got = await make_severa().read(sev.INVOICE_READ, path=GUID)

        assert got.body["totalIncludingTax"]["amount"] == Decimal("0.1")

    async def test_keeps_the_version_and_the_request_id(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        headers = {"ETag": '"AAAAAE0YIiI="', "Ipp-Request-Id": "r-7"}
        vendor.script = [answer({"referenceNumber": "100001"}, headers=headers)]

        got = await make_financials().read(fin.INVOICE_READ, path=NUMBER)

        assert (got.etag, got.request_id) == ("AAAAAE0YIiI=", "r-7")

    async def test_unwraps_what_an_older_route_wraps(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"number": {"value": "1"}, "name": "Acme"})]

        got = await make_financials().read(fin.CUSTOMER_READ, path={"customerCd": "1"})

        assert got.body == {"number": "1", "name": "Acme"}

    async def test_hides_reserved_characters_in_the_path(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"inventoryNumber": "A/1:2"})]

        await make_financials().read(fin.ITEM_READ, path={"inventoryNumber": "A/1:2"})

        assert vendor.seen[0].path in (
            "/v1/inventory/b64(QS8xOjI)",
            "/v1/inventory/b64%28QS8xOjI%29",
        )

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    async def test_tries_again_when_the_vendor_is_down(
        self, vendor: Any, make_severa: Any, answer: Any, status: int
    ) -> None:
        vendor.script = [answer(status=status), answer(status=status), answer({"guid": "1"})]

        got = await make_severa().read(sev.CUSTOMER_READ, path=GUID)

        assert got.body == {"guid": "1"}

    async def test_gives_up_after_a_few_tries(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer(status=503)]

        with pytest.raises(VendorDown) as caught:
            await make_severa().read(sev.CUSTOMER_READ, path=GUID)

        assert len(vendor.seen) == 4
        assert caught.value.operation == "GET /v1/customers/{guid}"

    @pytest.mark.parametrize("body", [b"<html>", b'{"guid": ', b"[]", b"", b'{"a": NaN}'])
    async def test_takes_nonsense_for_an_outage(
        self, vendor: Any, make_severa: Any, body: bytes
    ) -> None:
        from starlette.responses import Response

        vendor.script = [Response(body, 200, media_type="application/json")]

        with pytest.raises(VendorDown, match="unreadable"):
            await make_severa().read(sev.CUSTOMER_READ, path=GUID)

    async def test_refuses_an_answer_that_is_too_large(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"guid": "x" * 2000})]
        client = make_severa(timeouts=Timeouts(largest_answer=1000))

        with pytest.raises(VendorRefused, match="larger than 1000"):
            await client.read(sev.CUSTOMER_READ, path=GUID)

    async def test_reads_files_as_they_are(self, vendor: Any, make_severa: Any) -> None:
        from starlette.responses import Response

        vendor.script = [Response(b"%PDF-1.7", media_type="application/pdf")]

        got = await make_severa().read(sev.FILE_DATA, path=GUID)

        assert got.body == b"%PDF-1.7"
        assert got.headers["content-type"] == "application/pdf"

    async def test_gives_an_erp_message_one_more_chance(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer(ERP, status=500)]

        with pytest.raises(VendorRefused):
            await make_financials().read(fin.INVOICE_READ, path=NUMBER)

        assert len(vendor.seen) == 2

    async def test_refuses_a_parameter_that_is_not_declared(self, make_financials: Any) -> None:
        with pytest.raises(ValueError, match="customerNumber"):
            await make_financials().read(
                fin.INVOICE_READ, path=NUMBER, params={"customerNumber": "1"}
            )

    async def test_refuses_a_path_with_a_hole(self, make_financials: Any) -> None:
        with pytest.raises(ValueError, match="invoiceNumber"):
            await make_financials().read(fin.INVOICE_READ)


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, VendorRefused),
            (401, VendorDenied),
            (403, VendorDenied),
            (404, RecordMissing),
            (409, VendorRefused),
            (410, RecordMissing),
            (412, VersionMoved),
            (422, VendorRefused),
            (302, VendorRefused),
        ],
    )
    async def test_follow_the_status(
        self, vendor: Any, make_financials: Any, answer: Any, status: int, error: type[VendorError]
    ) -> None:
        vendor.script = [answer(status=status)]

        with pytest.raises(error) as caught:
            await make_financials().write(fin.INVOICE_UPDATE, path=NUMBER, body={})

        assert type(caught.value) is error
        assert (caught.value.side, caught.value.status) == (Side.FINANCIALS, status)

    async def test_are_cleaned_for_people(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer(ERP, status=400)]

        with pytest.raises(VendorRefused) as caught:
            await make_financials().write(fin.CUSTOMER_CREATE, body={})

        assert caught.value.reasons[-1] == "Terms 'TT' cannot be found in the system."
        assert "VismaId" not in str(caught.value)
        assert caught.value.vendor_ref == "0a1b2c3d-0000-4000-8000-0123456789ab"

    async def test_know_the_licence_fault(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        fault = {"ExceptionMessage": "No license for this company.", "ExceptionFaultCode": "12027"}
        vendor.script = [answer(fault, status=400)]

        with pytest.raises(VendorDenied, match="No license"):
            await make_financials().read(fin.INVOICE_READ, path=NUMBER)

    async def test_read_the_model_of_severa(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        detail = {"message": "Name is in use", "location": {"name": "name"}}
        error = {"httpStatusCode": 400, "type": "InvalidParameter", "details": [detail]}
        vendor.script = [answer({"error": error}, status=400)]

        with pytest.raises(VendorRefused, match=r"Name is in use \(name\)"):
            await make_severa().write(sev.CUSTOMER_CREATE, body={"name": "Acme"})

    async def test_do_not_show_a_page_of_html(self, vendor: Any, make_financials: Any) -> None:
        from starlette.responses import HTMLResponse

        vendor.script = [HTMLResponse("<html><h1>Nope</h1></html>", 400)]

        with pytest.raises(VendorRefused, match="HTTP 400 Bad Request"):
            await make_financials().read(fin.INVOICE_READ, path=NUMBER)


class TestWrite:
    async def test_returns_the_key_of_a_created_record(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        headers = {"Location": "http://vendor.test/v1/customerinvoice/100001", "ETag": '"v1"'}
        vendor.script = [answer(status=201, headers=headers)]

        done = await make_financials().write(fin.INVOICE_CREATE, body={"hold": {"value": True}})

        assert (done.status, done.location_key, done.etag) == (201, "100001", "v1")
        assert vendor.seen[0].body == b'{"hold":{"value":true}}'

    async def test_carries_the_version(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer(status=204)]

        await make_financials().write(fin.INVOICE_UPDATE, path=NUMBER, body={}, if_match="v1")

        assert vendor.seen[0].headers["if-match"] == '"v1"'

    async def test_refuses_a_version_where_there_is_none(self, make_financials: Any) -> None:
        with pytest.raises(ValueError, match="If-Match"):
            await make_financials().write(fin.INVOICE_DELETE, path=NUMBER, if_match="v1")

    async def test_takes_one_record_for_a_list_of_one(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer({"guid": "1"}, status=201)]

        done = await make_severa().write(sev.PROJECT_FEE_CREATE, body={"project": GUID})

        assert done.body == [{"guid": "1"}]

    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
    async def test_is_never_repeated_after_a_dubious_answer(
        self, vendor: Any, make_financials: Any, answer: Any, status: int
    ) -> None:
        vendor.script = [answer(status=status)]

        with pytest.raises(OutcomeUnknown) as caught:
            await make_financials().write(fin.INVOICE_CREATE, body={})

        assert len(vendor.seen) == 1
        assert caught.value.last_byte_at.tzinfo is not None

    @pytest.mark.parametrize("location", [None, "https://evil.test/v1/customerinvoice/1"])
    async def test_without_a_usable_location_is_unknown(
        self, vendor: Any, make_financials: Any, answer: Any, location: str | None
    ) -> None:
        headers = {"Location": location} if location else {}
        vendor.script = [answer(status=201, headers=headers)]

        with pytest.raises(OutcomeUnknown, match="Location"):
            await make_financials().write(fin.INVOICE_CREATE, body={})

    async def test_with_an_unreadable_answer_is_unknown(
        self, vendor: Any, make_severa: Any
    ) -> None:
        from starlette.responses import Response

        vendor.script = [Response(b'[{"guid": ', 201)]

        with pytest.raises(OutcomeUnknown, match="unreadable"):
            await make_severa().write(sev.PROJECT_FEE_CREATE, body={})

    async def test_is_refused_for_good_by_an_erp_message(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer(ERP, status=500)]

        with pytest.raises(VendorRefused):
            await make_financials().write(fin.INVOICE_CREATE, body={})

        assert len(vendor.seen) == 1

    @pytest.mark.parametrize("message", ["An error has occurred.", "An unexpected error occurred"])
    async def test_does_not_take_an_empty_phrase_for_a_rule(
        self, vendor: Any, make_financials: Any, answer: Any, message: str
    ) -> None:
        vendor.script = [answer({"Message": message}, status=500)]

        with pytest.raises(OutcomeUnknown):
            await make_financials().write(fin.INVOICE_CREATE, body={})

    async def test_stops_at_its_deadline_without_knowing(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        async def slow(request: Any) -> Any:
            await asyncio.sleep(30)
            return answer(status=201)

        vendor.script = [slow]

        with pytest.raises(OutcomeUnknown):
            await make_financials().write(fin.INVOICE_CREATE, body={}, deadline=0.05)

        assert len(vendor.seen) == 1

    async def test_does_not_leave_when_its_deadline_is_over_before(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        async def slow(request: Any) -> Any:
            await asyncio.sleep(0.2)
            return answer(status=204)

        vendor.script = [slow]
        client = make_financials()
        first = asyncio.create_task(client.write(fin.INVOICE_DELETE, path=NUMBER))
        await asyncio.sleep(0.02)

        with pytest.raises(VendorBusy):
            await client.write(fin.INVOICE_CREATE, body={}, deadline=0.02)
        await first

        assert len(vendor.seen) == 1


class TestBusy:
    async def test_waits_as_long_as_it_was_told(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer(status=429, headers={"Retry-After": "0.05"}), answer(status=204)]
        loop = asyncio.get_running_loop()
        started = loop.time()
        client = make_financials()

        await client.write(fin.INVOICE_DELETE, path=NUMBER)

        assert loop.time() - started >= 0.05
        assert client.usage.waits > 0.04

    async def test_stops_when_the_wait_is_too_long(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer(status=429, headers={"Retry-After": "1800"})]
        client = make_financials()

        with pytest.raises(VendorBusy) as caught:
            await client.write(fin.INVOICE_DELETE, path=NUMBER)
        with pytest.raises(VendorBusy):
            await client.read(fin.INVOICE_READ, path=NUMBER)

        assert caught.value.wait == 1800
        assert len(vendor.seen) == 1

    async def test_without_headers_holds_back_all_parallel_requests(
        self, vendor: Any, make_severa: Any
    ) -> None:
        from starlette.responses import JSONResponse, PlainTextResponse

        quota = PlainTextResponse("API calls quota exceeded! maximum admitted 10 per 1s.", 429)
        vendor.script = [quota, quota, JSONResponse({"guid": "1"})]
        client = make_severa()

        got = await asyncio.gather(*(client.read(sev.CUSTOMER_READ, path=GUID) for _ in range(6)))

        assert [found.body["guid"] for found in got] == ["1"] * 6
        assert client.usage.retries == 2

    async def test_gives_up_when_it_never_ends(
        self, vendor: Any, make_severa: Any, answer: Any, impatient: Budget
    ) -> None:
        vendor.script = [answer(status=429, headers={"Retry-After": "0.05"})]

        with pytest.raises(VendorBusy):
            await make_severa(budget=impatient).read(sev.CUSTOMER_READ, path=GUID)

    async def test_reads_the_budget_of_the_hour(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        headers = {
            "X-RateLimit-Limit": "15000",
            "X-RateLimit-Remaining": "14999",
            "X-RateLimit-Reset": "1800",
        }
        vendor.script = [answer({"referenceNumber": "1"}, headers=headers)]
        client = make_financials()

        await client.read(fin.INVOICE_READ, path=NUMBER)

        assert (client.usage.limit, client.usage.remaining) == (15000, 14999)
        assert client.usage.calls["GET /v1/customerinvoice/{invoiceNumber}"] == 1

    async def test_never_has_two_requests_at_one_company(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        async def slow(request: Any) -> Any:
            await asyncio.sleep(0.01)
            return answer({"referenceNumber": "1"})

        vendor.script = [slow]
        client = make_financials()

        await asyncio.gather(*(client.read(fin.INVOICE_READ, path=NUMBER) for _ in range(5)))

        assert vendor.most_in_flight == 1


class TestUploads:
    async def test_go_to_severa_as_related_parts(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer([{"guid": "f1"}], status=201)]
        file = Upload(name="kuitti.pdf", content=b"%PDF", content_type="application/pdf")

        await make_severa().write(sev.PROJECT_FILE_CREATE, path={"projectGuid": "p1"}, files=[file])

        sent = vendor.seen[0]
        assert sent.headers["content-type"].startswith("multipart/related")
        assert b'{"Name": "kuitti.pdf", "Description": null}' in sent.body
        assert b"\r\n\r\n%PDF\r\n" in sent.body

    async def test_go_to_financials_as_a_form(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        headers = {"Location": "http://vendor.test/v1/attachment/a-1"}
        vendor.script = [answer(status=201, headers=headers)]
        file = Upload(name='erittely "1".pdf', content=b"%PDF", content_type="application/pdf")

        done = await make_financials().write(fin.INVOICE_ATTACH, path=NUMBER, files=[file])

        assert done.location_key == "a-1"
        assert b'name="file"; filename="erittely %221%22.pdf"' in vendor.seen[0].body


class TestExchanges:
    async def test_are_heard_without_credentials(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        heard: list[Exchange] = []
        vendor.script = [answer([{"guid": "1"}])]
        client = make_severa(on_exchange=heard.append)

        await client.write(sev.CUSTOMER_PATCH, path=GUID, body=[])

        assert [exchange.operation for exchange in heard] == ["PATCH /v1/customers/{guid}"]
        assert heard[0].url == "/rest-api/v1/customers/c0ffee"
        assert heard[0].response_body == [{"guid": "1"}]
        assert "very-secret" not in repr(heard)
        assert "token-1" not in repr(heard)


class TestAddress:
    @pytest.mark.parametrize("base_url", ["", "api.severa.visma.com", "ftp://x"])
    async def test_must_be_http(self, make_severa: Any, base_url: str) -> None:
        with pytest.raises(ConfigError):
            make_severa(base_url=base_url)
