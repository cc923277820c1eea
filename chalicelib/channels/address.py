"""Where a reply may go: public addresses only, and the one checked is the one connected to."""

import ipaddress
import socket
from urllib.parse import urlsplit

_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that belongs to anybody. Outside are IPv4 addresses in disguise (`::127.0.0.1`,
NAT64) and ranges that Python calls global although they are nobody's (fec0::/10).
"""


class RefusedUrlError(Exception):
    """Raised when a url is none we send to: not https, with credentials, or a private address."""


class UnresolvedError(Exception):
    """Raised when the host's name cannot be resolved just now."""


def checked(url: str, *, private: bool) -> str:
    """Return the address to connect to; empty when any will do (`private`: local runs).

    Returning it closes the gap in which a name could resolve to another address at the second look.
    Raises RefusedUrlError or UnresolvedError.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise RefusedUrlError("malformed") from error
    if not host or parts.username is not None or parts.scheme not in ("https", "http"):
        raise RefusedUrlError("malformed")
    if private:
        return ""
    if parts.scheme != "https":
        raise RefusedUrlError("not_https")
    found = _resolve(host, port or 443)
    if not all(is_public(address) for address in found):
        raise RefusedUrlError("private_address")
    return found[0]


def is_public(address: str) -> bool:
    """Return whether an IP address is public, looking through the IPv6 forms of IPv4 addresses."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.sixtofour or ip.teredo or ip not in _UNICAST:
            return False
    return ip.is_global and not ip.is_multicast


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnresolvedError(type(error).__name__) from error
    return [str(entry[4][0]) for entry in found]
