"""What resolvers get: who asks, the open services, and loaders made for one operation (L9)."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.auth import Principal
from gateway.graphql.loaders import Loaders
from gateway.services import Services


@dataclass(slots=True, kw_only=True)
class Context:
    """The context of one operation; subscriptions get fresh loaders for every event."""

    principal: Principal
    services: Services
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Forget everything that was loaded, so that the next event shows what is true now."""
        self.loaders = Loaders(principal=self.principal, services=self.services)
