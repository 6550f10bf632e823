"""A draft with our mark that landed after everything was over does not stay in Financials."""

from typing import Any

from sandbox.codec import render
from schema.models import NumberEntry
from schema.words import NumberOutcome
from tests.worker.pair import CREATE, Pair


async def create_again(pair: Pair, body: dict[str, Any]) -> str:
    """Create a document as another client of the vendor does; gives its number."""
    login = pair.world.companies[0].financials
    form = {
        "grant_type": "client_credentials",
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "tenant_id": login.tenant_id,
        "scope": "vismanet_erp_service_api:create",
    }
    token = (await pair.http.post("/connect/token", data=form)).json()["access_token"]
    answer = await pair.http.post(
        f"/financials{CREATE.split()[1]}",
        content=render(body),
        headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


class TestStray:
    async def test_is_deleted_and_its_number_explained(self, pair: Pair) -> None:
        """R61, Q44: an equal create lands once more, long after the invoice was booked."""
        [guid] = await pair.bill()
        await pair.sync()
        number = (await pair.invoice(guid)).number
        [sent] = await pair.requests(CREATE)

        stray = await create_again(pair, sent["body"])
        await pair.sync()

        entry = await NumberEntry.get(number=stray)
        assert entry.outcome is NumberOutcome.DELETED
        assert f"beside {number}" in entry.explanation
        assert (await pair.summary())["duplicates"] == []

    async def test_is_no_draft_of_somebody_else(self, pair: Pair) -> None:
        await pair.bill()
        await pair.sync()
        [sent] = await pair.requests(CREATE)
        hand = {"note": {"value": "By hand."}, "customerRefNumber": {"value": "By hand"}}
        body = {**sent["body"], **hand}

        theirs = await create_again(pair, body)
        await pair.sync()

        assert (await NumberEntry.get(number=theirs)).outcome is NumberOutcome.USED
