"""The outbox: job rows that are claimed once, put back, buried, and never lost."""

import asyncio
from datetime import timedelta

from redis import Redis

from schema import database, jobs, queue
from schema.clock import utc_now
from schema.ids import new_id
from schema.models import Integration, Job, Lease
from schema.words import IntegrationState, JobState


async def hold(integration: Integration, token: int = 1, *, seconds: float = 60) -> None:
    """Hold the lease of an integration with a token."""
    until = utc_now() + timedelta(seconds=seconds)
    await Lease.update_or_create(
        integration_id=integration.id, defaults={"token": token, "expires_at": until}
    )


async def claim(integration: Integration, *, fence: int = 1) -> Job:
    """Claim the next job, which must be there."""
    await hold(integration, fence)
    job = await queue.claim(integration_id=integration.id, fence=fence)
    assert job is not None
    return job


async def add(integration: Integration, kind: jobs.JobKind = jobs.SYNC, **more: object) -> Job:
    """Enqueue a job with an argument of its own and return its row."""
    found = await queue.enqueue(
        kind,
        integration_id=integration.id,
        arguments={"id": new_id()},
        **more,  # type: ignore[arg-type] # Passed on to the function under test.
    )
    return await Job.get(id=found)


class TestEnqueue:
    async def test_makes_one_row_of_the_same_wish(self, integration: Integration) -> None:
        wish = {"invoice_id": new_id()}

        ids = [
            await queue.enqueue(jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish)
            for _ in range(3)
        ]

        assert len(set(ids)) == 1

    async def test_while_it_runs_makes_another(self, integration: Integration) -> None:
        """A wish that arrives during the run is not dropped (J7)."""
        wish = {"invoice_id": new_id()}
        first = await queue.enqueue(
            jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish
        )
        await claim(integration)

        second = await queue.enqueue(
            jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish
        )

        assert first != second

    async def test_sooner_brings_a_later_wish_forward(self, integration: Integration) -> None:
        wish, later = {"invoice_id": new_id()}, utc_now() + timedelta(hours=1)
        await queue.enqueue(
            jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish, due_at=later
        )
        await queue.enqueue(jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish)

        assert await claim(integration)

    async def test_is_part_of_the_transaction(self, integration: Integration) -> None:
        """J1."""
        try:
            async with database.transaction():
                await add(integration)
                raise LookupError
        except LookupError:
            pass

        assert await Job.all().count() == 0

    async def test_of_many_leaves_equal_wishes_out(self, integration: Integration) -> None:
        wishes = [(integration.id, {"event_id": new_id()}, None) for _ in range(3)]

        await queue.enqueue_each(jobs.WEBHOOK_HANDLE, wishes=wishes)
        await queue.enqueue_each(jobs.WEBHOOK_HANDLE, wishes=wishes[:1])

        assert await Job.all().count() == 3


class TestClaim:
    async def test_takes_the_most_urgent_first(self, integration: Integration) -> None:
        for kind in (jobs.SYNC, jobs.WEBHOOK_HANDLE, jobs.INVOICE_RETRY):
            await add(integration, kind)

        claimed = [await claim(integration) for _ in range(3)]

        assert [job.kind for job in claimed] == [
            "invoice.retry",
            "webhook.handle",
            "sync.run",
        ]

    async def test_of_urgent_work_leaves_the_rest(self, integration: Integration) -> None:
        await add(integration, jobs.SYNC)
        await hold(integration)

        claimed = await queue.claim(integration_id=integration.id, fence=1, urgent_only=True)

        assert claimed is None

    async def test_leaves_what_is_not_due(self, integration: Integration) -> None:
        await add(integration, due_at=utc_now() + timedelta(seconds=60))
        await hold(integration)

        assert await queue.claim(integration_id=integration.id, fence=1) is None

    async def test_by_many_gives_each_job_to_one(self, integration: Integration) -> None:
        for _ in range(10):
            await add(integration)
        await hold(integration)

        claimed = await asyncio.gather(
            *(queue.claim(integration_id=integration.id, fence=1) for _ in range(20))
        )

        ids = [job.id for job in claimed if job is not None]
        assert len(ids) == len(set(ids)) == 10

    async def test_needs_the_lease(self, integration: Integration) -> None:
        """J2: one that stood still past its end finds nothing."""
        await add(integration)
        without = await queue.claim(integration_id=integration.id, fence=1)
        await hold(integration, 2)
        with_an_old_token = await queue.claim(integration_id=integration.id, fence=1)
        await hold(integration, 2, seconds=-1)
        after_its_end = await queue.claim(integration_id=integration.id, fence=2)

        assert (without, with_an_old_token, after_its_end) == (None, None, None)


class TestAgain:
    async def test_puts_a_job_back_for_later(self, integration: Integration) -> None:
        await add(integration, jobs.WEBHOOK_HANDLE)
        job = await claim(integration)

        await queue.again(job, wait=60, error="busy")

        row = await Job.get(id=job.id)
        assert (row.state, row.error) == (JobState.QUEUED, "busy")
        assert row.due_at > utc_now() + timedelta(seconds=50)

    async def test_too_often_makes_a_dead_letter(self, integration: Integration) -> None:
        """J10."""
        await add(integration, jobs.WEBHOOK_HANDLE)
        for _ in range(jobs.WEBHOOK_HANDLE.tries):
            job = await claim(integration)
            await queue.again(job, wait=-1, error="still busy")

        [row] = await Job.all()
        assert (row.state, row.error) == (JobState.DEAD, "still busy")

    async def test_beside_an_equal_wish_is_one_job(self, integration: Integration) -> None:
        wish = {"invoice_id": new_id()}
        await queue.enqueue(jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish)
        job = await claim(integration)
        await queue.enqueue(jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish)

        await queue.again(job, wait=0, error="busy")

        assert await Job.filter(state=JobState.QUEUED).count() == 1


class TestReclaim:
    async def test_takes_what_an_earlier_holder_left(self, integration: Integration) -> None:
        """J2, J3."""
        await add(integration)
        await claim(integration)

        assert await queue.reclaim(integration_id=integration.id, fence=2) == 1
        assert (await claim(integration, fence=2)).fence == 2

    async def test_leaves_what_is_its_own(self, integration: Integration) -> None:
        await add(integration)
        await claim(integration, fence=2)

        assert await queue.reclaim(integration_id=integration.id, fence=2) == 0

    async def test_makes_one_row_of_twins(self, integration: Integration) -> None:
        wish = {"invoice_id": new_id()}
        for _ in range(2):
            await queue.enqueue(jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish)
            await claim(integration)
        await queue.enqueue(jobs.INVOICE_RETRY, integration_id=integration.id, arguments=wish)

        await queue.reclaim(integration_id=integration.id, fence=2)

        assert await Job.filter(state=JobState.QUEUED).count() == 1
        assert await Job.filter(state=JobState.RUNNING).count() == 0


class TestOutcome:
    async def test_is_written_by_the_one_who_claimed_it(self, integration: Integration) -> None:
        """J2: a late worker's word does not count."""
        await add(integration)
        late = await claim(integration)
        await queue.reclaim(integration_id=integration.id, fence=2)
        now = await claim(integration, fence=2)

        for word in (queue.finish(late), queue.bury(late, error="late")):
            await word

        assert (await Job.get(id=now.id)).state is JobState.RUNNING
        await queue.finish(now)
        assert (await Job.get(id=now.id)).state is JobState.DONE


class TestDue:
    async def test_names_integrations_with_due_jobs(self, integration: Integration) -> None:
        await add(integration)

        assert await queue.due_integrations() == [integration.id]

    async def test_leaves_out_what_is_paused(self, integration: Integration) -> None:
        await add(integration)
        integration.state = IntegrationState.PAUSED
        await integration.save()

        assert await queue.due_integrations() == []


class TestMessages:
    def test_are_json_and_round_trip(self) -> None:
        message = {"t": 1, "f": "drain", "a": ("id",), "k": {}, "et": None}

        data = queue.serialize(message)

        assert data.startswith(b"{")
        assert queue.deserialize(data) == {"t": 1, "f": "drain", "a": ["id"], "k": {}, "et": None}

    def test_hold_no_objects(self) -> None:
        assert b"ValueError" in queue.serialize({"r": ValueError("x")})


class TestDoorbell:
    async def test_never_fails_the_caller(self) -> None:
        pool = queue.ArqRedis(host="127.0.0.1", port=9, socket_connect_timeout=0.2)

        await queue.Doorbell(pool).ring(new_id())
        await pool.aclose()

    async def test_knocks_on_redis(self, redis_url: str) -> None:
        pool = await queue.open_pool(redis_url)
        await queue.Doorbell(pool).ring(new_id())
        await pool.aclose()

        with Redis.from_url(redis_url) as client:
            assert client.zcard(queue.QUEUE_NAME) == 1
