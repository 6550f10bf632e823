"""Nobody sees another company's data: every root query field and node, by every kind of caller."""

import json
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from gateway.graphql.schema import schema
from schema.words import Scope, Side

WORD = "Foreign"
CORE = schema._schema
ROOT = CORE.query_type
assert ROOT is not None
FIELDS = dict(ROOT.fields)
# Fields that show nothing of the rows made here, so that their walls are not proven by them.
EMPTY = {
    *("apiKeys", "auditLog", "deadLetters", "deliveries", "invoiceSummary", "matchCandidates"),
    *("node", "nodes", "numberLedger", "plan", "planSync", "reconciliation", "setupReport"),
    *("statusRoles", "subscribers", "viewer", "webhookEvents"),
}
CALLERS = ("all scopes", "read only", "no scope", "other company")


def selection(kind: Any, depth: int) -> str:
    """Every field without needed arguments, down to a depth."""
    if not isinstance(kind, GraphQLObjectType):
        return "{ __typename }" if hasattr(kind, "fields") or hasattr(kind, "types") else ""
    found = ["__typename"]
    for name, field in kind.fields.items():
        if any(str(one.type).endswith("!") for one in field.args.values()):
            continue
        target = get_named_type(field.type)
        if not isinstance(target, GraphQLObjectType):
            if not (hasattr(target, "fields") or hasattr(target, "types")):
                found.append(name)
        elif depth and not name.startswith("edges"):
            found.append(f"{name} {selection(target, depth - 1)}")
    return "{ " + " ".join(found) + " }"


def call(name: str, foreign: list[str]) -> list[str]:
    """Write a root field once for every foreign id that it may be asked about."""
    field = FIELDS[name]
    chosen = selection(get_named_type(field.type), 1)
    paged = "first: 2" if "first" in field.args else ""
    calls = []
    for one in foreign:
        given = [paged] if paged else []
        for argument, taken in field.args.items():
            if not str(taken.type).endswith("!"):
                continue
            kind = get_named_type(taken.type)
            value = next(iter(kind.values)) if isinstance(kind, GraphQLEnumType) else f'"{one}"'
            given.append(f"{argument}: {value}")
        words = f"({', '.join(given)})" if given else ""
        calls.append(f"{{ {name}{words} {chosen} }}")
    return sorted(set(calls))


async def company(make: Any, word: str) -> tuple[Any, list[Any]]:
    """Insert rows of one company, every text with its word."""
    pair = await make.integration(name=word)
    customer = await make.customer(pair, name=word)
    project = await make.project(pair, name=word)
    invoice = await make.invoice(customer, severa_id=f"{word}-1")
    run = await make.run(pair)
    rows = [
        *(pair, customer, project, invoice, run),
        await make.product(pair, name=word),
        await make.payment(invoice, number=word),
        await make.cost(project, journal_key=word),
        await make.issue(customer, cause=word),
        await make.conflict(customer, base=word),
        await make.attempt(invoice, mark=word),
    ]
    await make.row(invoice, description=word)
    await make.step(run, 1)
    await make.link(customer, Side.SEVERA, word)
    await make.change(customer, reason=word)
    return pair, rows


class Scene:
    """Two companies and the callers of the first one."""

    def __init__(self, own: Any, rows: list[Any], principal: Any, global_id: Any) -> None:
        self.ids = [global_id(row) for row in rows]
        mine = frozenset({own.id})
        self.principals = {
            "all scopes": principal(integrations=mine),
            "read only": principal(Scope.READ, integrations=mine),
            "no scope": principal(Scope.KEYS, integrations=mine),
            "other company": principal(integrations=frozenset({rows[0].id})),
        }


@pytest.fixture
async def scene(make: Any, services: Any, principal: Any, global_id: Any) -> Scene:
    own, _ = await company(make, "Own")
    _, rows = await company(make, WORD)
    return Scene(own, rows, principal, global_id)


def shows(body: dict[str, Any], scene: Scene) -> bool:
    """Tell whether the data of an answer holds a word or an id of the foreign company."""
    text = json.dumps(body.get("data"), default=str)
    return WORD in text or any(one in text for one in scene.ids)


class TestMatrix:
    @pytest.mark.parametrize("caller", CALLERS[:3])
    async def test_shows_nobody_another_company(self, scene: Scene, ask: Any, caller: str) -> None:
        leaks = []
        for name in FIELDS:
            if name == "node" or name == "nodes":
                continue
            for query in call(name, scene.ids):
                if shows(await ask.raw(query, None, scene.principals[caller]), scene):
                    leaks.append(query)

        assert leaks == []

    async def test_would_notice(self, scene: Scene, ask: Any) -> None:
        seen = set()
        for name in FIELDS:
            for query in call(name, scene.ids):
                body = await ask.raw(query, None, scene.principals["other company"])
                codes = {one["extensions"]["code"] for one in body.get("errors") or ()}
                # A document that is refused before it runs would prove nothing.
                assert codes <= {"NOT_FOUND", "BAD_USER_INPUT", "FORBIDDEN"}, (query, body)
                if shows(body, scene):
                    seen.add(name)

        assert set(FIELDS) - seen == EMPTY

    @pytest.mark.parametrize("caller", CALLERS)
    async def test_gives_nodes_to_their_company_alone(
        self, scene: Scene, ask: Any, caller: str
    ) -> None:
        query = "query ($id: ID!) { node(id: $id) { id __typename } }"
        found = []
        for one in scene.ids:
            body = await ask.raw(query, {"id": one}, scene.principals[caller])
            found.append((body.get("data") or {}).get("node"))

        if caller == "other company":
            assert [node and node["id"] for node in found] == scene.ids
        else:
            assert found == [None] * len(scene.ids)
