"""Why a cost does not reach Severa now."""

from schema.errors import Refused


class CostWaits(Refused):
    """Something else must happen first; the cost goes on by itself afterwards."""

    code = "cost_waits"

    def __init__(self, issue: str, cause: str) -> None:
        self.issue, self.cause = issue, cause
        super().__init__(cause)
