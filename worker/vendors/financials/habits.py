"""How Visma.net words its errors, moments and uploads, and the wrapped reads of older routes."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from secrets import token_hex
from typing import Any

from schema.words import Side
from worker.vendors import complaint
from worker.vendors.dialect import Complaint, Dialect, Payload
from worker.vendors.financials.keys import key, location_key
from worker.vendors.financials.wrap import unwrap
from worker.vendors.records import Upload

_REFERENCE = re.compile(r"VismaId:\s*([0-9a-fA-F-]+)\s*\.?\s*")
# What a web framework says when it has nothing to say: no rule of the ERP.
_EMPTY_PHRASE = re.compile(r"an? (unexpected |internal )?(server )?error (has )?occurred\.?", re.I)
_DENIED_FAULTS = ("12002", "12027")


def moment(value: datetime, *, zone: tzinfo = UTC) -> str:
    """Write a moment as local time without a zone letter, which a filter would refuse."""
    local = value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="milliseconds")


def complain(status: int, headers: Mapping[str, str], body: bytes) -> Complaint:
    """Read either of the two error shapes: the ERP's message, or the fault of its gateway."""
    value = complaint.parsed(body)
    if isinstance(value, dict):
        folded = {str(name).casefold(): item for name, item in value.items()}
        message = folded.get("message")
        if isinstance(message, str) and message.strip():
            return _rule(message)
        if "exceptionmessage" in folded or "exceptionfaultcode" in folded:
            return _fault(folded)
    return complaint.plain(status, headers, body)


def _rule(message: str) -> Complaint:
    found = _REFERENCE.search(message)
    clean = _REFERENCE.sub("", message).strip()
    lines = (line.strip().removeprefix("Error:").strip() for line in clean.splitlines())
    reasons = tuple(line for line in lines if line)
    return Complaint(
        message=" ".join(reasons),
        reasons=reasons,
        vendor_ref=found[1] if found else None,
        rule=not _EMPTY_PHRASE.fullmatch(clean),
    )


def _fault(folded: Mapping[str, Any]) -> Complaint:
    code = str(folded.get("exceptionfaultcode") or "")
    message = str(folded.get("exceptionmessage") or "fault of the gateway")
    reference = folded.get("exceptionmessageid")
    return Complaint(
        message=f"{message} (fault {code})" if code else message,
        reasons=(message,),
        vendor_ref=str(reference) if reference else None,
        denied=code in _DENIED_FAULTS,
    )


def uploads(files: Sequence[Upload], body: Any) -> Payload:
    """Write `multipart/form-data` with a part `file`, and `metadata` when there is a body."""
    boundary = token_hex(16)
    parts = [
        _part(boundary, f'name="file"; filename="{_quoted(file.name)}"', file.content_type)
        + file.content
        + b"\r\n"
        for file in files
    ]
    if body is not None:
        head = _part(boundary, 'name="metadata"', "application/json")
        parts.append(head + json.dumps(body).encode() + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return Payload(
        content=b"".join(parts), content_type=f"multipart/form-data; boundary={boundary}"
    )


def _part(boundary: str, disposition: str, kind: str) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n"
    return f"{head}Content-Type: {kind}\r\n\r\n".encode()


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _tidy(body: bytes, value: Any) -> Any:
    # Walking every row costs more than looking for the word in the text first.
    return unwrap(value) if b'"value"' in body else value


def dialect(*, hosts: Collection[str], zone: tzinfo) -> Dialect:
    """Return the habits of Financials for one company."""
    return Dialect(
        side=Side.FINANCIALS,
        encode_key=key,
        moment=partial(moment, zone=zone),
        complaint=complain,
        uploads=uploads,
        location_key=partial(location_key, hosts=hosts),
        tidy=_tidy,
        request_id_header="Ipp-Request-Id",
    )
