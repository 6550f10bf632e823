"""The stores that every other test relies on."""

import asyncpg
from redis.asyncio import Redis


class TestStores:
    async def test_give_an_empty_database(self, empty_database: str) -> None:
        connection = await asyncpg.connect(empty_database)
        count = await connection.fetchval(
            "SELECT count(*) FROM pg_tables WHERE schemaname='public'"
        )
        await connection.close()

        assert count == 0

    async def test_give_a_redis_that_answers(self, redis_url: str) -> None:
        async with Redis.from_url(redis_url) as client:
            assert await client.dbsize() == 0
