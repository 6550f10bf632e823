"""Visma.net Financials: how to sign in, what it offers, and the habits of its API."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace as changed
from datetime import UTC, tzinfo
from urllib.parse import urlsplit

import httpx

from schema.clock import Clock, utc_now
from worker.vendors.client import Client, make_http
from worker.vendors.financials.auth import SCOPES, Credentials, auth
from worker.vendors.financials.endpoints import FINANCIALS
from worker.vendors.financials.habits import dialect
from worker.vendors.financials.keys import key, plain_key
from worker.vendors.financials.wrap import Shape, UnknownField, unwrap, wrap
from worker.vendors.gate import Budget, Sleep
from worker.vendors.records import Exchange
from worker.vendors.wire import Timeouts

__all__ = [
    "BUDGET",
    "FINANCIALS",
    "SCOPES",
    "Shape",
    "UnknownField",
    "client",
    "key",
    "plain_key",
    "unwrap",
    "wrap",
]

# One request in flight per company: more were refused for minutes in the field.
BUDGET = Budget(in_flight=1)
# The vendor moved its API once and may name either host in a Location.
HOSTS = ("api.finance.visma.net", "integration.visma.net")


def client(
    *,
    base_url: str,
    token_url: str,
    client_id: str,
    client_secret: str,
    tenant_id: str,
    scopes: str = SCOPES,
    hosts: Collection[str] = HOSTS,
    zone: tzinfo = UTC,
    time_scale: float = 1.0,
    budget: Budget = BUDGET,
    timeouts: Timeouts | None = None,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Client:
    """Build the client of one Visma.net company; `base_url` is the root before `/v1` and `/v2`.

    `zone` is the zone in which the company shows its times, for moments given as aware datetimes.
    """
    budget = changed(budget, time_scale=time_scale)
    headers = {"ipp-application-type": "Visma.net Financials"}
    http = make_http(headers=headers, in_flight=budget.in_flight, transport=transport)
    credentials = Credentials(
        token_url=token_url,
        client_id=client_id,
        client_secret=client_secret,
        tenant_id=tenant_id,
        scopes=scopes,
    )
    known = {host.lower() for host in hosts} | {(urlsplit(base_url).hostname or "").lower()}
    made = Client(
        base_url=base_url,
        dialect=dialect(hosts=frozenset(known), zone=zone),
        auth=auth(credentials=credentials, http=http, clock=clock),
        http=http,
        budget=budget,
        timeouts=timeouts or Timeouts(),
        clock=clock,
        sleep=sleep,
    )
    made.on_exchange = on_exchange
    return made
