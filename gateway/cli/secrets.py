"""Commands about stored secrets: rotate to the newest key, tell whether an old one may go (K1)."""

import sys
from argparse import Namespace
from collections import Counter
from uuid import UUID

from gateway.cli.session import visit
from schema.database import execute, rows, transaction
from schema.errors import ConfigError
from schema.secrets import Vault
from schema.settings import Settings

# Every table with sealed texts, each bound to the id of its row.
SEALED = {
    "integration": ("severa_credentials", "financials_credentials", "webhook_secrets"),
    "subscriber": ("secret",),
}


def rotate(arguments: Namespace) -> int:
    """Encrypt every stored secret with the first key; an interrupted run goes on where it was."""
    changed = visit(_rotate)
    sys.stdout.write(f"{changed} secrets are encrypted anew, every one with the first key now.\n")
    return 0


def retire(arguments: Namespace) -> int:
    """Tell whether a key may be removed from GATEWAY_SECRET_KEYS."""
    used = visit(_used)[arguments.fingerprint]
    if used:
        raise ConfigError(
            f"The key {arguments.fingerprint} still protects {used} secrets; "
            "run `severa-gateway secrets rotate` first."
        )
    sys.stdout.write(f"No secret needs the key {arguments.fingerprint}; it may be removed.\n")
    return 0


def show(arguments: Namespace) -> int:
    """List the keys by fingerprint with the number of secrets that each protects."""

    async def read(settings: Settings) -> list[tuple[str, int]]:
        known, used = Vault(settings.secret_keys).fingerprints, await _used(settings)
        return [(name, used[name]) for name in dict.fromkeys([*known, *used])]

    for name, count in visit(read):
        sys.stdout.write(f"{name} {count}\n")
    return 0


async def _rotate(settings: Settings) -> int:
    vault = Vault(settings.secret_keys)
    changed = 0
    for table in SEALED:
        found = await rows(f"SELECT id FROM {table} ORDER BY id")
        for row in found:
            changed += await _rotate_one(table, UUID(str(row["id"])), vault=vault)
    return changed


async def _rotate_one(table: str, own: UUID, *, vault: Vault) -> int:
    changed = 0
    async with transaction():
        found = await rows(
            f"SELECT {', '.join(SEALED[table])} FROM {table} WHERE id = $1 FOR UPDATE", own
        )
        for column, sealed in (pair for row in found for pair in row.items()):
            if sealed is None or sealed.startswith(f"{vault.fingerprints[0]}:"):
                continue
            values = vault.open(integration_id=own, sealed=sealed)
            anew = vault.seal(integration_id=own, values=values)
            await execute(f"UPDATE {table} SET {column} = $2 WHERE id = $1", own, anew)
            changed += 1
    return changed


async def _used(settings: Settings) -> Counter[str]:
    sealed = [
        text
        for table, columns in SEALED.items()
        for row in await rows(f"SELECT {', '.join(columns)} FROM {table}")
        for text in row.values()
        if text is not None
    ]
    return Counter(text.partition(":")[0] for text in sealed)
