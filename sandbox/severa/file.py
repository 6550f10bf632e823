"""Files: on invoices, on projects (with upload), their bytes, and the invoice as a PDF."""

from __future__ import annotations

import base64
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from sandbox.codec import parse
from sandbox.http import Call, Handler, Op, Reply
from sandbox.severa import crud
from sandbox.severa.errors import invalid, missing
from sandbox.severa.fields import Entity, fold, show_record
from sandbox.severa.kinds import computed, fixed, flag, int32, text
from sandbox.severa.lists import offset_page
from sandbox.severa.pdf import invoice_pdf
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

Part = tuple[str, dict[str, str], bytes]

COMMON = (
    text("category", read_only=True),
    text("contentType", read_only=True),
    text("description"),
    flag("isInternal"),
    text("name", required=True),
    computed("size", lambda org, record: len(org.bytes[record["file"]])),
)
FILES = Entity(
    name="files",
    scope="files",
    fields=(
        *COMMON[:-1],
        computed("size", lambda org, record: len(org.bytes[record["guid"]])),
    ),
)
FILE_GUID = computed("fileGuid", lambda org, record: record["file"])
INVOICE_FILES = Entity(
    name="invoicefiles",
    scope="files",
    fields=(
        *COMMON,
        FILE_GUID,
        computed("invoiceGuid", lambda org, record: record["invoice"]),
        int32("sortOrder"),
    ),
)
PROJECT_FILES = Entity(
    name="projectfiles",
    scope="files",
    fields=(
        *COMMON,
        FILE_GUID,
        fixed("isReadOnly", False),
        computed("projectGuid", lambda org, record: record["project"]),
        fixed("usages", []),
    ),
)


def add_file(
    org: Organization,
    *,
    table: str,
    owner: Record,
    name: str,
    content: bytes,
    media_type: str,
    description: str | None = None,
) -> Record:
    """Attach a file to an invoice (`invoicefiles`) or project (`projectfiles`)."""
    category = "Invoice" if table == "invoicefiles" else "Projects"
    shown = {
        "category": category,
        "contentType": media_type,
        "description": description,
        "isInternal": False,
        "name": name,
    }
    file = org.insert("files", dict(shown))
    org.bytes[file["guid"]] = content
    key = "invoice" if table == "invoicefiles" else "project"
    return org.insert(table, {**shown, "file": file["guid"], key: owner["guid"], "sortOrder": 0})


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Split a multipart body into media type, lower-case headers and bytes of each part.

    Raises `ValueError` when it is no multipart body.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise ValueError("no multipart body")
    parts: list[Part] = []
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        headers = {name.lower(): str(value) for name, value in part.items()}
        headers["filename"] = part.get_filename() or ""
        raw = content if isinstance(content, bytes) else b""
        parts.append((part.get_content_type(), headers, raw))
    return parts


async def _upload(call: Call) -> Reply:
    """Take `multipart/related`: an optional JSON part before each part with bytes."""
    org: Organization = call.company
    project = crud.found(call, "projects", "projectGuid")
    content_type = call.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/related"):
        raise invalid("The body must be multipart/related.")
    try:
        parts = read_parts(content_type, call.body)
    except ValueError as error:
        raise invalid("The body is no multipart document.") from error
    made = _add_parts(org, project, parts)
    if not made:
        raise invalid("The body holds no file.")
    return Reply(status=201, body=[show_record(org, PROJECT_FILES, row) for row in made])


def _add_parts(org: Organization, project: Record, parts: list[Part]) -> list[Record]:
    made: list[Record] = []
    about: dict[str, Any] = {}
    for media_type, headers, content in parts:
        if media_type == "application/json" and not about and not headers["filename"]:
            about = _about(content)
            continue
        made.append(
            add_file(
                org,
                table="projectfiles",
                owner=project,
                name=about.get("name") or headers["filename"] or f"file-{len(made) + 1}",
                content=content,
                media_type=media_type,
                description=about.get("description"),
            )
        )
        about = {}
    return made


def _about(content: bytes) -> dict[str, Any]:
    try:
        return fold(parse(content))
    except ValueError as error:
        raise invalid("The description part is not valid JSON.") from error


def _files_of(entity: Entity, *, table: str, key: str, param: str) -> Handler:
    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        owner = crud.found(call, table, param)
        rows = org.tables[entity.name].where(key, owner["guid"])
        return offset_page(call, rows, show=lambda row: show_record(org, entity, row))

    return handle


async def _file(call: Call) -> Reply:
    org: Organization = call.company
    record = crud.found(call, "files")
    shown = show_record(org, FILES, record)
    if call.query.flag("includeDataInResponse"):
        shown["data"] = base64.b64encode(org.bytes[record["guid"]]).decode()
    return Reply(body=shown)


async def _bytes(call: Call) -> Reply:
    record = crud.found(call, "files")
    content = call.company.bytes[record["guid"]]
    return Reply(body=content, media_type=record["contentType"])


async def _pdf(call: Call) -> Reply:
    kind = (call.query.one("invoiceType") or "Invoice").lower()
    if kind not in ("invoice", "reminder"):
        raise missing()
    invoice = crud.found(call, "invoices")
    return Reply(body=invoice_pdf(call.company, invoice), media_type="application/pdf")


def _op(method: str, path: str, handler: Handler, scope: str) -> Op:
    return Op(method=method, path=path, handler=handler, scopes=(scope,), writes=method != "GET")


INVOICE_LIST = _files_of(INVOICE_FILES, table="invoices", key="invoice", param="invoiceGuid")
PROJECT_LIST = _files_of(PROJECT_FILES, table="projects", key="project", param="projectGuid")
OPS = (
    _op("GET", "/v1/invoices/{invoiceGuid}/files", INVOICE_LIST, "files:read"),
    _op("GET", "/v1/invoices/{guid}/pdf", _pdf, "files:read"),
    *crud.operations(INVOICE_FILES, verbs="get"),
    _op("GET", "/v1/projects/{projectGuid}/files", PROJECT_LIST, "files:read"),
    _op("POST", "/v1/projects/{projectGuid}/files", _upload, "files:write"),
    *crud.operations(PROJECT_FILES, verbs="get delete"),
    _op("GET", "/v1/files/{guid}", _file, "files:read"),
    _op("GET", "/v1/files/{guid}/filedata", _bytes, "files:read"),
)
