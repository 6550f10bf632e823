"""The command `demo`, which lives in `gateway.demo`."""

import os
from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Run the demo and return its exit status."""
    from gateway.demo.main import run as run_demo
    from gateway.demo.options import Options

    return run_demo(
        Options(
            port=arguments.port,
            data_dir=arguments.data_dir,
            size=arguments.size,
            seed=arguments.seed,
            exit=arguments.exit,
            json=arguments.json,
            limit=arguments.limit,
            environ=dict(os.environ),
        )
    )
