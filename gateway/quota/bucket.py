"""The token bucket: in Redis for all processes together, in this process while Redis is away."""

from __future__ import annotations

from dataclasses import dataclass

# One round trip in the time of the server (K6). Gives as much as is wanted, at least what is
# needed, or nothing and the milliseconds until that much has come together.
SCRIPT = """
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local need, want = tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local held = redis.call('HMGET', KEYS[1], 'points', 'at')
local points = tonumber(held[1]) or size
local passed = math.max(0, now - (tonumber(held[2]) or now))
points = math.min(size, points + passed * rate / 1000)
local given, wait = 0, 0
if points >= need then
  given = math.min(want, math.floor(points))
  points = points - given
else
  wait = math.ceil((need - points) * 1000 / rate)
end
redis.call('HSET', KEYS[1], 'points', tostring(points), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(size * 1000 / rate) + 1000)
return {given, math.floor(points), wait}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a bucket gave, what is left in it, and how long to wait if it gave nothing."""

    given: int
    left: int
    wait: float


@dataclass(slots=True, kw_only=True)
class Bucket:
    """A bucket in this process, with the same arithmetic as the script."""

    rate: float
    size: int
    points: float
    at: float

    def take(self, need: int, want: int, *, now: float) -> Taken:
        """Take what is wanted, at least what is needed, or nothing."""
        self.points = min(self.size, self.points + max(0.0, now - self.at) * self.rate)
        self.at = now
        if self.points < need:
            return Taken(given=0, left=int(self.points), wait=(need - self.points) / self.rate)
        given = min(want, int(self.points))
        self.points -= given
        return Taken(given=given, left=int(self.points), wait=0.0)
