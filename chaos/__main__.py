"""`python -m chaos --invoices 1000 --faults 120 --seed 1`: status 0 means that no harm was done."""

import asyncio
import sys

from chaos import mutate
from chaos.options import read
from chaos.run import run
from chaos.table import table


def main(argv: list[str] | None = None) -> int:
    """Run once, or once per safeguard taken away."""
    options, every_mutation = read(argv)
    if every_mutation:
        return asyncio.run(mutate.run_all(options))
    result = asyncio.run(run(options))
    sys.stdout.write(table(result))
    return 0 if result.verdict.clean and result.settled else 1


if __name__ == "__main__":
    sys.exit(main())
