"""One request to a platform, and how it ended: answered, certainly not sent, or nobody knows."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from chalicelib.workflows.networks import NoAnswerError, NotSentError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool
    from urllib3.util import Url

MAX_ANSWER_BYTES = 65_536
PART_BYTES = 65_536

__all__ = ["Answer", "NoAnswerError", "NotSentError", "Request", "exchange"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    `address` is the IP address to connect to instead of resolving the host again (see
    address.py). `most_bytes` of the answer are read, in `most_seconds` (0: as long as bytes come).
    """

    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    connect_seconds: float = 3.0
    read_seconds: float = 15.0
    address: str = ""
    method: str = "POST"
    most_bytes: int = MAX_ANSWER_BYTES
    most_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Return whether the platform took it."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def exchange(request: Request) -> Answer:
    """Send the request once: no retry, no redirect, a new connection.

    A new connection each time, because a kept one may have died while the Lambda was frozen: the
    failure would come after the request left, and a reply that surely was not sent would have to be
    called unknown. Raises NotSentError or NoAnswerError. urllib3 is imported here: receiving must
    not pay for it.
    """
    from urllib3 import exceptions  # noqa: PLC0415

    try:
        return _answer(_open(request), request)
    except (
        exceptions.NewConnectionError,
        exceptions.ConnectTimeoutError,
        exceptions.LocationValueError,
    ) as error:
        raise NotSentError(type(error).__name__) from error
    except exceptions.SSLError as error:
        if error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
            raise NotSentError("CertificateError") from error
        raise NoAnswerError(type(error).__name__) from error
    except (exceptions.HTTPError, OSError) as error:
        raise NoAnswerError(type(error).__name__) from error


def _open(request: Request) -> "BaseHTTPResponse":
    from urllib3 import Timeout  # noqa: PLC0415
    from urllib3.util import parse_url  # noqa: PLC0415

    url = parse_url(request.url)
    timeout = Timeout(connect=request.connect_seconds, read=request.read_seconds)
    return _pool(url, request.address).urlopen(
        request.method,
        url.request_uri,
        body=request.body or None,
        headers={**request.headers, "Host": url.netloc or "", "Connection": "close"},
        timeout=timeout,
        retries=False,
        redirect=False,
        preload_content=False,
    )


def _pool(url: "Url", address: str) -> "HTTPConnectionPool":
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool  # noqa: PLC0415

    host = url.host or ""
    if url.scheme == "http":
        return HTTPConnectionPool(address or host, url.port)
    if not address:
        return HTTPSConnectionPool(host, url.port)
    name = host.strip("[]")  # the certificate is still checked against the name
    return HTTPSConnectionPool(address, url.port, server_hostname=name, assert_hostname=name)


def _answer(response: "BaseHTTPResponse", request: Request) -> Answer:
    try:
        limited = bool(request.most_seconds)
        body = _in_time(response, request) if limited else response.read(request.most_bytes)
    finally:
        response.close()
    return Answer(
        response.status, body, {name.lower(): value for name, value in response.headers.items()}
    )


def _in_time(response: "BaseHTTPResponse", request: Request) -> bytes:
    """Read what comes as it comes: a body that drips must not outlast its time."""
    ends_at = time.monotonic() + request.most_seconds
    body = bytearray()
    while len(body) < request.most_bytes:
        if time.monotonic() > ends_at:
            raise NoAnswerError("TooSlow")
        part = response.read1(min(PART_BYTES, request.most_bytes - len(body)))
        if not part:
            break
        body += part
    return bytes(body)
