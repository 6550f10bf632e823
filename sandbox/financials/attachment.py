"""Attachments: multipart uploads with revisions, and their download."""

from __future__ import annotations

import base64
import hashlib
import json
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from uuid import uuid4

from sandbox.http import Call

from .errors import NotFound, Refused
from .moment import stamp
from .state import File, LedgerCompany
from .table import JSON


def uploaded(call: Call) -> tuple[str, str, bytes, JSON]:
    """Read the uploaded file of a multipart body: name, type, content and the metadata part."""
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise Refused("The request does not contain a multipart body.", status=415)
    raw = f"Content-Type: {kind}\r\n\r\n".encode("latin-1") + call.body
    body = message_from_bytes(raw, policy=HTTP)
    file: tuple[str, str, bytes] | None = None
    metadata: JSON = {}
    for part in body.iter_parts() if body.is_multipart() else ():
        name = part.get_filename()
        if name is not None and file is None:
            file = (name, part.get_content_type(), _content(part))
        elif part.get_param("name", header="content-disposition") == "metadata":
            metadata = _metadata(_content(part))
    if file is None:
        raise Refused("No file was found in the request.")
    return (*file, metadata)


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _metadata(text: bytes) -> JSON:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def attach(company: LedgerCompany, shown: list[JSON], call: Call) -> File:
    """Attach an uploaded file; the same name again makes a new revision of the same file."""
    name, media_type, content, metadata = uploaded(call)
    file = attach_content(company, shown, name=name, media_type=media_type, content=content)
    file.with_email = bool(metadata.get("includeAttachmentInvoiceEmail"))
    return file


def attach_content(
    company: LedgerCompany, shown: list[JSON], *, name: str, media_type: str, content: bytes
) -> File:
    """Attach a file to a record's list of attachments."""
    for row in shown:
        if row["name"] == name:
            file = company.files[row["id"]]
            file.revisions.append(content)
            row["revision"] = len(file.revisions)
            return file
    file = File(
        id=str(uuid4()),
        name=name,
        media_type=media_type,
        revisions=[content],
        created=company.utc(),
    )
    company.files[file.id] = file
    shown.append({"name": name, "id": file.id, "revision": 1})
    return file


def about(file: File) -> JSON:
    """Describe a stored file."""
    content = file.revisions[-1]
    digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    return {
        "blobId": file.id,
        "blobName": file.name,
        "contentType": file.media_type,
        "mD5Hash": digest,
        "fileChecksum": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "createdDateTimeUtc": stamp(file.created) + "Z",
    }


def files_of_line(lines: list[JSON], number: int) -> list[JSON]:
    """Give the attachments of a line.

    Raises `NotFound` for an unknown line.
    """
    for line in lines:
        if line["lineNumber"] == number:
            shown: list[JSON] = line["attachments"]
            return shown
    raise NotFound
