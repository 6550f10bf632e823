"""Items: three Severa registers, one item register in Financials (R31 to R42)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schema.models import Product
from schema.words import Entity, ProductKind, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.mapping.field import Field, Form
from worker.mapping.product import BY_KIND, CLASS, HOUR_PRICE, KIND_OF_TYPE, RESOURCES
from worker.sync import push
from worker.sync.flow import Case, Flow, Seen
from worker.sync.pull import Source
from worker.sync.rules import underway
from worker.sync.rules.severa import patch_body
from worker.vendors.endpoints import Operation
from worker.vendors.errors import RecordMissing
from worker.vendors.financials import FINANCIALS, operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_KINDS = {resource: kind for kind, resource in RESOURCES.items()}
_TYPES = {
    ProductKind.PRODUCT: "NonStockItem",
    ProductKind.WORK_TYPE: "LaborItem",
    ProductKind.TRAVEL_EXPENSE: "ExpenseItem",
}
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


_WORDS = {
    ProductKind.PRODUCT: "product",
    ProductKind.WORK_TYPE: "work type",
    ProductKind.TRAVEL_EXPENSE: "travel expense",
}
_NAMES = {
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
        body["itemClass"] = _class_for(ctx, case, kind)
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
        label=f"{word} item {_label(case)} in {side.value.capitalize()}",
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


def require_fit(ctx: Context, kind: ProductKind, class_id: str) -> None:
    """Refuse a class whose type belongs to another register (Q54).

    Raises CannotMap.
    """
    found = ctx.references.item_classes.get(class_id)
    if found is None:
        raise CannotMap("class_missing", f"Financials has no item class {class_id}.")
    if KIND_OF_TYPE.get(found) is not kind:
        raise CannotMap(
            "class_type", f"The item class {class_id} is for {found}, not for a {_WORDS[kind]}."
        )


def _class_for(ctx: Context, case: Case, kind: ProductKind) -> str:
    """Choose the class of a new item: a person's choice, a rule, or what is usual (Q42)."""
    references = ctx.references
    wish = getattr(case.record, "class_id", None)
    chosen = wish or (references.options.get("item_classes") or {}).get(kind.value)
    if chosen is not None:
        require_fit(ctx, kind, str(chosen))
        return str(chosen)
    type_name = _TYPES[kind]
    if type_name in references.item_class_of:
        return references.item_class_of[type_name]
    for class_id, class_type in references.item_classes.items():
        if class_type == type_name:
            return class_id
    raise CannotMap("class_missing", f"Financials has no item class of type {type_name}.")


def _label(case: Case) -> str:
    for seen in case.seen.values():
        body = seen.body
        code = body.get("code") or body.get("inventoryNumber") or ""
        return f"{code} {body.get('name') or body.get('description') or ''}".strip()
    return str(getattr(case.record, "code", "?"))


def _describe(seen: Seen) -> str:
    if seen.side is Side.FINANCIALS:
        return f"item {seen.body.get('inventoryNumber')} in Financials"
    return f"{_NAMES[seen.resource]} {seen.body.get('code')} ({seen.body.get('name')}) in Severa"


def _skip(ctx: Context, case: Case) -> str | None:
    """Leave out what has no register, and inactive items that have no twin."""
    if len(case.seen) == 2 or case.record is not None:
        return None
    for side, seen in case.seen.items():
        if side is Side.FINANCIALS:
            if seen.body.get("type") not in KIND_OF_TYPE:
                return "The type of the item belongs to no register of Severa."
            if seen.body.get("status") not in ("Active", "NoPurchases", None):
                return "Inactive items without a twin are left alone."
        elif seen.body.get("isActive") is False:
            return "Inactive items without a twin are left alone."
    return None


async def _compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    """Say which registers carry a price (Q7)."""
    chosen = ctx.references.options.get("prices") or {}
    priced = [kind for kind, usual in _PRICED.items() if bool(chosen.get(kind.value, usual))]
    return [_changed(item, _priced=priced) for item in seen]


async def _composed(ctx: Context, seen: Seen) -> Seen:
    return (await _compose(ctx, seen.side, [seen]))[0]


def _changed(seen: Seen, **extra: Any) -> Seen:
    return Seen(
        side=seen.side,
        resource=seen.resource,
        key=seen.key,
        body=seen.body | extra,
        etag=seen.etag,
    )


def _columns(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: values[name] for name in ("name", "unit_price", "is_active") if name in values}
    columns["code"] = _code_of(case)
    columns["kind"] = kind_of(case)
    bodies = case.bodies
    if Side.FINANCIALS in bodies:
        item = bodies[Side.FINANCIALS]
        columns["class_id"] = (item.get("itemClass") or {}).get("id")
        columns["vat_category"] = (item.get("vatCode") or {}).get("id")
        columns["financials_type"] = item.get("type")
        columns["unit"] = item.get("salesUnit") or item.get("baseUnit")
    if Side.SEVERA in bodies:
        columns["severa_unit"] = bodies[Side.SEVERA].get("measurementUnit")
    return columns


def _code_of(case: Case) -> str:
    """Return the code as Severa writes it: its invoice rows name the item by it."""
    bodies = case.bodies
    code = bodies.get(Side.SEVERA, {}).get("code")
    code = code or bodies.get(Side.FINANCIALS, {}).get("inventoryNumber")
    return str(code or getattr(case.record, "code", "") or "").strip()


def _code(name: str) -> Any:
    return lambda row: str(row.get(name) or "").strip().upper() or None


async def _wait(ctx: Context, case: Case) -> str | None:
    """Refuse an item without a code: it is what links both registers (R41)."""
    seen = case.seen.get(Side.SEVERA)
    if seen is not None and not str(seen.body.get("code") or "").strip():
        raise CannotMap("code_missing", f"The {_NAMES[seen.resource]} has no code in Severa.")
    return None


def _warnings(case: Case) -> tuple[CannotMap, ...]:
    """Tell of a type that was changed later; an item never moves to another register (Q54)."""
    found = case.bodies.get(Side.FINANCIALS, {}).get("type")
    kind = kind_of(case)
    if found is None or KIND_OF_TYPE.get(found) is kind:
        return ()
    cause = f"its type in Financials is {found} now, but in Severa it is a {_WORDS[kind]}."
    return (CannotMap("type_changed", cause),)


def _defer(wanted: Form) -> frozenset[str]:
    """Carry out an inactivation last: the item may stand on a document on its way (Q55)."""
    inactive = wanted.get("is_active", True) in (False, "Inactive")
    return frozenset({"is_active"}) if inactive else frozenset()


FLOW = Flow(
    entity=Entity.PRODUCT,
    model=Product,
    sources=(
        *(
            Source(side=Side.SEVERA, endpoint=SEVERA[resource], match=_code("code"))
            for resource in RESOURCES.values()
        ),
        Source(
            side=Side.FINANCIALS,
            endpoint=FINANCIALS["inventory"],
            match=_code("inventoryNumber"),
        ),
    ),
    resources={Side.SEVERA: tuple(RESOURCES.values()), Side.FINANCIALS: ("inventory",)},
    halves={Side.SEVERA: SeveraHalf(), Side.FINANCIALS: FinancialsHalf()},
    fields=fields,
    compose=_compose,
    columns=_columns,
    number=lambda seen: (
        str(seen.body.get("code") or seen.body.get("inventoryNumber") or "").strip() or None
    ),
    label=_label,
    skip=_skip,
    wait=_wait,
    defer=_defer,
    key="code",
    twice="code_twice",
    busy=underway.products,
    warnings=_warnings,
    describe=_describe,
)
