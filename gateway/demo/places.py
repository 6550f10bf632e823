"""What `demo.json` tells: the addresses, keys and secrets of a running demo."""

from typing import Any
from uuid import UUID

from gateway.demo.house import House
from gateway.demo.keep import Keep
from gateway.demo.link import Company
from schema.types.ids import write_id


def places(house: House, *, keep: Keep, company: Company, integration_id: UUID) -> dict[str, Any]:
    """Collect what tools need to speak to the gateway, the stores and both vendors."""
    web = house.public_url
    return {
        "graphqlUrl": f"{web}/graphql",
        "websocketUrl": f"{web.replace('http', 'ws', 1)}/graphql",
        "dashboardUrl": f"{web}/",
        "apiKey": keep.api_key,
        "readOnlyKey": keep.read_only_key,
        "webhookUrls": {
            "severa": f"{web}/webhooks/severa/{integration_id}",
            "financials": f"{web}/webhooks/financials/{integration_id}",
        },
        "webhookSecrets": {"severa": keep.severa_secret, "financials": keep.financials_secret},
        "sandboxUrl": house.sandbox_url,
        "databaseUrl": house.stores.database_url,
        "redisUrl": house.stores.redis_url,
        "integrationId": write_id("Integration", integration_id),
        "severa": {
            "baseUrl": f"{house.sandbox_url}/severa/rest-api",
            "clientId": company.severa["client_id"],
            "clientSecret": company.severa["client_secret"],
        },
        "financials": {
            "baseUrl": f"{house.sandbox_url}/financials",
            "tokenUrl": f"{house.sandbox_url}/connect/token",
            "clientId": company.financials["client_id"],
            "clientSecret": company.financials["client_secret"],
            "tenantId": company.financials["tenant_id"],
        },
    }
