"""Ids of our own rows: UUIDs of version 7, so that newer rows sort after older ones."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a fresh time-ordered UUID."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | int.from_bytes(os.urandom(10))
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | (0x7 << 76) | (0x2 << 62))
