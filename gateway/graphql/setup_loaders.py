"""Loaders of the set-up: checks with their state at this moment, obstacles, newest reports."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from gateway.graphql.row_loaders import RowLoaders, loader
from schema import database, setup
from schema.models import SetupCheck as CheckRow
from schema.types.setup import (
    SetupCheck,
    SetupObstacle,
    SetupReport,
    setup_check_type,
    setup_obstacle_type,
    setup_report_type,
)

_NEWEST = """
SELECT DISTINCT ON (integration_id) * FROM setup_report
WHERE integration_id = ANY($1::uuid[]) ORDER BY integration_id, id DESC
"""


class SetupLoaders(RowLoaders):
    """Loads what a wizard shows; integrations were filtered by tenant when they were loaded."""

    @cached_property
    def setup_check(self) -> DataLoader[UUID, SetupCheck | None]:
        """Checks by id."""

        async def load(keys: list[UUID]) -> list[SetupCheck | None]:
            query = CheckRow.filter(id__in=keys)
            if self.allowed is not None:
                query = query.filter(integration_id__in=self.allowed)
            found = {check.id: self._shown(check) for check in await query}
            return [found.get(key) for key in keys]

        return loader(load)

    @cached_property
    def setup_checks(self) -> DataLoader[UUID, list[SetupCheck]]:
        """Checks by integration, those in the way first."""

        async def load(keys: list[UUID]) -> list[list[SetupCheck]]:
            grouped: defaultdict[Any, list[SetupCheck]] = defaultdict(list)
            rows = await CheckRow.filter(integration_id__in=keys).order_by("code", "subject")
            for check in rows:
                grouped[check.integration_id].append(self._shown(check))
            return [sorted(grouped[key], key=lambda one: not one.in_the_way) for key in keys]

        return loader(load)

    def _shown(self, check: CheckRow) -> SetupCheck:
        return setup_check_type(check, now=self.services.clock())

    @cached_property
    def setup_obstacles(self) -> DataLoader[UUID, list[SetupObstacle]]:
        """What keeps integrations from being activated."""

        async def load(keys: list[UUID]) -> list[list[SetupObstacle]]:
            now = self.services.clock()
            return [
                [
                    setup_obstacle_type(one)
                    for one in await setup.obstacles(integration_id=key, now=now)
                ]
                for key in keys
            ]

        return loader(load)

    @cached_property
    def newest_setup_report(self) -> DataLoader[UUID, SetupReport | None]:
        """The newest report by integration."""

        async def load(keys: list[UUID]) -> list[SetupReport | None]:
            rows = await database.rows(_NEWEST, keys)
            found = {row["integration_id"]: setup_report_type(row) for row in rows}
            return [found.get(key) for key in keys]

        return loader(load)
