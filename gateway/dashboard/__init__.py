"""The dashboard: its page with all that belongs to it, and the session of a person in a browser."""

from gateway.dashboard.door import SessionDoor
from gateway.dashboard.routes import routes
from gateway.dashboard.session import Sessions

__all__ = ["SessionDoor", "Sessions", "routes"]
