"""An open database for tests of what both processes share."""

from collections.abc import AsyncIterator

import pytest

from schema import database as db
from schema.models import Integration
from schema.words import IntegrationState


@pytest.fixture
async def opened(database: str) -> AsyncIterator[str]:
    """A fresh database, open in this process; gives its address."""
    async with db.opened(database):
        yield database


@pytest.fixture
async def integration(opened: str) -> Integration:
    """An active integration without credentials."""
    return await Integration.create(name="Nordlys", state=IntegrationState.ACTIVE)
