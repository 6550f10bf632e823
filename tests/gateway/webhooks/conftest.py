"""A gateway with one linked integration, and senders that sign as the two sides do."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.services import Services, open_services
from schema.models import Integration
from schema.secrets import Vault, new_key, new_webhook_secret
from schema.settings import Hidden, Settings
from schema.words import IntegrationState

BODY = b'{ "type":"invoice.status_changed",\n  "data" : {"invoiceGuid": "a1"}, "n": 1.00 }'


def signed(
    secret: str, body: bytes, *, event_id: str, at: datetime | None = None
) -> dict[str, str]:
    """Sign with the stock library, as a customer's automation would."""
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, moment, body.decode()),
        "content-type": "application/json",
    }


def financials_signature(secret: str, body: bytes) -> str:
    """Sign as Visma.net does."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.digest(key, body, hashlib.sha256)).decode()


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A running application with one integration and a client."""

    app: Starlette
    services: Services
    client: httpx.AsyncClient
    integration: Integration
    severa_secret: str
    financials_secret: str

    @property
    def url(self) -> str:
        return f"/webhooks/severa/{self.integration.id}"

    async def ring(
        self, body: bytes = BODY, *, event_id: str | None = None, secret: str | None = None
    ) -> httpx.Response:
        """Ring Severa's doorbell."""
        headers = signed(
            secret or self.severa_secret, body, event_id=event_id or f"msg_{uuid4().hex}"
        )
        return await self.client.post(self.url, content=body, headers=headers)

    async def notify(
        self, body: dict[str, Any], *, path: str = "", secret: str | None = None
    ) -> httpx.Response:
        """Send a notification of Financials."""
        raw = json.dumps(body).encode()
        headers = {
            "x-webhook-signature": financials_signature(secret or self.financials_secret, raw)
        }
        return await self.client.post(f"/webhooks/financials{path}", content=raw, headers=headers)

    async def keep(self, **secrets: str) -> None:
        """Store other secrets for the integration."""
        vault = self.services.vault
        self.integration.webhook_secrets = vault.seal(
            integration_id=self.integration.id, values=secrets
        )
        await self.integration.save()


async def linked(vault: Vault, *, name: str, tenant: str, **secrets: str) -> Integration:
    """Make an active integration with secrets of its own."""
    integration = await Integration.create(
        name=name, state=IntegrationState.ACTIVE, financials_tenant_id=tenant
    )
    integration.webhook_secrets = vault.seal(integration_id=integration.id, values=secrets)
    await integration.save()
    return integration


@pytest.fixture
def settings(database: str, redis_url: str) -> Settings:
    """The settings of a production gateway."""
    return Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(new_key()),
        database_pool=4,
    )


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """A gateway that is started and linked."""
    severa, financials = new_webhook_secret(), new_webhook_secret()
    async with open_services(settings) as services:
        integration = await linked(
            services.vault, name="Nordlys", tenant="T-1", severa=severa, financials=financials
        )
        app = create_app(settings, services=services)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            yield Gateway(
                app=app,
                services=services,
                client=client,
                integration=integration,
                severa_secret=severa,
                financials_secret=financials,
            )


@pytest.fixture
def sign() -> Any:
    """The stock library's signature."""
    return signed


@pytest.fixture
def link() -> Any:
    """Makes another integration."""
    return linked
