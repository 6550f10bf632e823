"""Addresses of a customer in Severa, where one object may serve several uses (R165 to R175, Q8)."""

from collections.abc import Mapping, Sequence
from typing import Any

from schema.words import Entity, Side
from worker.context import Context
from worker.mapping.address import severa_address, tidy_address
from worker.mapping.customer import ADDRESS_FIELDS
from worker.mapping.field import Form
from worker.sync import push, report, sightings
from worker.sync.flow import Case, Seen
from worker.sync.rules.severa import patch_body
from worker.vendors.endpoints import Operation
from worker.vendors.severa import operations as severa

_FLAGS = {
    "office": "isVisitAddress",
    "billing": "isBillingAddress",
    "postal": "isPostalAddress",
}
Row = dict[str, Any]


def with_addresses(seen: Seen, rows: Sequence[Row]) -> Seen:
    """Add the address of each use; a use without its own address shares the headquarters."""
    head = (seen.body.get("headquarterAddress") or {}).get("guid")
    main = next((row for row in rows if row["guid"] == head), None)
    main = main or next((row for row in rows if row.get("isVisitAddress")), None)
    main = main or (rows[0] if rows else None)
    chosen = {
        "office": main,
        "billing": next((row for row in rows if row.get("isBillingAddress")), main),
        "postal": next((row for row in rows if row.get("isPostalAddress")), main),
    }
    return Seen(
        side=seen.side,
        resource=seen.resource,
        key=seen.key,
        body=seen.body | {"_addresses": chosen},
    )


class Addresses:
    """Writes the addresses of one customer of Severa, which `customer` shows as it is by then."""

    def __init__(self, ctx: Context, case: Case, *, customer: Row, rows: Mapping[str, Any]) -> None:
        self._ctx, self._case, self.customer = ctx, case, customer
        self._guid_of_customer = str(customer["guid"])
        self._rows: dict[str, Row] = {name: row for name, row in rows.items() if row is not None}

    async def write(self, wanted: Form) -> None:
        """Write the addresses that changed; equal ones go to one object with several flags."""
        groups: dict[str, list[str]] = {}
        for name in ADDRESS_FIELDS:
            value = wanted.get(name)
            if value is not None:
                groups.setdefault(repr(sorted(value.items())), []).append(name)
        for names in groups.values():
            await self._write_group(names, wanted[names[0]], wanted)

    async def _write_group(self, names: list[str], value: Row, wanted: Form) -> None:
        body = severa_address(value, regions=self._ctx.references.regions)
        lone: list[str] = [name for name in names if name not in self._rows]
        for guid in {self._rows[name]["guid"] for name in names if name in self._rows}:
            users = [name for name in ADDRESS_FIELDS if self._guid(name) == guid]
            others = [name for name in users if name not in names]
            if others and "office" not in names:
                lone += [name for name in users if name in names]
                continue
            # The headquarters stay where they are; who shared them gets an object of its own.
            left = [name for name in others if name not in wanted]
            if left:
                await self._split(left)
            row = await self._push(severa.ADDRESS_PATCH, {"guid": guid}, patch_body(body))
            for name in users:
                if name in names:
                    self._rows[name] = row
        if lone:
            await self._add(lone, body)

    def _guid(self, name: str) -> str | None:
        row = self._rows.get(name)
        return None if row is None else str(row["guid"])

    async def _split(self, names: list[str]) -> None:
        old = tidy_address(self._rows[names[0]])
        if old is not None:
            await self._add(names, severa_address(old, regions=self._ctx.references.regions))

    async def _add(self, names: list[str], body: Row) -> None:
        """Add an object for some uses and take their flags off the one they had."""
        shared = {row["guid"]: row for name in names if (row := self._rows.get(name)) is not None}
        body = body | {flag: name in names for name, flag in _FLAGS.items()}
        made = await self._push(
            severa.ADDRESS_CREATE, {"customerGuid": self._guid_of_customer}, body
        )
        for guid, row in shared.items():
            flags = {_FLAGS[name]: False for name in names if row.get(_FLAGS[name])}
            if flags:
                await self._push(severa.ADDRESS_PATCH, {"guid": guid}, patch_body(flags))
        if shared:
            await self._warn(names)
        for name in names:
            self._rows[name] = made
        if "office" in names:
            await self._lead(made["guid"])

    async def _lead(self, guid: str) -> None:
        """Make an address the headquarters."""
        body = patch_body({"headquarterAddress": {"guid": guid}})
        path = {"guid": self._guid_of_customer}
        answer = await push.push(self._ctx, self._intent(severa.CUSTOMER_PATCH, path, body))
        self.customer = answer.body[0]

    async def _push(self, operation: Operation, path: dict[str, str], body: Any) -> Row:
        answer = await push.push(self._ctx, self._intent(operation, path, body))
        made: Row = answer.body[0] if isinstance(answer.body, list) else answer.body
        async with self._ctx.transaction():
            await sightings.keep(
                self._ctx,
                side=Side.SEVERA,
                resource="addresses",
                rows=[(made["guid"], self._guid_of_customer, made)],
                dirty=False,
            )
        return made

    def _intent(self, operation: Operation, path: dict[str, str], body: Any) -> push.Write:
        record: Any = self._case.record
        return push.Write(
            entity="CUSTOMER",
            record_id=record.id,
            side=Side.SEVERA,
            purpose="customer.address",
            operation=operation,
            path=path,
            body=body,
            label=f"write an address of customer {record.name} in Severa",
        )

    async def _warn(self, names: list[str]) -> None:
        record: Any = self._case.record
        uses = " and ".join(names)
        problem = report.Problem(
            code="address_split",
            cause=f"{record.name}: the {uses} address in Severa was one with other uses; "
            "Financials has another one for it now, so it became an address of its own.",
            subject=f"CUSTOMER:{record.id}:addresses",
            records=((Entity.CUSTOMER, record.id),),
        )
        async with self._ctx.transaction():
            await report.report(self._ctx, problem)
