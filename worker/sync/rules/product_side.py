"""How items are read and written in their registers (R32, R152 to R156, Q7, Q42)."""

from decimal import Decimal
from typing import Any

from schema.models import Product
from schema.words import ProductKind, Side
from worker.context import Context
from worker.mapping.field import Field, Form
from worker.mapping.product import BY_KIND, CLASS, HOUR_PRICE, KIND_OF_TYPE, RESOURCES
from worker.sync import push
from worker.sync.flow import Case, Seen
from worker.sync.rules.product_class import class_for, require_fit
from worker.sync.rules.severa import patch_body
from worker.vendors.endpoints import Operation
from worker.vendors.errors import RecordMissing
from worker.vendors.financials import operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_KINDS = {resource: kind for kind, resource in RESOURCES.items()}
# Which registers carry a price where no setting says otherwise (Q7).
_PRICED = {
    ProductKind.PRODUCT: True,
    ProductKind.WORK_TYPE: False,
    ProductKind.TRAVEL_EXPENSE: True,
}
_CALLS: dict[str, tuple[Operation, Operation, Operation]] = {
    "products": (severa.PRODUCT_READ, severa.PRODUCT_CREATE, severa.PRODUCT_PATCH),
    "worktypes": (severa.WORK_TYPE_READ, severa.WORK_TYPE_CREATE, severa.WORK_TYPE_PATCH),
    "travelexpensetypes": (
        severa.TRAVEL_TYPE_READ,
        severa.TRAVEL_TYPE_CREATE,
        severa.TRAVEL_TYPE_PATCH,
    ),
}
NAMES = {
    "products": "product",
    "worktypes": "work type",
    "travelexpensetypes": "travel expense",
}


def kind_of(case: Case) -> ProductKind:
    """Return the register of an item; the Severa register wins over a later change of type."""
    if Side.SEVERA in case.seen:
        return _KINDS[case.seen[Side.SEVERA].resource]
    if isinstance(case.record, Product):
        return case.record.kind
    return KIND_OF_TYPE[case.seen[Side.FINANCIALS].body["type"]]


def fields(case: Case) -> tuple[Field, ...]:
    """Return the mapping of the item's register, with a price where settings say so (Q7)."""
    kind = kind_of(case)
    rows = (*BY_KIND[kind], CLASS)
    priced = next(iter(case.bodies.values()), {}).get("_priced")
    if priced is None:
        return rows
    if kind not in priced:
        return tuple(row for row in rows if row.name != "unit_price")
    return (*rows, HOUR_PRICE) if kind is ProductKind.WORK_TYPE else rows


class SeveraHalf:
    """Items in Severa's three registers."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one item again."""
        seen = case.seen[Side.SEVERA]
        answer = await ctx.severa.read(_CALLS[seen.resource][0], path={"guid": seen.key})
        return await _composed(ctx, _severa_seen(seen.resource, answer.body))

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for an item by its code."""
        resource = RESOURCES[kind_of(case)]
        code = case.seen[Side.FINANCIALS].body["inventoryNumber"].strip()
        async for page in ctx.severa.pages(SEVERA[resource], params={"code": code}):
            for row in page.rows:
                if str(row.get("code")).strip() == code:
                    return await _composed(ctx, _severa_seen(resource, row))
        return None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create an item in the register of its type (R37 to R39)."""
        kind = kind_of(case)
        resource = RESOURCES[kind]
        wanted = {name: value for name, value in wanted.items() if value is not None}
        body = _severa_body(ctx, fields(case), wanted)
        if kind is ProductKind.TRAVEL_EXPENSE:
            body = {"expenseClass": "OtherTravelExpense"} | body
            body.setdefault("unitCost", _money(ctx, "0"))
        answer = await push.push(
            ctx, _write(case, Side.SEVERA, "create", _CALLS[resource][1], {}, body)
        )
        return await _composed(ctx, _severa_seen(resource, answer.body))

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change an item."""
        seen = case.seen[Side.SEVERA]
        body = _severa_body(ctx, fields(case), wanted)
        answer = await push.push(
            ctx,
            _write(
                case,
                Side.SEVERA,
                "update",
                _CALLS[seen.resource][2],
                {"guid": seen.key},
                patch_body(body),
            ),
        )
        return await _composed(ctx, _severa_seen(seen.resource, answer.body[0]))


class FinancialsHalf:
    """Items in Financials."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one item again by its stable key."""
        key = case.seen[Side.FINANCIALS].key
        answer = await ctx.financials.read(operations.ITEM_READ_INTERNAL, path={"inventoryId": key})
        return await _composed(ctx, _financials_seen(answer.body, answer.etag))

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for an item by its number."""
        code = str(case.seen[Side.SEVERA].body["code"]).strip()
        try:
            answer = await ctx.financials.read(operations.ITEM_READ, path={"inventoryNumber": code})
        except RecordMissing:
            return None
        return await _composed(ctx, _financials_seen(answer.body, answer.etag))

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create an item with a class whose type fits its register (Q54)."""
        kind = kind_of(case)
        body = _financials_body(fields(case), wanted)
        body["itemClass"] = class_for(ctx, case, kind)
        body["type"] = ctx.references.item_classes[body["itemClass"]]
        answer = await push.push(
            ctx,
            _write(
                case,
                Side.FINANCIALS,
                "create",
                operations.ITEM_CREATE,
                {},
                wrap(body, financials_shapes.ITEM),
            ),
        )
        made = await ctx.financials.read(
            operations.ITEM_READ,
            path={"inventoryNumber": answer.location_key or body["inventoryNumber"]},
        )
        return await _composed(ctx, _financials_seen(made.body, made.etag))

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change an item; its number cannot change."""
        seen = case.seen[Side.FINANCIALS]
        wanted = {name: value for name, value in wanted.items() if name != "code"}
        if "class_id" in wanted:
            require_fit(ctx, kind_of(case), wanted["class_id"])
        body = _financials_body(fields(case), wanted)
        await push.push(
            ctx,
            _write(
                case,
                Side.FINANCIALS,
                "update",
                operations.ITEM_UPDATE_INTERNAL,
                {"inventoryId": seen.key},
                wrap(body, financials_shapes.ITEM),
            ),
        )
        return await self.read(ctx, case)


def _write(
    case: Case, side: Side, word: str, operation: Operation, path: dict[str, str], body: Any
) -> push.Write:
    assert case.record is not None
    return push.Write(
        entity="PRODUCT",
        record_id=case.record.id,
        side=side,
        purpose=f"product.{word}",
        operation=operation,
        path=path,
        body=body,
        label=f"{word} item {label(case)} in {side.value.capitalize()}",
    )


def _severa_seen(resource: str, body: dict[str, Any]) -> Seen:
    return Seen(side=Side.SEVERA, resource=resource, key=body["guid"], body=body)


def _financials_seen(body: dict[str, Any], etag: str | None) -> Seen:
    return Seen(
        side=Side.FINANCIALS,
        resource="inventory",
        key=str(body["inventoryId"]),
        body=body,
        etag=etag,
    )


def _money(ctx: Context, amount: str | None) -> dict[str, Any]:
    return {"amount": None if amount is None else Decimal(amount), "currencyCode": _home(ctx)}


def _home(ctx: Context) -> str:
    return ctx.references.base_currency or "EUR"


def _severa_body(ctx: Context, rows: tuple[Field, ...], wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for row in rows:
        if row.name in wanted and row.severa is not None:
            value = wanted[row.name]
            body[row.severa] = _money(ctx, value) if row.name == "unit_price" else value
    return body


def _financials_body(rows: tuple[Field, ...], wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for row in rows:
        place = row.target(Side.FINANCIALS)
        if row.name in wanted and place is not None:
            value = wanted[row.name]
            value = wanted[row.name]
            money = row.name == "unit_price" and value is not None
            body[place] = Decimal(value) if money else value
    return body


def label(case: Case) -> str:
    """Name an item for people."""
    for seen in case.seen.values():
        body = seen.body
        code = body.get("code") or body.get("inventoryNumber") or ""
        return f"{code} {body.get('name') or body.get('description') or ''}".strip()
    return str(getattr(case.record, "code", "?"))


async def compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    """Say which registers carry a price (Q7)."""
    chosen = ctx.references.options.get("prices") or {}
    priced = [kind for kind, usual in _PRICED.items() if bool(chosen.get(kind.value, usual))]
    return [_changed(item, _priced=priced) for item in seen]


async def _composed(ctx: Context, seen: Seen) -> Seen:
    return (await compose(ctx, seen.side, [seen]))[0]


def _changed(seen: Seen, **extra: Any) -> Seen:
    return Seen(
        side=seen.side,
        resource=seen.resource,
        key=seen.key,
        body=seen.body | extra,
        etag=seen.etag,
    )
