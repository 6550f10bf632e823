"""The exported GraphQL schema, which clients and reviewers read."""

import sys
from argparse import Namespace
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent.parent / "schema" / "schema.graphql"


def run(arguments: Namespace) -> int:
    """Write the schema file, or with --check compare it."""
    from gateway.graphql.schema import sdl

    text = sdl()
    known = FILE.read_text() if FILE.exists() else ""
    if arguments.check:
        if text != known:
            sys.stderr.write("schema/schema.graphql is out of date; run `severa-gateway sdl`.\n")
            return 1
        return 0
    FILE.write_text(text)
    sys.stdout.write(f"{FILE} has {text.count(chr(10))} lines.\n")
    return 0
