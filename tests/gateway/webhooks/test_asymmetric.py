"""Ed25519 signatures of Standard Webhooks (`v1a`)."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.webhooks.refusal import BadSignature
from gateway.webhooks.secret import read_keys
from gateway.webhooks.standard import Envelope, open_envelope, verify

NOW = datetime(2026, 11, 24, tzinfo=UTC)
STAMP = int(NOW.timestamp())


def envelope(private: Ed25519PrivateKey, body: bytes, *, version: str = "v1a") -> Envelope:
    value = base64.b64encode(private.sign(f"msg_1.{STAMP}.".encode() + body)).decode()
    return open_envelope(
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(STAMP),
            "webhook-signature": f"{version},{value}",
        }
    )


def public_text(private: Ed25519PrivateKey) -> str:
    return "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()


class TestAPublicKey:
    def test_accepts_what_its_private_key_signed(self) -> None:
        private = Ed25519PrivateKey.generate()
        keys = read_keys(public_text(private))

        assert verify(envelope(private, b"{}"), body=b"{}", keys=keys, now=NOW)

    def test_refuses_another_body_or_version(self) -> None:
        private = Ed25519PrivateKey.generate()
        keys = read_keys(public_text(private))

        for given, version in ((b"{ }", "v1a"), (b"{}", "v1")):
            with pytest.raises(BadSignature):
                verify(envelope(private, b"{}", version=version), body=given, keys=keys, now=NOW)

    def test_is_no_secret_for_an_hmac(self) -> None:
        private = Ed25519PrivateKey.generate()
        text = public_text(private)

        (key,) = read_keys(text)

        assert key.secret == b""
        assert key.public is not None

    def test_that_cannot_be_read_is_left_out(self) -> None:
        assert read_keys("whpk_AAAA,whpk_%%,whsec_AAAA;until=tomorrow") == ()
