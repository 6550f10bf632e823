"""Secrets at rest: encrypted with MultiFernet and bound to their integration (K1, K2)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from schema.errors import ConfigError


class SecretUnreadable(ConfigError):
    """A stored secret cannot be decrypted with the keys that this process has."""

    code = "secret_unreadable"


class Vault:
    """Encrypts with the first key and decrypts with all of them."""

    def __init__(self, keys: str) -> None:
        texts = [text.strip() for text in keys.split(",") if text.strip()]
        if not texts:
            raise ConfigError("GATEWAY_SECRET_KEYS is empty; give at least one Fernet key.")
        try:
            self._fernet = MultiFernet([Fernet(text.encode()) for text in texts])
        except ValueError as error:
            raise ConfigError("GATEWAY_SECRET_KEYS holds a text that is no Fernet key.") from error
        self.fingerprints = [fingerprint(text) for text in texts]

    def seal(self, *, integration_id: UUID, values: Mapping[str, str]) -> str:
        """Encrypt values for one integration; the text names the key that was used."""
        plain = json.dumps({"for": str(integration_id), "values": dict(values)})
        return f"{self.fingerprints[0]}:{self._fernet.encrypt(plain.encode()).decode()}"

    def open(self, *, integration_id: UUID, sealed: str) -> dict[str, str]:
        """Decrypt the values of one integration.

        Raises SecretUnreadable for a missing key or a text of another integration.
        """
        _, _, token = sealed.partition(":")
        try:
            plain = json.loads(self._fernet.decrypt(token.encode()))
        except InvalidToken as error:
            raise SecretUnreadable(
                "A stored secret was encrypted with a key that GATEWAY_SECRET_KEYS lacks."
            ) from error
        if plain["for"] != str(integration_id):
            raise SecretUnreadable("A stored secret belongs to another integration.")
        values: dict[str, str] = plain["values"]
        return values


def fingerprint(key: str) -> str:
    """Name a key without showing it."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def new_key() -> str:
    """Make a Fernet key."""
    return Fernet.generate_key().decode()


def new_webhook_secret() -> str:
    """Make a Standard Webhooks secret of 32 bytes (W3)."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
