"""Places: where a room reaches its platform, and AWS where the platform is AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.domain.policy import Handle


class Mailer(Protocol):
    """SES, as far as a room needs it (gateways/mail.py)."""

    def send(self, source: str, recipients: Sequence[str], raw: bytes, token: str) -> str:
        """Send a whole mail; return SES's message id. `token` tags it for its events.

        Raises networks.AwsRefusedError, NotSentError or NoAnswerError.
        """
        ...

    def probe(self, address: str) -> str:
        """Return what hinders sending from this address, or nothing. Raises AwsRefusedError."""
        ...


class Texter(Protocol):
    """AWS End User Messaging, as far as a room needs it (gateways/texts.py)."""

    def send(
        self, origin: str, destination: str, text: str, token: str, *, configuration_set: str = ""
    ) -> str:
        """Send an SMS; return its message id. `token` comes back in its events.

        `configuration_set` says where the events go; without one there are none.
        Raises networks.AwsRefusedError, NotSentError or NoAnswerError.
        """
        ...

    def probe(self, origin: str) -> str:
        """Return what hinders sending from this number, or nothing. Raises AwsRefusedError."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Places:
    """Where platforms are called, how long a call may take, and the clock for signed requests.

    `urls` holds the base URL of networks that are not called where they really are (a proxy, or
    the simulator of a local run): `place("x", "https://api.x.com")` looks there first.
    `callbacks` returns where a handle's platform calls us, for networks that are told with each
    message; None where nobody listens.
    `private_urls` lets generic replies go to private addresses and over plain http: for local runs
    only. `mailer`, `texter` and `stored_mail` reach AWS; each is called when it is first needed.
    """

    graph_url: str = "https://graph.facebook.com"
    graph_version: str = "v26.0"
    instagram_graph_url: str = "https://graph.instagram.com"
    private_urls: bool = False
    connect_seconds: float = 3.0
    read_seconds: float = 15.0
    now: Callable[[], datetime] = _now
    urls: Mapping[str, str] = field(default_factory=dict)
    mailer: Callable[[], Mailer] | None = None
    texter: Callable[[], Texter] | None = None
    callbacks: Callable[[Handle], str] | None = None
    stored_mail: Callable[[str], bytes] | None = None

    def place(self, name: str, usual: str) -> str:
        """Return the base URL of a network, without a slash at the end."""
        return self.urls.get(name, usual).rstrip("/")
