"""Which addresses we may call on a stranger's wish: none inside a network, unless it is allowed."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from schema.errors import Refused

LENGTH = 2000
_NAT64 = IPv6Network("64:ff9b::/96")


class BadAddress(Refused):
    """An address that no webhook is sent to."""

    code = "bad_address"


def is_public(text: str) -> bool:
    """Tell whether an IP address belongs to the open internet, also one that hides in another."""
    found = ip_address(text.partition("%")[0])
    hidden = _hidden(found) if isinstance(found, IPv6Address) else None
    if hidden is not None:
        return _is_open(hidden)
    return _is_open(found)


def check_url(url: str, *, local: bool) -> None:
    """Refuse an address that cannot be right, before any name is looked up.

    Raises BadAddress.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress("This is no address.") from error
    if len(url) > LENGTH or not url.isascii() or any(ord(one) <= 32 for one in url):
        raise BadAddress(f"An address has at most {LENGTH} plain characters and no spaces.")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise BadAddress("The address must start with https://.")
    if not host or parts.username is not None or parts.fragment:
        raise BadAddress("The address needs a host, and no user or fragment.")
    if not local and _is_inside(host):
        raise BadAddress("The address lies inside a network.")


def _is_inside(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        name = host.rstrip(".")
        return name == "localhost" or name.endswith((".localhost", ".local", ".internal"))


def _is_open(found: IPv4Address | IPv6Address) -> bool:
    inside = found.is_multicast or found.is_reserved or found.is_link_local or found.is_unspecified
    if isinstance(found, IPv6Address) and found.is_site_local:
        return False
    return found.is_global and not inside


def _hidden(found: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for."""
    if found.ipv4_mapped is not None:
        return found.ipv4_mapped
    if found.sixtofour is not None:
        return found.sixtofour
    if found.teredo is not None:
        return found.teredo[1]
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return None
