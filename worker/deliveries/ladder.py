"""How long a delivery waits between its tries, and when it is given up."""

import random
from datetime import timedelta

# Nine tries in a little less than a day, in seconds.
LADDER = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18_000.0, 28_800.0, 28_800.0)
JITTER = 0.1
# A subscriber that asks for long pauses, or stands behind others that fail, waits no longer.
AGE_LIMIT = timedelta(hours=48)
LONGEST_WAIT = 86_400.0


def wait_after(tries: int, *, asked: float | None = None) -> float | None:
    """Return the seconds until the next try, at least what was asked for; None at the end."""
    if tries > len(LADDER):
        return None
    wait = LADDER[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return min(max(wait, asked or 0.0), LONGEST_WAIT)
