"""Sets the scene of the demo: everything runs, the companies are linked, the clients are ready."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from gateway.demo.api import Api
from gateway.demo.control import Control
from gateway.demo.house import House
from gateway.demo.keep import Keep, open_keep, save_keep
from gateway.demo.link import Company, Linked, ensure_keys, link
from gateway.demo.options import LIMITS, Options
from gateway.demo.person import Person
from gateway.demo.places import places
from gateway.demo.progress import open_told
from gateway.demo.screen import Screen
from gateway.demo.story import Story
from schema.database import opened
from schema.secrets import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A demo that serves, and the story that can be told on it."""

    house: House
    keep: Keep
    story: Story


async def open_scene(
    house: House, *, options: Options, screen: Screen, stack: AsyncExitStack
) -> Scene:
    """Start everything, link the companies, aim the webhooks and write `demo.json`.

    What it opens is closed with the stack. Raises ConfigError or ChildFailed.
    """
    keep = open_keep(options)
    screen.line(f"Starting PostgreSQL, Redis and the sandbox in {house.data_dir}")
    await house.start_stores_and_sandbox(keep)
    control = Control(house.sandbox_url)
    stack.push_async_callback(control.close)
    company = Company.read((await control.companies())[0])
    keep, linked = await _link(house, keep=keep, company=company)
    save_keep(options.data_dir, keep)
    await house.start_gateway_and_worker(keep)
    api = Api(url=f"{house.public_url}/graphql", key=keep.api_key)
    stack.push_async_callback(api.close)
    facts = places(house, keep=keep, company=company, integration_id=linked.id)
    await control.aim_webhooks(_targets(facts))
    house.demo_file.publish(facts)
    person = Person(
        base_url=facts["severa"]["baseUrl"],
        client_id=company.severa["client_id"],
        client_secret=company.severa["client_secret"],
    )
    stack.push_async_callback(person.close)
    story = Story(
        api=api,
        control=control,
        person=person,
        screen=screen,
        told=open_told(house.data_dir, anew=linked.new),
        integration=facts["integrationId"],
        limit=options.limit or LIMITS[keep.size],
    )
    return Scene(house=house, keep=keep, story=story)


async def _link(house: House, *, keep: Keep, company: Company) -> tuple[Keep, Linked]:
    async with opened(house.stores.database_url, pool=2):
        linked = await link(
            company=company,
            keep=keep,
            vault=Vault(house.secret_keys(keep)),
            new_sandbox=house.new_sandbox,
        )
        return await ensure_keys(keep), linked


def _targets(facts: dict[str, Any]) -> dict[str, dict[str, str]]:
    urls, secrets = facts["webhookUrls"], facts["webhookSecrets"]
    return {side: {"url": urls[side], "secret": secrets[side]} for side in urls}
