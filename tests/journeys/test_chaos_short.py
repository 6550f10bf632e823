"""Chaos in short: workers, stores and vendors under faults; nothing is lost or double.

The long form is `make chaos`.
"""

from chaos.options import Options
from chaos.plan import make_plan
from chaos.run import run
from chaos.table import table

SEED = 11


class TestChaos:
    async def test_leaves_both_sides_equal(self) -> None:
        options = Options(invoices=40, faults=24, seed=SEED, companies=2, limit=70)

        result = await run(options)

        assert result.verdict.clean, table(result)
        assert result.settled, table(result)


class TestPlan:
    def test_is_the_same_for_the_same_seed(self) -> None:
        plans = [make_plan(faults=1000, seed=SEED, invoices=10_000) for _ in range(2)]

        assert plans[0] == plans[1]
        assert plans[0] != make_plan(faults=1000, seed=SEED + 1, invoices=10_000)

    def test_holds_what_a_long_run_promises(self) -> None:
        kinds = make_plan(faults=1000, seed=SEED, invoices=10_000).by_kind

        assert kinds.total() >= 1000
        assert kinds["kill"] + kinds["kill_at_point"] >= 150
        assert kinds["pause"] + kinds["pause_at_point"] >= 50
        assert kinds["timeout_after_write"] >= 100
        assert kinds["late_write"] >= 50
        assert kinds["redis_flush"] >= 20
        assert kinds["postgres_restart"] >= 10
        assert kinds["clock_jump"] >= 10
