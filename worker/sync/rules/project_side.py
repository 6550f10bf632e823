"""How projects are read in Severa and written in Financials (R185 to R192, Q4, Q43)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schema.models import Link
from schema.words import ProjectStatus, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.mapping.field import Form, put
from worker.mapping.project import CONSTANTS, PROJECT, TASK
from worker.sync import push
from worker.sync.flow import Case, Seen
from worker.vendors.endpoints import Operation
from worker.vendors.errors import RecordMissing
from worker.vendors.financials import operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import operations as severa

# The status of Financials is read together with that of the task (Q55).
FIELDS = tuple(
    replace(row, financials="_status", financials_write="status") if row.name == "status" else row
    for row in PROJECT
)
_ROWS = {row.name: row for row in FIELDS}


class SeveraHalf:
    """Projects in Severa; nothing is ever written to them."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one project again."""
        key = case.seen[Side.SEVERA].key
        answer = await ctx.severa.read(severa.PROJECT_READ, path={"guid": key})
        seen = Seen(side=Side.SEVERA, resource="projects", key=key, body=answer.body)
        return (await compose(ctx, Side.SEVERA, [seen]))[0]

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Find nothing: projects are never created in Severa."""
        return None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Refuse: projects go one way."""
        raise CannotMap("surprise", "Projects are not created in Severa.")

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Refuse: projects go one way."""
        raise CannotMap("surprise", "Projects are not changed in Severa.")


class FinancialsHalf:
    """Projects in Financials."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one project again by its stable key."""
        key = case.seen[Side.FINANCIALS].key
        answer = await ctx.financials.read(
            operations.PROJECT_READ_INTERNAL, path={"internalID": key}
        )
        return _financials_seen(answer.body, answer.etag)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a project by its number; adopt it when name and customer fit (Q44)."""
        source = case.seen[Side.SEVERA].body
        number = str(source["number"])
        try:
            answer = await ctx.financials.read(operations.PROJECT_READ, path={"projectID": number})
        except RecordMissing:
            return None
        if plain(answer.body.get("description")) != plain(source["name"]):
            raise CannotMap(
                "number_taken",
                f"Project {number} exists in Financials with another name: "
                f"{answer.body.get('description')}.",
            )
        return _financials_seen(answer.body, answer.etag)

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a project with its three constants, then let its status drive it (Q4)."""
        body = _body({name: value for name, value in wanted.items() if name != "status"})
        chosen = ctx.references.options.get("project_constants") or {}
        for constant in CONSTANTS:
            body[constant.financials] = chosen.get(constant.financials, constant.value)
        body.setdefault("startDate", f"{ctx.clock():%Y-%m-%d}T00:00:00")
        body = wrap(body, financials_shapes.PROJECT)
        answer = await push.push(ctx, _write(case, "create", operations.PROJECT_CREATE, {}, body))
        made = await ctx.financials.read(
            operations.PROJECT_READ, path={"projectID": str(answer.location_key)}
        )
        return _financials_seen(made.body, made.etag)

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a project; becoming active includes its task (Q55)."""
        seen = case.seen[Side.FINANCIALS]
        body = _body({name: value for name, value in wanted.items() if name != "number"})
        # The document marks both as required, in every write.
        body.setdefault("description", seen.body.get("description"))
        body.setdefault("startDate", seen.body.get("startDate"))
        if wanted.get("status") == "Active":
            body |= activation(seen.body)
        path = {"internalID": seen.key}
        await push.push(
            ctx,
            _write(
                case,
                "update",
                operations.PROJECT_UPDATE_INTERNAL,
                path,
                wrap(body, financials_shapes.PROJECT),
                seen.etag,
            ),
        )
        return await self.read(ctx, case)


def _write(
    case: Case,
    word: str,
    operation: Operation,
    path: dict[str, str],
    body: Any,
    etag: str | None = None,
) -> push.Write:
    assert case.record is not None
    return push.Write(
        entity="PROJECT",
        record_id=case.record.id,
        side=Side.FINANCIALS,
        purpose=f"project.{word}",
        operation=operation,
        path=path,
        body=body,
        if_match=etag,
        label=f"{word} project {label(case)} in Financials",
    )


def _body(wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in wanted.items():
        place = _ROWS[name].target(Side.FINANCIALS)
        if place is not None and value is not None:
            put(body, place, value)
    return body


def _task(body: Mapping[str, Any]) -> str | None:
    for task in body.get("tasks") or ():
        if str(task.get("taskId")).strip() == TASK:
            return str(task.get("status"))
    return None


def activation(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a project usable on documents: it and its task are active (Q55)."""
    written: dict[str, Any] = {"status": "Active", "hold": False}
    state = _task(body)
    if state is None:
        task = {"operation": "Insert", "taskId": TASK, "description": "Invoicing"}
        written["tasks"] = [task | {"status": "Active"}]
    elif state != "Active":
        written["tasks"] = [{"operation": "Update", "taskId": TASK, "status": "Active"}]
    return written


def _financials_seen(body: dict[str, Any], etag: str | None) -> Seen:
    return _with_status(
        Seen(
            side=Side.FINANCIALS,
            resource="project",
            key=str(body["internalID"]),
            body=body,
            etag=etag,
        )
    )


def status_of(body: Mapping[str, Any], sales_states: Mapping[str, str]) -> ProjectStatus:
    """Tell whether a Severa project is open, closed or lost (Q18, Q43)."""
    kind = (body.get("salesStatus") or {}).get("salesStatusTypeGuid")
    if sales_states.get(str(kind)) == "Lost":
        return ProjectStatus.LOST
    return ProjectStatus.CLOSED if body.get("isClosed") else ProjectStatus.ACTIVE


def _sales_state(ctx: Context, body: Mapping[str, Any]) -> str | None:
    kind = (body.get("salesStatus") or {}).get("salesStatusTypeGuid")
    return ctx.references.sales_states.get(str(kind))


def _with_status(seen: Seen) -> Seen:
    """Tell an active project whose task cannot be used apart from a usable one."""
    status = seen.body.get("status")
    if status == "Active" and _task(seen.body) != "Active":
        status = "NoTask"
    return Seen(
        side=seen.side,
        resource=seen.resource,
        key=seen.key,
        body=seen.body | {"_status": status},
        etag=seen.etag,
    )


async def compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    """Add what a project does not say itself: its customer there, and what its status means."""
    if side is Side.FINANCIALS:
        return [_with_status(item) for item in seen]
    guids = [str((item.body.get("customer") or {}).get("guid")) for item in seen]
    links = await Link.filter(
        integration_id=ctx.integration.id,
        side=Side.SEVERA.value,
        entity="CUSTOMER",
        internal_id__in=guids,
    )
    records = {str(link.internal_id): link.record_id for link in links}
    numbers = {
        link.record_id: link.external_id
        for link in await Link.filter(
            record_id__in=list(records.values()), side=Side.FINANCIALS.value
        )
    }
    composed = []
    for item, guid in zip(seen, guids, strict=True):
        record_id = records.get(guid)
        extra = {
            "_customer": record_id,
            "_customerNumber": None if record_id is None else numbers.get(record_id),
            "_status": status_of(item.body, ctx.references.sales_states).value,
            "_in_progress": _sales_state(ctx, item.body) == "InProgress",
        }
        composed.append(
            Seen(side=side, resource=item.resource, key=item.key, body=item.body | extra)
        )
    return composed


def label(case: Case) -> str:
    """Name a project for people."""
    for seen in case.seen.values():
        body = seen.body
        name = body.get("name") or body.get("description") or ""
        return f"{body.get('number') or body.get('projectID')} {name}".strip()
    return str(getattr(case.record, "number", "?"))


def plain(text: Any) -> str:
    """Bring a name into the form in which names are compared."""
    return " ".join(str(text or "").split()).casefold()
