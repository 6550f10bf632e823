"""Routes of attached files."""

from __future__ import annotations

from sandbox.http import Call, Op, Reply

from . import shapes
from .attachment import about
from .door import (
    fields_of,
    found,
    op,
)
from .state import File, LedgerCompany
from .table import JSON


def _file(company: LedgerCompany, call: Call, name: str) -> File:
    return found(company.files.get(call.params[name].strip().lower()))


def download(company: LedgerCompany, call: Call) -> Reply:
    """Give the newest revision of a file."""
    file = _file(company, call, "attachmentId" if "attachmentId" in call.params else "blobId")
    headers = {"Content-Disposition": f'attachment; filename="{_ascii(file.name)}"'}
    return Reply(body=file.revisions[-1], headers=headers, media_type=file.media_type)


def _ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode().replace('"', "'")


def change_attachment(company: LedgerCompany, call: Call) -> Reply:
    """Choose whether a file goes along to AutoInvoice."""
    file = _file(company, call, "attachmentId")
    fields = fields_of(company, call, shapes.ATTACHMENT)
    if fields.get("sendToAutoinvoice") is not None:
        file.to_autoinvoice = fields["sendToAutoinvoice"]
    return Reply(status=204)


def blob_metadata(company: LedgerCompany, call: Call) -> Reply:
    """Describe a file."""
    return Reply(body=about(_file(company, call, "blobId")))


def presigned_url(company: LedgerCompany, call: Call) -> Reply:
    """Give an address from which the file can be had."""
    file = found(company.files.get((call.query.one("blobId") or "").lower()))
    body: JSON = {"preSignedUrl": f"{call.base}/v1/blob/download/{file.id}"}
    if call.query.flag("includeMetadata"):
        body["metadata"] = about(file)
    return Reply(body=body)


OPS: tuple[Op, ...] = (
    op("GET", "/v1/attachment/{attachmentId}", download),
    op("PUT", "/v1/attachment/{attachmentId}", change_attachment),
    op("GET", "/v1/blob/download/{blobId}", download),
    op("GET", "/v1/blob/metadata/{blobId}", blob_metadata),
    op("GET", "/v1/blob/presignedurl", presigned_url),
)
