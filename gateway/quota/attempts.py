"""Failed tries of keys per client address, in a table of a fixed size."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from gateway.quota.bucket import Bucket
from gateway.quota.later import Later

ADDRESSES = 10_000
GOOD = 1024


class TooManyAttempts(Later):
    """An address tried too many keys that are not valid."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__("Too many invalid keys came from this address; try again later.")


class Attempts:
    """Counts failures; a key that was accepted lately is let in from any address.

    So somebody who tries keys behind the same proxy locks nobody out.
    """

    def __init__(self, *, per_minute: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._size = per_minute / 60, max(1, int(per_minute))
        self._timer = timer
        self._failed: OrderedDict[str, Bucket] = OrderedDict()
        self._good: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failed)

    def check(self, address: str, authorization: str | None) -> None:
        """Let a try through, or not.

        Raises TooManyAttempts.
        """
        bucket = self._failed.get(_network(address)) if self._failed else None
        if bucket is None or hash(authorization) in self._good:
            return
        taken = bucket.take(1, 0, now=self._timer())
        if taken.wait:
            raise TooManyAttempts(max(1, ceil(taken.wait)))

    def failed(self, address: str, authorization: str) -> None:
        """Count a key that was not valid."""
        self._good.pop(hash(authorization), None)
        if self._rate <= 0:
            return
        name, now = _network(address), self._timer()
        bucket = self._failed.pop(name, None)
        if bucket is None:
            bucket = Bucket(rate=self._rate, size=self._size, points=self._size, at=now)
        self._failed[name] = bucket
        bucket.take(1, 1, now=now)
        if len(self._failed) > ADDRESSES:
            self._failed.popitem(last=False)

    def accepted(self, authorization: str | None) -> None:
        """Remember a key that was valid."""
        name = hash(authorization)
        if name in self._good:
            return
        self._good[name] = None
        if len(self._good) > GOOD:
            self._good.popitem(last=False)


def _network(address: str) -> str:
    """Name whom an address stands for: the owner of an IPv6 address has the whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> 64 << 64))
    return address
