"""The commands and their options. Nothing but argparse is imported here."""

import argparse
import importlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

Command = Callable[[argparse.Namespace], int]
DATA_DIR = Path(".demo")


def build() -> argparse.ArgumentParser:
    """Build the parser of the whole program."""
    parser = argparse.ArgumentParser(
        prog="severa-gateway",
        description="Keeps Visma Severa and Visma.net Financials in step and shows both as one "
        "GraphQL API.",
        epilog="Settings come from the environment; .env.example lists them.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _demo(commands)
    _processes(commands)
    _stores(commands)
    _link(commands)
    _care(commands)
    _retries(commands)
    _access(commands)
    return parser


def _demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="run everything with embedded stores, a sandbox and two sample companies",
        description="Runs PostgreSQL, Redis, the sandbox, the gateway and the worker, links two "
        "sample companies, transfers and pays invoices, and serves until Ctrl-C. DATABASE_URL and "
        "REDIS_URL name real stores instead of the embedded ones.",
    )
    demo.add_argument("--port", type=_port, default=8000, help="port of the gateway, 0 for any")
    demo.add_argument("--data-dir", type=Path, default=DATA_DIR, help="default: ./.demo")
    demo.add_argument("--size", choices=("small", "medium", "large"), default=None)
    demo.add_argument("--seed", type=int, default=None, help="of the sample companies, default 1")
    demo.add_argument("--exit", action="store_true", help="stop once everything is settled")
    demo.add_argument("--json", action="store_true", help="the last line is a summary as JSON")
    demo.add_argument(
        "--limit",
        type=float,
        default=None,
        metavar="SECONDS",
        help="give up when a step of the story takes longer (default by size)",
    )
    demo.set_defaults(command=_lazy("gateway.cli.demo:run"))


def _processes(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="listen and answer: GraphQL, webhooks, dashboard")
    serve.set_defaults(command=_lazy("gateway.cli.processes:serve"))
    work = _passed_on(commands, "work", help_text="fetch, decide and send")
    work.set_defaults(command=_lazy("gateway.cli.processes:work"))
    sandbox = _passed_on(commands, "sandbox", help_text="a fake Severa and Visma.net")
    sandbox.set_defaults(command=_lazy("gateway.cli.processes:sandbox"))


def _passed_on(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, *, help_text: str
) -> argparse.ArgumentParser:
    # With another prefix for options, all that follows belongs to the process, `--port` included.
    parser = commands.add_parser(name, help=help_text, add_help=False, prefix_chars="+")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    return parser


def _stores(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    migrate = commands.add_parser("migrate", help="bring the database to the newest revision")
    migrate.set_defaults(command=_lazy("gateway.cli.stores:migrate"))
    drift = commands.add_parser("drift", help="compare the models with the migrations")
    drift.set_defaults(command=_lazy("gateway.cli.stores:drift"))
    sdl = commands.add_parser("sdl", help="write the GraphQL schema to schema/schema.graphql")
    sdl.add_argument("--check", action="store_true", help="only compare; 1 when it is out of date")
    sdl.set_defaults(command=_lazy("gateway.cli.sdl:run"))


def _care(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    status = commands.add_parser("status", help="show the integrations and their last sync")
    status.add_argument("--json", action="store_true")
    status.set_defaults(command=_lazy("gateway.cli.status:run"))
    sync = commands.add_parser("sync", help="start a sync run and follow it")
    sync.add_argument("--integration", help="id; default: every active one")
    sync.add_argument("--full", action="store_true", help="read everything, not only what changed")
    sync.add_argument("--json", action="store_true")
    sync.set_defaults(command=_lazy("gateway.cli.sync:run"))
    issues = commands.add_parser("issues", help="show what waits for a person, with the next step")
    issues.add_argument("--count", type=int, default=50, help="at most, default 50")
    issues.add_argument("--json", action="store_true")
    issues.set_defaults(command=_lazy("gateway.cli.issues:run"))
    doctor = commands.add_parser("doctor", help="check settings, stores and work; say what to fix")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(command=_lazy("gateway.cli.doctor:run"))


def _link(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    link = commands.add_parser(
        "link",
        help="link a Severa organization with a Visma.net company, test it, switch it on",
        description="Asks for what is not given, has everything tested by a running worker, shows "
        "what stands in the way, and switches the integration on when nothing does.",
    )
    link.add_argument("--integration", help="id of one that was created before")
    link.add_argument("--name", help="of the company")
    link.add_argument("--severa-client-id")
    link.add_argument("--severa-client-secret", help="asked for by default, without echo")
    link.add_argument("--financials-client-id")
    link.add_argument("--financials-client-secret", help="asked for by default, without echo")
    link.add_argument("--tenant", help="tenant of the company in Visma.net")
    link.add_argument("--start-from", type=_day, help="first invoice date, default today")
    link.add_argument(
        "--attest", action="append", default=[], metavar="CODE", help="state that a check holds"
    )
    link.add_argument(
        "--set-aside",
        action="append",
        default=[],
        metavar="CODE=REASON",
        help="pass over the findings of a check, with a reason",
    )
    link.add_argument("--accept-matches", action="store_true", help="link what is proposed")
    link.add_argument("--activate", action="store_true", help="switch it on without asking")
    link.add_argument("--json", action="store_true", help="asks nothing")
    link.add_argument("--wait", type=float, default=600, metavar="SECONDS", help="for a worker")
    link.set_defaults(command=_lazy("gateway.cli.link:run"))


def _retries(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    plan = commands.add_parser("plan", help="show what a sync or a retry would do; writes nothing")
    plan.add_argument("--integration", help="id; default: the only active one")
    plan.add_argument("--retry", action="store_true", help="of refused invoices instead of a sync")
    plan.add_argument("--execute", action="store_true", help="carry the retry out afterwards")
    plan.add_argument("--json", action="store_true")
    plan.add_argument("--wait", type=float, default=600, metavar="SECONDS", help="for a worker")
    plan.set_defaults(command=_lazy("gateway.cli.plan:run"))
    retry = commands.add_parser("retry", help="send refused invoices again")
    retry.add_argument(
        "invoices", nargs="*", help="number, Severa guid or id; default: all of them"
    )
    retry.add_argument("--json", action="store_true")
    retry.set_defaults(command=_lazy("gateway.cli.retry:run"))


def _access(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    secrets = commands.add_parser("secrets", help="show, rotate and retire the encryption keys")
    ways = secrets.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = ways.add_parser("show", help="list the keys by fingerprint and what they protect")
    show.set_defaults(command=_lazy("gateway.cli.secrets:show"))
    rotate = ways.add_parser("rotate", help="encrypt every stored secret with the first key")
    rotate.set_defaults(command=_lazy("gateway.cli.secrets:rotate"))
    retire = ways.add_parser("retire", help="tell whether a key may be removed")
    retire.add_argument("fingerprint")
    retire.set_defaults(command=_lazy("gateway.cli.secrets:retire"))
    key = commands.add_parser("key", help="make, list and revoke API keys")
    actions = key.add_subparsers(title="actions", metavar="ACTION", required=True)
    make = actions.add_parser("make", help="make a key; its text is shown once")
    make.add_argument("name")
    make.add_argument("--scope", action="append", help="may be repeated; default: records:read")
    make.add_argument("--integration", action="append", help="id; may be repeated; default: all")
    make.add_argument("--days", type=int, default=None, help="lifetime; default: no end")
    make.set_defaults(command=_lazy("gateway.cli.key:make"))
    listing = actions.add_parser("list", help="list the keys")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(command=_lazy("gateway.cli.key:show"))
    revoke = actions.add_parser("revoke", help="revoke a key by its prefix")
    revoke.add_argument("prefix")
    revoke.set_defaults(command=_lazy("gateway.cli.key:revoke"))


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; use 0 to 65535")
    return port


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; use 2026-11-24") from None


def _lazy(target: str) -> Command:
    """Name a command that is imported only when it runs."""

    def command(arguments: argparse.Namespace) -> int:
        module, _, name = target.partition(":")
        function: Command = getattr(importlib.import_module(module), name)
        return function(arguments)

    return command
