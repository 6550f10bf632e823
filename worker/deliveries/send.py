"""Sends one signed webhook and reads nothing but the status of the answer (W3, W16)."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from schema.addresses import BadAddress, check_url
from worker.deliveries.guard import GuardedTransport

CALL_LIMIT = 15.0
CONNECT_LIMIT = 5.0
AGENT = "severa-gateway-webhooks/1"
# What is read of an answer's body, so that its connection serves again; it is shown to nobody.
BODY_LIMIT = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one try."""

    status: int | None = None
    error: str | None = None
    wait: float | None = None

    @property
    def arrived(self) -> bool:
        """Whether the subscriber took it."""
        return self.error is None


def make_client(*, local: bool) -> httpx.AsyncClient:
    """Make the client of all deliveries: guarded, without redirects and proxies."""
    return httpx.AsyncClient(
        transport=GuardedTransport(local=local),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(CALL_LIMIT, connect=CONNECT_LIMIT),
        headers={"user-agent": AGENT, "accept-encoding": "identity"},
    )


def sign(*, secrets: Sequence[str], message_id: str, at: datetime, content: bytes) -> str:
    """Sign a message with every valid secret, as Standard Webhooks has it."""
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + content
    return " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets)


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


async def send(
    client: httpx.AsyncClient,
    *,
    url: str,
    secrets: Sequence[str],
    message_id: str,
    content: bytes,
    at: datetime,
    local: bool,
) -> Answer:
    """Send one message; every failure is an answer."""
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secrets=secrets, message_id=message_id, at=at, content=content),
    }
    try:
        check_url(url, local=local)
        async with (
            asyncio.timeout(CALL_LIMIT),
            client.stream("POST", url, content=content, headers=headers) as response,
        ):
            await _skim(response)
            return read(response, at=at)
    except BadAddress as error:
        return Answer(error=str(error))
    except (TimeoutError, httpx.TimeoutException):
        return Answer(error=f"No answer within {CALL_LIMIT:g} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        return Answer(error=f"{type(error).__name__}: {error}"[:300])


async def _skim(response: httpx.Response) -> None:
    seen = 0
    async for piece in response.aiter_raw():
        seen += len(piece)
        if seen > BODY_LIMIT:
            return


def read(response: httpx.Response, *, at: datetime) -> Answer:
    """Turn an HTTP answer into ours; a redirect is a failure."""
    status = response.status_code
    if 200 <= status < 300:
        return Answer(status=status)
    wait = retry_after(response.headers.get("retry-after"), at=at)
    return Answer(status=status, error=f"The address answered {status}.", wait=wait)


def retry_after(text: str | None, *, at: datetime) -> float | None:
    """Return the seconds that an answer asks us to wait, given as seconds or as a date."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - at).total_seconds())
