"""Communications of a contact in Severa: phones and mail addresses (R180 to R182, Q53)."""

from collections.abc import Iterable, Sequence
from typing import Any

from schema.words import Side
from worker.context import Context
from worker.mapping.contact import CHANNELS
from worker.mapping.convert import CannotMap
from worker.mapping.field import Form
from worker.sync import push
from worker.sync.flow import Case
from worker.sync.rules.severa import patch_body
from worker.vendors.endpoints import Operation
from worker.vendors.severa import operations as severa

Row = dict[str, Any]


def of_kind(rows: Iterable[Row], kind: str) -> list[Row]:
    """Return the communications of a kind."""
    return [row for row in rows if (row.get("communicationType") or {}).get("type") == kind]


def allowed(rows: Iterable[Row], kind: str) -> list[Row]:
    """Return the communications of a kind that may be used; a forbidden one is as good as none."""
    return [row for row in of_kind(rows, kind) if not row.get("isForbiddenToUse")]


class Channels:
    """Writes the communications of one contact; none is ever deleted.

    `rows` shows them as they are by then.
    """

    def __init__(self, ctx: Context, case: Case, *, contact: str, rows: Sequence[Row]) -> None:
        self._ctx, self._case, self._contact = ctx, case, contact
        self.rows = list(rows)

    async def write(self, wanted: Form) -> None:
        """Write the ones that changed."""
        for name, kind in CHANNELS.items():
            if name in wanted:
                await self._write_one(kind, wanted[name])

    async def _write_one(self, kind: str, value: str | None) -> None:
        here = allowed(self.rows, kind)
        if value is None:
            for row in here[:1]:
                await self._patch(row, isForbiddenToUse=True)
        elif here:
            await self._patch(here[0], value=value, isForbiddenToUse=False)
        elif not any(row.get("value") == value for row in of_kind(self.rows, kind)):
            # What a person forbade to use stays forbidden, whatever Financials says.
            await self._add(kind, value)

    async def _add(self, kind: str, value: str) -> None:
        guid = self._ctx.references.communication_types.get(kind)
        if guid is None:
            raise CannotMap("channel_missing", f"Severa has no communication type of kind {kind}.")
        body = {
            "communicationType": {"guid": guid},
            "contact": {"guid": self._contact},
            "value": value,
            "isForbiddenToUse": False,
        }
        self.rows.append(await self._push(severa.COMMUNICATION_CREATE, {}, body))

    async def _patch(self, row: Row, **values: Any) -> None:
        path = {"guid": str(row["guid"])}
        made = await self._push(severa.COMMUNICATION_PATCH, path, patch_body(values))
        self.rows = [made if item["guid"] == row["guid"] else item for item in self.rows]

    async def _push(self, operation: Operation, path: dict[str, str], body: Any) -> Row:
        record: Any = self._case.record
        answer = await push.push(
            self._ctx,
            push.Write(
                entity="CONTACT",
                record_id=record.id,
                side=Side.SEVERA,
                purpose="contact.channel",
                operation=operation,
                path=path,
                body=body,
                label=f"write a phone or mail address of contact {record.last_name} in Severa",
            ),
        )
        made: Row = answer.body
        return made
