"""API keys: made once, hashed, scoped, revocable (K3, K5)."""

import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.auth import (
    CACHE_SECONDS,
    Forbidden,
    KeyCache,
    Unauthenticated,
    authenticate,
    make_key,
    require,
)
from schema.clock import utc_now
from schema.database import opened
from schema.models import ApiKey
from schema.words import Scope


class Timer:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
async def _database(database: str) -> AsyncIterator[None]:
    async with opened(database, pool=2):
        yield


@pytest.fixture
def cache() -> KeyCache:
    return KeyCache()


class TestMakingAKey:
    async def test_returns_its_text_and_keeps_only_a_hash(self) -> None:
        key, text = await make_key(name="Dashboard", scopes={Scope.READ})

        kept = await ApiKey.get(id=key.id)
        assert re.fullmatch(r"sgw_[0-9a-z]{8}_[0-9A-Za-z]{43}_[0-9a-f]{8}", text)
        assert kept.secret_hash == hashlib.sha256(text.encode()).hexdigest()
        assert text.split("_")[2] not in str(vars(kept))

    async def test_never_makes_the_same_twice(self) -> None:
        texts = {(await make_key(name="k", scopes=[]))[1] for _ in range(5)}

        assert len(texts) == 5


class TestAuthenticating:
    async def test_finds_the_caller_with_scopes_and_integrations(self, cache: KeyCache) -> None:
        mine = uuid4()
        _, text = await make_key(
            name="Finance", scopes={Scope.READ, Scope.INVOICES}, integration_ids={mine}
        )

        caller = await authenticate(f"Bearer {text}", cache=cache)

        assert caller.name == "Finance"
        assert caller.scopes == {Scope.READ, Scope.INVOICES}
        assert caller.may_see(mine)
        assert not caller.may_see(uuid4())

    async def test_writes_down_the_last_use(self, cache: KeyCache) -> None:
        key, text = await make_key(name="k", scopes={Scope.READ})

        await authenticate(f"bearer {text}", cache=cache)

        assert (await ApiKey.get(id=key.id)).last_used_at is not None

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Basic abc",
            "Bearer x y",
            "Bearer sgw_",
            "Bearer \u00e5",
            "Bearer " + "x" * 100_000,
            "Bearer sgw_00000000_" + "A" * 43 + "_00000000",
        ],
    )
    async def test_refuses_what_is_no_key(self, cache: KeyCache, header: str | None) -> None:
        with pytest.raises(Unauthenticated):
            await authenticate(header, cache=cache)

    async def test_refuses_every_single_changed_letter(self, cache: KeyCache) -> None:
        _, text = await make_key(name="k", scopes={Scope.READ})

        for place in range(len(text)):
            letter = "x" if text[place] != "x" else "y"
            with pytest.raises(Unauthenticated):
                await authenticate(f"Bearer {text[:place]}{letter}{text[place + 1 :]}", cache=cache)

    async def test_refuses_an_expired_key_also_when_it_is_known(self, cache: KeyCache) -> None:
        soon = utc_now() + timedelta(seconds=60)
        key, text = await make_key(name="k", scopes={Scope.READ}, expires_at=soon)
        await authenticate(f"Bearer {text}", cache=cache)
        await ApiKey.filter(id=key.id).update(expires_at=utc_now())

        with pytest.raises(Unauthenticated):
            await authenticate(f"Bearer {text}", cache=KeyCache())

    async def test_refuses_a_revoked_key_within_five_seconds(self) -> None:
        timer = Timer()
        cache = KeyCache(timer=timer)
        key, text = await make_key(name="k", scopes={Scope.READ})
        await authenticate(f"Bearer {text}", cache=cache)
        await ApiKey.filter(id=key.id).update(revoked_at=utc_now())
        timer.now = CACHE_SECONDS + 0.1

        assert CACHE_SECONDS <= 5
        with pytest.raises(Unauthenticated):
            await authenticate(f"Bearer {text}", cache=cache)

    async def test_forgets_scopes_that_no_longer_exist(self, cache: KeyCache) -> None:
        key, text = await make_key(name="k", scopes={Scope.READ})
        await ApiKey.filter(id=key.id).update(scopes=["records:read", "moon:write"])

        assert (await authenticate(f"Bearer {text}", cache=cache)).scopes == {Scope.READ}


class TestRequiring:
    async def test_refuses_a_missing_scope_by_name(self, cache: KeyCache) -> None:
        _, text = await make_key(name="k", scopes={Scope.READ})
        caller = await authenticate(f"Bearer {text}", cache=cache)

        require(caller, Scope.READ)
        with pytest.raises(Forbidden, match="sync:write"):
            require(caller, Scope.SYNC)
