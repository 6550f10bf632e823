"""The judge of exchanges finds what it should find, and every table agrees with the documents."""

from typing import Any

import pytest

from schema.words import Side
from tests.contracts.openapi import Document
from tests.contracts.recorder import ContractBroken, Recorder, document
from tests.contracts.required import _TABLES, _records
from worker.vendors.endpoints import Endpoint, Operation, Paging
from worker.vendors.financials import FINANCIALS, shapes
from worker.vendors.financials import operations as fin
from worker.vendors.financials.wrap import Shape
from worker.vendors.records import Exchange
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as sev

LISTS = [(Side.SEVERA, row) for row in SEVERA.values()] + [
    (Side.FINANCIALS, row) for row in FINANCIALS.values()
]
CALLS = [(Side.SEVERA, call) for call in sev.OPERATIONS] + [
    (Side.FINANCIALS, call) for call in fin.OPERATIONS
]
NEEDS = {
    Paging.TOKEN: {"pageToken", "rowCount"},
    Paging.OFFSET: {"firstRow", "rowCount"},
    Paging.NUMBERED: {"pageNumber", "pageSize"},
    Paging.LINES: {"pageNumber", "pageSize"},
    Paging.RECORDS: {"pageNumber", "pageSize"},
    Paging.WHOLE: set(),
}
SHAPES = {
    "CustomerUpdateDto": shapes.CUSTOMER,
    "ContactUpdateDto": shapes.CONTACT,
    "LocationUpdateDto": shapes.LOCATION,
    "InventoryUpdateDto": shapes.ITEM,
    "ProjectUpdateDto": shapes.PROJECT,
    "TaskUpdateDto": shapes.TASK_OF_PROJECT,
    "ProjectTaskUpdateDto": shapes.PROJECT_TASK,
    "CustomerInvoiceUpdateDto": shapes.INVOICE,
    "CustomerCreditNoteUpdateDto": shapes.CREDIT_NOTE,
    "AttachmentMetadataUpdateDto": shapes.ATTACHMENT,
}


def known(side: Side) -> Document:
    found = document(side)
    assert found is not None, "the vendors' documents do not lie beside the project"
    return found


class TestEndpointTables:
    @pytest.mark.parametrize(
        ("side", "row"), LISTS, ids=lambda value: getattr(value, "name", value)
    )
    def test_name_only_what_the_document_names(self, side: Side, row: Endpoint) -> None:
        names = set(known(side).parameters(row.operation.name))
        pair = {row.since, f"{row.since}Condition" if row.condition else row.since}

        assert row.params | NEEDS[row.paging] | (pair if row.since else set()) <= names

    @pytest.mark.parametrize(
        ("side", "row"), LISTS, ids=lambda value: getattr(value, "name", value)
    )
    def test_can_ask_for_changes_where_the_vendor_can(self, side: Side, row: Endpoint) -> None:
        names = set(known(side).parameters(row.operation.name))

        assert (row.since is not None) == bool(names & {"changedSince", "lastModifiedDateTime"})

    @pytest.mark.parametrize(
        ("side", "row"), LISTS, ids=lambda value: getattr(value, "name", value)
    )
    def test_point_at_fields_that_exist(self, side: Side, row: Endpoint) -> None:
        members = known(side).fields(row.operation.name)
        if row.paging is Paging.RECORDS:
            members = known(side).members(members["records"])

        for place in (*row.key, *row.checks.values()):
            assert _member(known(side), members, place), place


class TestOperationTables:
    @pytest.mark.parametrize(
        ("side", "call"), CALLS, ids=lambda value: getattr(value, "name", value)
    )
    def test_name_only_what_the_document_names(self, side: Side, call: Operation) -> None:
        assert known(side).operation(call.name) is not None
        assert call.params <= set(known(side).parameters(call.name))

    @pytest.mark.parametrize(
        "call", [call for call in fin.OPERATIONS if call.writes], ids=lambda call: call.name
    )
    def test_send_a_version_where_the_vendor_takes_one(self, call: Operation) -> None:
        assert call.if_match == known(Side.FINANCIALS).takes_header(call.name, "If-Match")


class TestShapes:
    @pytest.mark.parametrize("name", SHAPES)
    def test_follow_the_marks_of_the_document(self, name: str) -> None:
        book = known(Side.FINANCIALS)

        assert list(_mismarked(book, {"$ref": f"#/{name}"}, SHAPES[name])) == []


class TestRequired:
    @pytest.mark.parametrize("side", list(Side))
    def test_names_fields_that_exist(self, side: Side) -> None:
        for path, names in _TABLES[side].items():
            members = _members_at(known(side), path)
            for name in names.split():
                assert _member(known(side), members, name.replace("[]", "")), (path, name)

    def test_looks_into_paged_objects(self) -> None:
        assert _records({"records": [{"termsId": "30"}]}) == [{"termsId": "30"}]


class TestRecorder:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"url": "/v1/customers?pageSize=3"}, "pageSize is unknown"),
            ({"url": "/v1/customers?changedSince=yesterday"}, "has the value 'yesterday'"),
            ({"response_body": [{"name": "Acme"}]}, "lacks guid"),
            ({"response_body": [{"isActive": "yes"}]}, "isActive"),
            ({"response_body": [{"customerClass": "1"}]}, "customerClass"),
            ({"operation": "GET /v1/clients"}, "not in the document"),
            ({"status": 207}, "207 is not declared"),
        ],
    )
    def test_finds_a_breach(self, changes: dict[str, Any], words: str) -> None:
        recorder = Recorder()

        recorder.check(_exchange(**changes))

        with pytest.raises(ContractBroken, match=words):
            recorder.assert_clean()

    def test_accepts_null_beside_a_reference(self) -> None:
        recorder = Recorder()
        row = {
            "guid": "1",
            "name": "Acme",
            "isActive": True,
            "isInternal": False,
            "lastUpdatedDateTime": "2026-11-24T12:00:00Z",
            "currency": None,
        }

        recorder.check(_exchange(response_body=[row]))

        recorder.assert_clean()
        assert "GET /v1/customers" in recorder.table()

    @pytest.mark.parametrize(
        ("path", "clean"), [("/status/guid", True), ("/state", False), ("/status/colour", False)]
    )
    def test_knows_what_can_be_patched(self, path: str, clean: bool) -> None:
        recorder = Recorder()
        step = {"op": "replace", "path": path, "value": "x"}

        recorder.check(
            _exchange(
                operation="PATCH /v1/invoices/{guid}",
                url="/v1/invoices/1",
                request_body=[step],
                status=400,
                response_body=None,
            )
        )

        assert bool(recorder.broken) is not clean


def _exchange(**changes: Any) -> Exchange:
    settings: dict[str, Any] = {
        "side": Side.SEVERA,
        "operation": "GET /v1/customers",
        "method": "GET",
        "url": "/v1/customers?rowCount=100",
        "request_body": None,
        "status": 200,
        "response_body": [],
        "headers": {},
    }
    return Exchange(**(settings | changes))


def _member(book: Document, members: dict[str, Any], place: str) -> bool:
    for name in place.split("."):
        if name not in members:
            return False
        members = book.members(members[name])
    return True


def _members_at(book: Document, path: str) -> dict[str, Any]:
    """Return the members of a list's rows, of a record, or of the record one place further."""
    members = book.fields(f"GET {path}")
    if members:
        return book.members(members["records"]) if "records" in members else members
    further = next(found for found in book.paths if found.startswith(f"{path}/{{"))
    return book.fields(f"GET {further}")


def _mismarked(book: Document, schema: dict[str, Any], shape: Shape) -> Any:
    members = book.members(schema)
    marks = [
        *((name, True, None) for name in shape.values),
        *((name, False, None) for name in shape.bare),
        *((name, True, inner) for name, inner in shape.objects.items()),
        *((name, False, inner) for name, inner in shape.plain.items()),
        *((name, False, inner) for name, inner in shape.rows.items()),
    ]
    for name, wrapped, inner in marks:
        if name not in members:
            yield f"{name} is unknown"
            continue
        there = set(book.members(members[name]))
        if wrapped != (there == {"value"}):
            yield f"{name} is marked wrongly"
        elif inner is not None:
            below = book.members(members[name])["value"] if wrapped else members[name]
            yield from _mismarked(book, below, inner)
