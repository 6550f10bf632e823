"""The three-way merge of one record: which value wins per field, and what must be written.

The base is a pair, the last agreed value in each side's own form, because converters lose
(terms, cut texts, address lines). A side has changed when it differs from its own base.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.words import Side
from worker.mapping.convert import LEAVE, CannotMap
from worker.mapping.field import Field, Form
from worker.mapping.reference import References

_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A field that both sides changed and nobody owns."""

    name: str
    base: Any
    severa: Any
    financials: Any


@dataclass(slots=True, kw_only=True)
class Merged:
    """The outcome: agreed values, what each side must be told, and what is open."""

    values: dict[str, Any] = field(default_factory=dict)
    writes: dict[Side, Form] = field(default_factory=dict)
    agreed: dict[Side, Form] = field(default_factory=dict)
    winners: dict[str, Side] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    failures: list[CannotMap] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What both sides say now and last agreed on; None stands for a record that is not there."""

    now: Mapping[Side, Form | None]
    base: Mapping[Side, Form | None]


def merge(
    fields: tuple[Field, ...],
    *,
    sides: Sides,
    references: References,
    choices: Mapping[str, Side] | None = None,
    owners: Mapping[str, Side] | None = None,
) -> Merged:
    """Merge every field of one record.

    `choices` are a person's answers to open conflicts, `owners` the rules made of such answers:
    the side that wins when both changed.
    """
    merged = Merged(writes={side: {} for side in Side}, agreed={side: {} for side in Side})
    for row in fields:
        try:
            choice = (choices or {}).get(row.name)
            owner = row.owner or (owners or {}).get(row.name)
            _merge_field(row, sides, references, choice, owner, merged)
        except CannotMap as error:
            merged.failures.append(error)
    return merged


def _merge_field(
    row: Field,
    sides: Sides,
    references: References,
    choice: Side | None,
    owner: Side | None,
    merged: Merged,
) -> None:
    raw = {side: _of(sides.now[side], row.name) for side in Side}
    values = {
        side: row.convert.read(side, raw[side], references)
        for side in Side
        if raw[side] is not _MISSING
    }
    if LEAVE in values.values():
        kept = [value for value in values.values() if value is not LEAVE]
        if kept:
            merged.values[row.name] = kept[0]
        _agree(row.name, raw, merged)
        return
    if not values:
        return
    if len(values) == 2 and values[Side.SEVERA] == values[Side.FINANCIALS]:
        merged.values[row.name] = values[Side.SEVERA]
        _agree(row.name, raw, merged)
        return
    if choice is None and _at_rest(sides, row.name, raw):
        _agree(row.name, raw, merged)
        return
    winner = choice or _winner(row, sides, raw, values, owner)
    if winner is None:
        merged.clashes.append(
            Clash(
                name=row.name,
                base=_of(sides.base[Side.SEVERA], row.name, None),
                severa=values[Side.SEVERA],
                financials=values[Side.FINANCIALS],
            )
        )
        if all(_of(sides.base[side], row.name) is _MISSING for side in Side):
            # Both were linked just now: until a person picks a side, Severa's value is shown.
            shown = [value for value in values.values() if value not in (None, "")]
            merged.values[row.name] = shown[0] if shown else None
        return
    if choice is None and _left_alone(row, winner, sides, raw):
        merged.values[row.name] = values[winner]
        _agree(row.name, raw, merged)
        return
    _take(row, winner, raw, values, references, merged)


def _at_rest(sides: Sides, name: str, raw: Mapping[Side, Any]) -> bool:
    """Tell whether both sides stand where they last agreed: a converter lost what differs."""
    return all(
        raw[side] is not _MISSING and raw[side] == _of(sides.base[side], name) for side in Side
    )


def _left_alone(row: Field, winner: Side, sides: Sides, raw: Mapping[Side, Any]) -> bool:
    """Tell whether a person changed the target of a one-way field and its source stood still."""
    if row.only_to is None or raw[winner.other] is _MISSING:
        return False
    bases = {side: _of(sides.base[side], row.name) for side in Side}
    return (
        all(base is not _MISSING for base in bases.values())
        and raw[winner] == bases[winner]
        and raw[winner.other] != bases[winner.other]
    )


def _take(
    row: Field,
    winner: Side,
    raw: Mapping[Side, Any],
    values: Mapping[Side, Any],
    references: References,
    merged: Merged,
) -> None:
    loser = winner.other
    merged.values[row.name] = values[winner]
    if row.place(loser) is not None:
        merged.winners[row.name] = winner
    one_way = row.only_to is not None and row.only_to is not loser
    if row.target(loser) is None or one_way:
        _agree(row.name, raw, merged)
        return
    there = None if raw[loser] is _MISSING else raw[loser]
    wanted = row.convert.write(loser, values[winner], references, there)
    if wanted == there:
        _agree(row.name, raw, merged)
        return
    # Both sides agree only once the write is done: until then the winner counts as changed.
    merged.writes[loser][row.name] = wanted


def _winner(
    row: Field,
    sides: Sides,
    raw: Mapping[Side, Any],
    values: Mapping[Side, Any],
    owner: Side | None,
) -> Side | None:
    if len(values) == 1:
        return next(iter(values))
    if row.only_to is not None:
        return row.only_to.other
    bases = {side: _of(sides.base[side], row.name) for side in Side}
    changed = [side for side in Side if bases[side] is _MISSING or bases[side] != raw[side]]
    if len(changed) == 1:
        return changed[0]
    if owner is not None:
        return owner
    blanks = [side for side in Side if values[side] in (None, "")]
    if len(blanks) == 1 and all(base is _MISSING for base in bases.values()):
        return blanks[0].other
    return None


def _agree(name: str, raw: Mapping[Side, Any], merged: Merged) -> None:
    for side in Side:
        if raw[side] is not _MISSING:
            merged.agreed[side][name] = raw[side]


def _of(form: Mapping[str, Any] | None, name: str, default: Any = _MISSING) -> Any:
    if form is None or name not in form:
        return default
    return form[name]
