"""SNS's certificates: fetched once a process from its own host, or pinned in the secret."""

import threading
from collections.abc import Callable, Mapping

from chalicelib.channels.contract import SignatureError

MOST_KEPT = 16
MOST_BYTES = 20_000
CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0

Fetch = Callable[[str], bytes]


def over_https(url: str) -> bytes:
    """Return the file at a URL that was found to be SNS's own.

    Raises SignatureError: 503 when it could not be had just now, so that SNS delivers again.
    """
    from chalicelib.channels import transport  # noqa: PLC0415

    request = transport.Request(
        url,
        {},
        connect_seconds=CONNECT_SECONDS,
        read_seconds=READ_SECONDS,
        method="GET",
        most_bytes=MOST_BYTES,
    )
    try:
        answer = transport.exchange(request)
    except (transport.NotSentError, transport.NoAnswerError):
        raise SignatureError("certificate_unreachable", status=503) from None
    if not answer.ok:
        lasting = 400 <= answer.status < 500  # noqa: PLR2004 - the client errors of HTTP
        raise SignatureError("certificate_missing", status=403 if lasting else 503)
    return answer.body


class Certificates:
    """The certificates this process has seen, by their URL.

    `fetch` gets one that is missing; it is given only URLs that passed `envelope.is_certificate`.
    """

    def __init__(self, fetch: Fetch = over_https) -> None:
        self._fetch = fetch
        self._kept: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def get(self, url: str, pinned: Mapping[str, object]) -> bytes:
        """Return the certificate of a URL as PEM: pinned, kept or fetched. Raises SignatureError.

        A secret that pins certificates trusts those alone.
        """
        if pinned:
            found = pinned.get(url)
            if not isinstance(found, str):
                raise SignatureError("certificate_not_pinned", status=403)
            return found.encode()
        with self._lock:
            kept = self._kept.get(url)
        return kept if kept is not None else self._fetch(url)

    def keep(self, url: str, pem: bytes) -> None:
        """Keep a certificate that proved good: one that did not is asked for again next time."""
        with self._lock:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[url] = pem
