"""Projects and sales cases, from Severa to Financials only (R54 to R58, Q4, Q18, Q43, Q55)."""

from typing import Any

import pytest

from schema.models import Integration, Issue, Link, Project
from schema.words import ProjectStatus, SyncState
from tests.worker.pair import Pair
from tests.worker.rules.people import (
    FINANCIALS,
    SEVERA,
    ledger,
    ledger_rows,
    ledger_writes,
    links,
    quiet_sync,
    severa_rows,
    severa_writes,
    some_customer,
)
from worker.vendors.endpoints import Operation
from worker.vendors.financials import operations, shapes

CREATE = Operation(method="POST", path="/v1/projects", writes=True)


async def new_project(pair: Pair, **fields: Any) -> dict[str, Any]:
    """Create a project in Severa."""
    _, customer, _ = await some_customer(pair)
    owner = next(iter(severa_rows(pair, "users")))["guid"]
    body = {
        "name": "Nytt prosjekt",
        "customer": {"guid": customer},
        "projectOwner": {"guid": owner},
        "salesStatus": {"salesStatusTypeGuid": sales_status(pair, "Won")},
    }
    made: dict[str, Any] = await severa_writes(pair, CREATE, body | fields)
    return made


def sales_status(pair: Pair, state: str) -> str:
    """Return a sales status of Severa by what it means."""
    return str(severa_rows(pair, "salesstatustypes", salesState=state)[0]["guid"])


def in_ledger(pair: Pair, number: Any) -> dict[str, Any]:
    """Return a project of Financials."""
    [found] = ledger_rows(pair, "projects", projectID=str(number))
    return found


def task(pair: Pair, number: Any) -> str:
    """Return the status of the task that every line uses."""
    [row] = [row for row in ledger(pair).projects if row.key.strip() == str(number)]
    return str(row.tasks["10"].dto["status"])


async def causes(code: str) -> list[str]:
    """Return the causes of the open issues with a code."""
    return [issue.cause for issue in await Issue.filter(code=code, resolved_at=None)]


async def won(pair: Pair) -> tuple[Project, str]:
    """Return an open project in step and its guid in Severa."""
    project = (
        await Project.filter(
            status=ProjectStatus.ACTIVE, sync_state=SyncState.IN_SYNC, is_sales_case=False
        ).order_by("number")
    )[0]
    return project, (await links(project))["SEVERA"]


class TestCreate:
    async def test_sends_the_constants_and_then_the_status(self, pair: Pair) -> None:
        """R8, R185 to R192, Q4: planned first, then active with its task."""
        made = await new_project(pair, startDate="2026-11-02")

        await pair.sync()

        requests = await pair.requests("POST /v1/project")
        body = requests[-1]["body"]
        assert body["billingPeriod"] == {"value": "OnDemand"}
        assert body["template"] == {"value": "Z"}
        assert body["hold"] == {"value": True}
        assert "status" not in body
        shown = in_ledger(pair, made["number"])
        assert (shown["description"], shown["status"]) == ("Nytt prosjekt", "Active")
        assert shown["startDate"].startswith("2026-11-02")
        assert task(pair, made["number"]) == "Active"
        assert await quiet_sync(pair) == {}

    async def test_takes_the_constants_of_the_settings(self, pair: Pair) -> None:
        """Q4."""
        pair.integration.options |= {"project_constants": {"billingPeriod": "Monthly"}}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        made = await new_project(pair)

        await pair.sync()

        assert in_ledger(pair, made["number"])["billingPeriod"] == "Monthly"

    async def test_sales_case_travels_too(self, pair: Pair) -> None:
        """R54, R55, Q18."""
        made = await new_project(
            pair, salesStatus={"salesStatusTypeGuid": sales_status(pair, "InProgress")}
        )

        await pair.sync()

        assert in_ledger(pair, made["number"])["status"] == "Active"
        project = await Project.get(number=str(made["number"]))
        assert project.is_sales_case is True

    async def test_internal_project_stays_out(self, pair: Pair) -> None:
        """R57."""
        made = await new_project(pair, isInternal=True)

        await pair.sync()

        assert ledger_rows(pair, "projects", projectID=str(made["number"])) == []

    async def test_number_of_another_project_is_an_issue(self, pair: Pair) -> None:
        """Q44."""
        made = await new_project(pair)
        await ledger_writes(
            pair,
            operations.PROJECT_CREATE,
            shapes.PROJECT,
            projectID=str(made["number"]),
            description="Noe helt annet",
            startDate="2026-01-01T00:00:00",
        )

        await pair.sync()

        [cause] = await causes("number_taken")
        assert "Noe helt annet" in cause
        assert in_ledger(pair, made["number"])["description"] == "Noe helt annet"

    async def test_fitting_project_is_adopted_and_made_usable(self, pair: Pair) -> None:
        """Q44, Q55: a planned one becomes active with its task."""
        made = await new_project(pair)
        _, _, number = await some_customer(pair)
        await ledger_writes(
            pair,
            operations.PROJECT_CREATE,
            shapes.PROJECT,
            projectID=str(made["number"]),
            description="Nytt prosjekt",
            startDate="2026-01-01T00:00:00",
            customer=number,
            hold=True,
        )

        await pair.sync()

        assert in_ledger(pair, made["number"])["status"] == "Active"
        assert task(pair, made["number"]) == "Active"


class TestStatus:
    @pytest.mark.parametrize(
        ("fields", "there"),
        [({"isClosed": True}, "Completed"), ({"salesStatus": "Lost"}, "Cancelled")],
    )
    async def test_ends_and_comes_back(
        self, pair: Pair, fields: dict[str, Any], there: str
    ) -> None:
        """R56, R192, Q18, Q43."""
        project, guid = await won(pair)
        if "salesStatus" in fields:
            status = sales_status(pair, "Lost")
            fields = {"salesStatus": {"guid": status}, "isClosed": True}
        await pair.edit(SEVERA, "projects", guid, **fields)
        await pair.sync()
        assert in_ledger(pair, project.number)["status"] == there

        won_again = {"salesStatus": {"guid": sales_status(pair, "Won")}}
        await pair.edit(SEVERA, "projects", guid, isClosed=False, **won_again)
        await pair.sync()

        assert in_ledger(pair, project.number)["status"] == "Active"
        await project.refresh_from_db()
        assert project.status is ProjectStatus.ACTIVE

    async def test_takes_the_state_of_the_settings(self, pair: Pair) -> None:
        """Q43."""
        pair.integration.options |= {"project_states": {"CLOSED": "OnHold"}}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        project, guid = await won(pair)
        await pair.edit(SEVERA, "projects", guid, isClosed=True)

        await pair.sync()

        assert in_ledger(pair, project.number)["status"] == "OnHold"
        assert await quiet_sync(pair) == {}

    async def test_is_carried_out_after_the_invoice_of_the_same_run(self, pair: Pair) -> None:
        """R56, Q55: a user closes a project together with its last invoice."""
        [guid] = await pair.bill()
        invoice = pair.severa_invoice(guid)
        project = invoice["projects"][0]
        await pair.edit(SEVERA, "projects", project, isClosed=True)

        await pair.sync()
        await pair.sync()

        record = await pair.invoice(guid)
        assert record.numbered_at is not None
        link = await Link.get(internal_id=project, entity="PROJECT")
        found = await Project.get(id=link.record_id)
        assert in_ledger(pair, found.number)["status"] == "Completed"

    async def test_waits_while_an_invoice_is_on_its_way(self, pair: Pair) -> None:
        """Q55."""
        [guid] = await pair.bill()
        project = pair.severa_invoice(guid)["projects"][0]
        await pair.edit(SEVERA, "projects", project, isClosed=True)
        await pair.fault("error_503", "POST /v2/customerinvoice", times=50)

        await pair.sync(settle=False)

        found = await Project.get(id=(await Link.get(internal_id=project)).record_id)
        assert in_ledger(pair, found.number)["status"] == "Active"
        assert found.status is ProjectStatus.CLOSED

    async def test_that_a_person_set_in_financials_is_left_alone(self, pair: Pair) -> None:
        """R54: one way, and no fight about it."""
        project, _ = await won(pair)
        await pair.edit(FINANCIALS, "project", project.number, status="OnHold")

        await pair.sync()

        assert in_ledger(pair, project.number)["status"] == "OnHold"
        assert await quiet_sync(pair) == {}


class TestNumber:
    @pytest.mark.parametrize("side", [SEVERA, FINANCIALS])
    async def test_that_was_changed_blocks_the_project(self, pair: Pair, side: Any) -> None:
        """R18 to R20."""
        project, guid = await won(pair)
        if side is SEVERA:
            await pair.edit(SEVERA, "projects", guid, number=8901)
        else:
            [row] = [r for r in ledger(pair).projects if r.key.strip() == project.number]
            ledger(pair).projects.rename(row, "8901")
            row.dto["projectID"] = row.ref["id"] = "8901"
            await pair.edit(FINANCIALS, "project", "8901", note="renamed")

        await pair.sync()

        [cause] = await causes("number_changed")
        assert "8901" in cause
        await project.refresh_from_db()
        assert project.sync_state is SyncState.BLOCKED
