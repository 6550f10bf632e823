"""The check of the check: each safeguard is taken away in turn, and the damage must be seen.

The faults are those that the safeguard is there for; with all safeguards in place they do no harm.
"""

import sys
from dataclasses import replace

from chaos.options import FOCUS, Options
from chaos.run import run
from chaos.table import table

_LIMIT = 100.0


async def run_all(options: Options) -> int:
    """Run with everything in place, then once per safeguard; the status counts what went wrong."""
    options = replace(options, limit=min(options.limit, _LIMIT))
    every = tuple(dict.fromkeys(kind for kinds in FOCUS.values() for kind in kinds))
    wrong = []
    for name, focus in ((None, every), *FOCUS.items()):
        result = await run(replace(options, mutation=name, focus=focus))
        sys.stdout.write(table(result) + "\n")
        sys.stdout.flush()
        clean = result.verdict.clean and result.settled
        if clean != (name is None):
            wrong.append("harm without a mutation" if name is None else f"{name} went unseen")
    sys.stdout.write(f"{'; '.join(wrong) or 'Every missing safeguard was noticed.'}\n")
    return len(wrong)
