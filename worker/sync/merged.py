"""Merging a case: with the answers and rules of people, and what may not be merged at all."""

import re
from collections.abc import Mapping

from schema.words import Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.sync import save, store
from worker.sync.flow import Case, Flow
from worker.sync.merge import Merged, Sides, merge

_ONE_CONTACT = re.compile(r"contacts\.[0-9a-f-]{36}\.")


def vanished_side(flow: Flow, case: Case) -> Side | None:
    """Return the side on which a linked object is marked as deleted."""
    for side, seen in case.seen.items():
        if side in case.links and flow.vanished(seen):
            return side
    return None


def guard(flow: Flow, case: Case) -> None:
    """Refuse a record whose number or code was changed after both sides agreed on it (R18, R19).

    Raises CannotMap.
    """
    if flow.key is None:
        return
    for side, link in case.links.items():
        agreed = link.base.get(flow.key)
        if side not in case.seen or agreed is None:
            continue
        now = (flow.form(case, side) or {}).get(flow.key)
        if str(now).casefold() != str(agreed).casefold():
            raise CannotMap(
                "number_changed",
                f"its {flow.key} in {side.value.capitalize()} was {agreed} and is now {now}; "
                "after linking it must not be changed.",
            )


async def merged_of(ctx: Context, flow: Flow, case: Case) -> Merged:
    """Merge what both sides say of a case; nothing is stored or written."""
    return merge_case(ctx, flow, case, await _choices(flow, case))


def merge_case(ctx: Context, flow: Flow, case: Case, choices: Mapping[str, Side]) -> Merged:
    """Merge what both sides say of a case, with the choices that a person made."""
    sides = Sides(
        now={side: flow.form(case, side) for side in Side},
        base={side: case.links[side].base if side in case.links else None for side in Side},
    )
    return merge(
        flow.fields(case),
        sides=sides,
        references=ctx.references,
        choices=choices,
        owners=_owners(ctx, flow, case),
    )


def _owners(ctx: Context, flow: Flow, case: Case) -> dict[str, Side]:
    """Return the rules that people made of their answers to conflicts."""
    chosen = ctx.references.options.get("field_owners") or {}
    if not chosen:
        return {}
    # A rule that came from one contact holds for all of them.
    rules = {_ONE_CONTACT.sub("contacts.", name): side for name, side in chosen.items()}
    table = flow.model._meta.db_table
    found = {}
    for row in flow.fields(case):
        side = rules.get(f"{flow.entity.value}.{store.shown_name(table, row.name)}")
        if side is not None:
            found[row.name] = Side(side)
    return found


async def _choices(flow: Flow, case: Case) -> dict[str, Side]:
    if case.record is None:
        return {}
    found = (await save.open_conflicts([case.record])).get(case.record.id, [])
    names = {store.conflict_field(case.record, row.name): row.name for row in flow.fields(case)}
    return {
        names[row.field]: Side(row.chosen_side)
        for row in found
        if row.chosen_side is not None and row.field in names
    }
