"""The intake of webhooks: verified over the raw bytes, stored once, acknowledged.

What a webhook means is not known here; the worker fetches the truth from the vendor.
"""

from gateway.webhooks.inbox import Inbox
from gateway.webhooks.release import release
from gateway.webhooks.route import PREFIX, routes

__all__ = ["PREFIX", "Inbox", "release", "routes"]
