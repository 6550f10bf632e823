"""The queries of the set-up and of the reconciliation."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from gateway.graphql import lists, more, nodes
from gateway.graphql.connection import Page
from gateway.graphql.context import Context
from schema import reconciliation as books
from schema.types.ids import key_of
from schema.types.match import MatchCandidate, MatchCandidateConnection
from schema.types.page import Connection
from schema.types.reconciliation import Reconciliation, reconciliation_type
from schema.types.setup import SetupReport
from schema.words import Entity

Info = strawberry.Info[Context, None]
From = Annotated[date | None, strawberry.argument(name="from")]


@strawberry.type
class SetupQueries:
    """Queries about setting up, and about whether both systems agree."""

    @strawberry.field
    async def setup_report(self, info: Info, id: strawberry.ID) -> SetupReport | None:
        """The test of an integration, with every check as it is known now."""
        found: SetupReport | None = await nodes.typed(info.context, id, "SetupReport")
        return found

    @strawberry.field
    async def match_candidates(
        self,
        info: Info,
        integration_id: strawberry.ID,
        entity: Entity,
        first: int | None = None,
        after: str | None = None,
    ) -> MatchCandidateConnection:
        """Objects of both systems that may be one record; filled when an integration is tested."""
        found: Connection[MatchCandidate] = await lists.listed(
            info.context,
            lists.MATCHES,
            page=Page(first=first, after=after),
            integration_id=integration_id,
            given=entity,
        )
        return MatchCandidateConnection(**more.parts(found))

    @strawberry.field
    async def reconciliation(
        self,
        info: Info,
        integration_id: strawberry.ID,
        start: From = None,
        to: date | None = None,
    ) -> Reconciliation:
        """Counts and money of both systems per month and currency, and what differs."""
        key = key_of(integration_id, "Integration")
        if key is None or not info.context.principal.may_see(key):
            return Reconciliation(months=[], differences=[], verified_through=None)
        found = await books.reconcile(
            integration_id=key,
            today=info.context.services.clock().date(),
            start=start,
            end=to,
        )
        return reconciliation_type(found)
