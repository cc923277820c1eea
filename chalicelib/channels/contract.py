"""What every room of this floor offers, and the words for what can go wrong in one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.policy import Handle
from chalicelib.workflows.ports import Outgoing, SendResult


class PayloadError(Exception):
    """Raised when a signed body, or one element of it, is not what its platform sends.

    `reason` is a short machine word without anything a customer wrote; it is safe to log and to
    count.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SignatureError(Exception):
    """Raised when a request does not prove that the platform sent it.

    `status` is the HTTP status to answer: 401 or 403.
    """

    def __init__(self, reason: str, *, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class UnknownChannelError(LookupError):
    """Raised when no room serves the channel."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A request whose signature fits.

    `body` is exactly what was signed. `event_id` is the sender's id of the delivery where it has
    one (webhook-id). `secret_index` is which of the listed secrets fitted, so that an operator sees
    when an old one falls out of use.
    """

    body: bytes
    event_id: str = ""
    secret_index: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One element that could not be read.

    `raw` is a whole body with this element alone: parse() takes it again later.
    """

    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Ignored:
    """A signed element that means nothing to us. `word` is a short machine word to count it by."""

    word: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one body held, in its own order.

    `ignored` are machine words, one for each element that means nothing to us.
    """

    events: tuple[ChannelEvent, ...] = ()
    ignored: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Places:
    """Where platforms are called, how long a call may take, and the clock for signed requests.

    `private_urls` lets generic replies go to private addresses and over plain http: for local runs
    only.
    """

    graph_url: str = "https://graph.facebook.com"
    graph_version: str = "v26.0"
    instagram_graph_url: str = "https://graph.instagram.com"
    private_urls: bool = False
    connect_seconds: float = 3.0
    read_seconds: float = 15.0
    now: Callable[[], datetime] = _now


class Room(Protocol):
    """One network. `secret` is what Secrets Manager holds for it, as one JSON object."""

    def verify(
        self, body: bytes, headers: Mapping[str, str], secret: Mapping[str, object], now: datetime
    ) -> Verified:
        """Return the verified request, or raise SignatureError whatever the headers hold."""
        ...

    def parse(
        self, body: bytes, received_at: datetime, *, account_id: str = "", event_id: str = ""
    ) -> Parsed:
        """Split a verified body into events.

        Raises PayloadError when it is not a body of this network at all.
        """
        ...

    def capabilities(self, channel: Channel, *, public: bool) -> Capabilities:
        """Return what the channel can do for public or for private messages."""
        ...

    def secret_name(self, handle: Handle) -> str:
        """Return the name of the secret that sending for this handle needs."""
        ...

    def send(self, outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
        """Send one message, once. Never raises after a byte may have left."""
        ...
