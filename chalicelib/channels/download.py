"""Files of a network: fetched from public addresses only, every redirect looked at anew, bounded.

The address of a file comes from outside and may lead anywhere: into our own network, to a machine's
own address, to a body without end. Nothing of it is trusted but its bytes.
"""

from collections.abc import Mapping
from email.message import Message
from email.utils import collapse_rfc2231_value
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from chalicelib.channels import address, transport
from chalicelib.channels.places import Places
from chalicelib.domain import file
from chalicelib.workflows.networks import Fetched, FetchError, FetchLaterError

MOST_REDIRECTS = 5
MOST_SECONDS = 60.0
"""For the whole body: a sender that drips must not hold the worker."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429})
_REASONS = {401: "forbidden", 403: "forbidden", 404: "gone", 410: "gone", 413: "too_large"}


def fetch(url: str, headers: Mapping[str, str], most: int, places: Places) -> Fetched:
    """Return the file at `url`, of at most `most` bytes.

    `headers` (credentials) go to the url's own host only, never to one that it redirects to. Raises
    FetchError with a machine word: gone, forbidden, too_large, redirects, or address.py's reason
    why nothing is fetched from there; FetchLaterError when it may be had later.
    """
    for _ in range(MOST_REDIRECTS + 1):
        answer = _asked(url, headers, most, places)
        if answer.status not in _REDIRECTS or not answer.headers.get("location"):
            return _file(answer, most)
        onward = _joined(url, answer.headers["location"])
        headers = headers if _origin(onward) == _origin(url) else {}
        url = onward
    raise FetchError("redirects")


def _asked(url: str, headers: Mapping[str, str], most: int, places: Places) -> transport.Answer:
    try:
        return transport.exchange(
            transport.Request(
                url,
                {"Accept-Encoding": "identity", **headers},
                connect_seconds=places.connect_seconds,
                read_seconds=places.read_seconds,
                address=address.checked(url, private=places.private_urls),
                method="GET",
                most_bytes=most + 1,
                most_seconds=MOST_SECONDS,
            )
        )
    except address.RefusedUrlError as error:
        raise FetchError(str(error)) from error
    except (address.UnresolvedError, transport.NotSentError, transport.NoAnswerError) as error:
        raise FetchLaterError(type(error).__name__) from error


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchError("malformed") from error


def _origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: what credentials are meant for."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError("malformed") from error
    return parts.scheme, parts.hostname or "", port


def _file(answer: transport.Answer, most: int) -> Fetched:
    if not answer.ok:
        server = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if server or answer.status in _LATER:
            raise FetchLaterError(f"status {answer.status}")
        raise FetchError(_REASONS.get(answer.status, "refused"))
    if len(answer.body) > most or _length(answer) > most:
        raise FetchError("too_large")
    declared = answer.headers.get("content-type", "")
    return Fetched(answer.body, file.mime_type(answer.body, declared), _name(answer))


def _length(answer: transport.Answer) -> int:
    given = answer.headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0  # noqa: PLR2004


def _name(answer: transport.Answer) -> str:
    """Return the name that the server gives the file, made harmless.

    Of two the one that knows more letters (RFC 6266, 4.3).
    """
    header = Message()
    header["content-disposition"] = answer.headers.get("content-disposition", "")
    try:
        params = header.get_params([], "content-disposition")
        names = [value for key, value in params if key.lower() == "filename"]
        names.sort(key=lambda value: isinstance(value, str))
        given = collapse_rfc2231_value(names[0]) if names else ""
    except (LookupError, ValueError):  # a character set that is none
        given = ""
    return file.safe_name(given)
