"""What every room of this floor offers, and the words for what can go wrong in one.

docs/channels/adding.md says how to add one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.channel import Capabilities
    from chalicelib.domain.event import Attachment, ChannelEvent
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import (
        Fetched,
        Health,
        Missed,
        Outgoing,
        Polled,
        SendResult,
        Wanted,
    )

Secret = Mapping[str, object]
"""What Secrets Manager holds for a room or a handle, as one JSON object."""


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

    `status` is the HTTP status to answer: 401 or 403, and 503 when it could not be found out now.
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
    when an old one falls out of use. `thread` is the conversation that a reply address of ours in
    it names, proved by its code (mail).
    """

    body: bytes
    event_id: str = ""
    secret_index: int = 0
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a platform is answered."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200


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


class Room(Protocol):
    """One network. `secret` is what Secrets Manager holds for it, as one JSON object.

    A room begins as a subclass of base.Base, which answers "cannot" to everything it may lack.
    """

    thanks: Said | None
    """What a taken delivery is answered; None: a count of its events, as JSON."""

    greets: bool
    """Whether a delivery may be a question that greet() answers."""

    def handshake(self, query: Mapping[str, str], secret: Secret) -> Said:
        """Answer the platform's question whether this callback is ours. Raises SignatureError."""
        ...

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Return the verified request, or raise SignatureError whatever the headers hold.

        `url` is the public address of this webhook as the platform was told it, with the query it
        was called with.
        """
        ...

    def greet(self, proven: Verified, secret: Secret, places: Places) -> bool:
        """Carry out a delivery that only asks us to confirm a subscription.

        True when it was such a one: there is nothing to parse then. Raises SignatureError when we
        want no such subscription, transport's errors when it could not be confirmed.
        """
        ...

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Split a verified body into events.

        Raises PayloadError when it is not a body of this network at all.
        """
        ...

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return what the handle's channel can do for public or for private messages."""
        ...

    def secret_name(self, handle: Handle) -> str:
        """Return the name of the secret that sending for this handle needs."""
        ...

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one message, once. Never raises after a byte may have left."""
        ...

    def price(self, outgoing: Outgoing) -> int:
        """Return what sending this costs at the platform, in millionths of a dollar."""
        ...

    def moderate(
        self, handle: Handle, platform_id: str, action: str, *, secret: Secret, places: Places
    ) -> SendResult:
        """Hide, unhide or delete a customer's public item, once."""
        ...

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Return the bytes of an attachment. Raises FetchError or FetchLaterError."""
        ...

    def polls(self, handle: Handle) -> int:
        """Return how many seconds apart to poll this handle; 0: it has webhooks."""
        ...

    def poll(self, wanted: Wanted, secret: Secret, places: Places) -> Polled:
        """Look once. Raises PollError."""
        ...

    def search_cost(self, most: int) -> int:
        """Return what one search costs at most, in millionths of a dollar."""
        ...

    def probes(self, handle: Handle) -> int:
        """Return how many seconds apart to probe this handle; 0: never."""
        ...

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask the platform whether it still delivers to us, and mend what can be mended.

        Never raises for what the platform or the network does.
        """
        ...

    def fetch_back(
        self, missed: Missed, secret: Secret, places: Places
    ) -> Iterable[Sequence[ChannelEvent]]:
        """Return what the platform still has of a stretch of time, in pages. Raises PollError."""
        ...

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return what to do in the platform's console to connect this handle, a step a line.

        With the exact callback URL and verify token; never an access token or app secret. `secret`
        is empty where there is none yet; the steps then say how to store it.
        """
        ...
