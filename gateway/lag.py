"""Measures how late the event loop runs, so that blocking code shows (P10)."""

import asyncio
import time

from prometheus_client import Gauge

PERIOD = 0.5


async def measure(gauge: Gauge) -> None:
    """Keep a gauge at the latest delay, until cancelled."""
    while True:
        expected = time.perf_counter() + PERIOD
        await asyncio.sleep(PERIOD)
        gauge.set(max(0.0, time.perf_counter() - expected))
