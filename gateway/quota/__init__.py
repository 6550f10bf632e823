"""What one caller may take: points per second, tries of keys, and work at the same time."""

from gateway.quota.attempts import Attempts, TooManyAttempts
from gateway.quota.flights import Flights, TooBusy
from gateway.quota.headers import headers
from gateway.quota.later import Later
from gateway.quota.rate import WINDOW, Rates, Standing

__all__ = [
    "WINDOW",
    "Attempts",
    "Flights",
    "Later",
    "Rates",
    "Standing",
    "TooBusy",
    "TooManyAttempts",
    "headers",
]
