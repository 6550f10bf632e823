"""The check of the check: each safeguard is taken away in turn, and the damage must be seen."""

import sys
from dataclasses import replace

from chaos.options import MUTATIONS, Options
from chaos.run import run
from chaos.table import table


async def run_all(options: Options) -> int:
    """Run once per safeguard; the exit status is the number of damages that went unseen."""
    unseen = []
    for name in MUTATIONS:
        result = await run(replace(options, mutation=name, limit=min(options.limit, 150)))
        sys.stdout.write(table(result) + "\n")
        if result.verdict.clean and result.settled:
            unseen.append(name)
    words = "Every missing safeguard was noticed." if not unseen else f"Unseen: {unseen}"
    sys.stdout.write(f"{words}\n")
    return len(unseen)
