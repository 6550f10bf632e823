"""Attached files: what a vendor gave, by content, and the row that says where it was copied to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from schema.models import Attachment
from schema.words import Entity
from worker.context import Context
from worker.vendors.records import Answer

_ENDINGS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a file with their type and fingerprint."""

    data: bytes = field(repr=False)
    media_type: str
    digest: str


def content_of(answer: Answer) -> Content:
    """Read a download."""
    data: bytes = answer.body
    return Content(
        data=data,
        media_type=_media_type(answer.headers),
        digest=hashlib.sha256(data).hexdigest(),
    )


def _media_type(headers: Mapping[str, str]) -> str:
    found = str(headers.get("content-type") or "").split(";")[0].strip()
    return found or "application/octet-stream"


def name_for(wanted: str, taken: set[str]) -> str:
    """Return a name that is not taken: the same name again would be a revision (contract 14.4)."""
    if wanted.casefold() not in taken:
        return wanted
    stem, dot, ending = wanted.rpartition(".")
    head, tail = (stem, f".{ending}") if dot and stem else (wanted, "")
    place = 2
    while f"{head} ({place}){tail}".casefold() in taken:
        place += 1
    return f"{head} ({place}){tail}"


def named(wanted: str | None, media_type: str, *, otherwise: str) -> str:
    """Return the name of a file, or one made up for a file without."""
    return (wanted or "").strip() or f"{otherwise}{_ENDINGS.get(media_type, '')}"


async def row_of(
    ctx: Context, *, entity: Entity, record_id: UUID, source_id: str, name: str, text: str = ""
) -> Attachment:
    """Return the row of a file of a record; a new one is not stored yet."""
    known = await Attachment.get_or_none(record_id=record_id, source_id=source_id)
    return known or Attachment(
        integration_id=ctx.integration.id,
        entity=entity,
        record_id=record_id,
        source_id=source_id,
        name=name,
        description=text,
    )


async def note_content(ctx: Context, row: Attachment, content: Content) -> None:
    """Store what is known of a file before it is copied."""
    row.content_type, row.size = content.media_type, len(content.data)
    row.content_hash = content.digest
    async with ctx.transaction():
        await row.save()


async def note_copied(ctx: Context, row: Attachment, target_id: str) -> None:
    """Store where a file stands now, inside the running transaction."""
    row.target_id, row.copied_at = target_id, ctx.clock()
    await row.save()
