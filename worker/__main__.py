"""`python -m worker`: the worker process."""

import asyncio
import logging
import os
import sys

from schema.errors import ConfigError
from schema.settings import Settings
from worker.main import run


def main() -> int:
    """Run the worker; a wrong setting ends in one sentence and status 2."""
    try:
        settings = Settings.from_env(os.environ)
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        logging.getLogger("httpx").setLevel(logging.WARNING)
        asyncio.run(run(settings, os.environ))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
