"""Visma Severa: how to sign in, what it offers, and the habits of its API."""

import asyncio
from collections.abc import Callable
from dataclasses import replace as changed

import httpx

from schema.clock import Clock, utc_now
from worker.vendors.client import Client, make_http
from worker.vendors.gate import Budget, Sleep
from worker.vendors.records import Exchange
from worker.vendors.severa.amounts import CurrencyMissing, amount_in, find_amount, money_in
from worker.vendors.severa.auth import SCOPES, Credentials, auth
from worker.vendors.severa.endpoints import SEVERA
from worker.vendors.severa.habits import DIALECT
from worker.vendors.severa.patch import replace
from worker.vendors.wire import Timeouts

__all__ = [
    "BUDGET",
    "SCOPES",
    "SEVERA",
    "CurrencyMissing",
    "amount_in",
    "client",
    "find_amount",
    "money_in",
    "replace",
]

# Ten requests a second are admitted; eight leave room for people and other programs.
BUDGET = Budget(in_flight=8, per_second=8.0)


def client(
    *,
    base_url: str,
    client_id: str,
    client_secret: str,
    scopes: str = SCOPES,
    calls_per_second: float | None = BUDGET.per_second,
    time_scale: float = 1.0,
    budget: Budget = BUDGET,
    timeouts: Timeouts | None = None,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Client:
    """Build the client of one Severa organization; `base_url` ends before `/v1`."""
    budget = changed(budget, per_second=calls_per_second, time_scale=time_scale)
    http = make_http(
        headers={"Client_Id": client_id}, in_flight=budget.in_flight, transport=transport
    )
    credentials = Credentials(client_id=client_id, client_secret=client_secret, scopes=scopes)
    made = Client(
        base_url=base_url,
        dialect=DIALECT,
        auth=auth(base_url=base_url, credentials=credentials, http=http, clock=clock),
        http=http,
        budget=budget,
        timeouts=timeouts or Timeouts(),
        clock=clock,
        sleep=sleep,
    )
    made.on_exchange = on_exchange
    return made
