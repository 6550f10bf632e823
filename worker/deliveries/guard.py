"""Connects to the open internet only: names are looked up once and the vetted address is used."""

import asyncio
import socket
import ssl
from collections.abc import Iterable

import httpcore
import httpx

from schema.addresses import BadAddress, is_public

SOCKET_OPTION = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


async def resolve(host: str, port: int) -> list[str]:
    """Look up all addresses of a host.

    Raises httpcore.ConnectError for a name without any.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} is not known.") from error
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpx, after a look at where they lead (W16).

    The name is looked up here and never again, so that a second answer of its owner cannot lead
    elsewhere; TLS still checks the certificate of the name.
    """

    def __init__(self, *, local: bool) -> None:
        self._inner, self._local = httpcore.AnyIOBackend(), local

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host whose addresses are all public.

        Raises BadAddress.
        """
        async with asyncio.timeout(timeout):
            addresses = await resolve(host, port)
        if not self._local and not all(is_public(one) for one in addresses):
            raise BadAddress(f"{host} lies inside a network.")
        refused: Exception | None = None
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
        raise httpcore.ConnectError(f"{host} does not answer.") from refused

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """The transport of httpx over guarded connections."""

    def __init__(self, *, local: bool, context: ssl.SSLContext | None = None) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context or httpx.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(local=local),
        )
