"""Secrets at rest: sealed for one integration, readable with every key that is still given."""

from uuid import uuid4

import pytest

from schema.errors import ConfigError
from schema.secrets import SecretUnreadable, Vault, fingerprint, new_key, new_webhook_secret

VALUES = {"client_id": "isv_1", "client_secret": "very-secret"}


class TestVault:
    def test_opens_what_it_sealed(self) -> None:
        vault, one = Vault(new_key()), uuid4()

        sealed = vault.seal(integration_id=one, values=VALUES)

        assert vault.open(integration_id=one, sealed=sealed) == VALUES

    def test_shows_nothing_of_it(self) -> None:
        sealed = Vault(new_key()).seal(integration_id=uuid4(), values=VALUES)

        assert "very-secret" not in sealed

    def test_refuses_the_secret_of_another_integration(self) -> None:
        """K2: swapping two rows does not swap two companies."""
        vault = Vault(new_key())
        mine, theirs = uuid4(), uuid4()
        sealed = vault.seal(integration_id=mine, values=VALUES)

        with pytest.raises(SecretUnreadable, match="another integration"):
            vault.open(integration_id=theirs, sealed=sealed)

    def test_refuses_a_text_that_was_changed(self) -> None:
        vault, one = Vault(new_key()), uuid4()
        sealed = vault.seal(integration_id=one, values=VALUES)

        with pytest.raises(SecretUnreadable):
            vault.open(integration_id=one, sealed=sealed[:-6] + "AAAAA=")

    def test_refuses_nothing_at_all(self) -> None:
        with pytest.raises(SecretUnreadable):
            Vault(new_key()).open(integration_id=uuid4(), sealed="")


class TestRotation:
    """K1."""

    def test_seals_with_the_first_key_and_opens_with_all(self) -> None:
        old, new, one = new_key(), new_key(), uuid4()
        before = Vault(old).seal(integration_id=one, values=VALUES)

        both = Vault(f"{new}, {old}")

        assert both.open(integration_id=one, sealed=before) == VALUES
        after = both.seal(integration_id=one, values=VALUES)
        assert after.startswith(fingerprint(new))
        assert Vault(new).open(integration_id=one, sealed=after) == VALUES

    def test_needs_the_old_key_until_it_is_done(self) -> None:
        old, new, one = new_key(), new_key(), uuid4()
        sealed = Vault(old).seal(integration_id=one, values=VALUES)

        with pytest.raises(SecretUnreadable, match="GATEWAY_SECRET_KEYS"):
            Vault(new).open(integration_id=one, sealed=sealed)


class TestKeys:
    @pytest.mark.parametrize("keys", ["", " , ", "short"])
    def test_that_do_not_serve_are_refused(self, keys: str) -> None:
        with pytest.raises(ConfigError, match="GATEWAY_SECRET_KEYS"):
            Vault(keys)

    def test_of_webhooks_are_standard_webhooks_secrets(self) -> None:
        """W3."""
        one, other = new_webhook_secret(), new_webhook_secret()

        assert one.startswith("whsec_")
        assert len(one) == 50
        assert one != other
