"""Loading sample companies and showing what was loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.control.errors import ControlRefused
from sandbox.samples.build import SIZES
from sandbox.samples.company import Company

if TYPE_CHECKING:
    from sandbox.world import World


def load(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Throw both vendors' data away and fill them anew."""
    size = str(payload.get("size", "small"))
    if size not in SIZES:
        raise ControlRefused(f"size is one of {', '.join(SIZES)}.")
    branches = payload.get("branches", 2)
    if isinstance(branches, bool):
        branches = 2 if branches else 1
    world.load(
        size=size,
        seed=int(payload.get("seed", 1)),
        companies=int(payload.get("companies") or 1),
        branches=int(branches),
        matched=payload.get("matched") is True,
    )
    return sample(world, {})


def company_of(world: World, payload: dict[str, Any]) -> Company:
    """Find the company that a request means: `company` is its place, the first by default."""
    place = int(payload.get("company") or 0)
    if not 0 <= place < len(world.companies):
        raise ControlRefused(f"There is no company {place}.", status=404)
    return world.companies[place]


def sample(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Show credentials, unit table and invoice statuses of every sample company."""
    return {"companies": [_shown(world, company) for company in world.companies]}


def _shown(world: World, company: Company) -> dict[str, Any]:
    org = world.severa.organizations[company.index]
    login, ledger = company.severa, company.financials
    return {
        "name": company.name,
        "organizationNumber": company.org_number,
        "country": company.country,
        "homeCurrency": company.home,
        "severa": {"clientId": login.client_id, "clientSecret": login.client_secret},
        "financials": {
            "clientId": ledger.client_id,
            "clientSecret": ledger.client_secret,
            "tenantId": ledger.tenant_id,
            "companyNumber": ledger.company_number,
        },
        "units": {row.severa: row.financials for row in company.measures},
        "terms": {row.id: row.days for row in company.terms},
        "invoiceStatuses": [
            {"guid": row["guid"], "name": row["name"], "sortOrder": row["sortOrder"]}
            for row in org.tables["invoicestatuses"]
        ],
        "records": {name: len(table) for name, table in org.tables.items() if len(table)},
    }
