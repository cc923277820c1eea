"""Networks: what the workflows need of the channels, as Protocols, and the words for its answers.

Implemented by the floor of the channels; fakes in tests.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.channel import Capabilities
from chalicelib.domain.event import Attachment, ChannelEvent, kind_of
from chalicelib.domain.policy import Handle

NO_ANSWER = "no_answer"
"""The error code of an attempt that left and got no answer."""


class SendState(StrEnum):
    """How sending ended, as far as we can tell."""

    ACCEPTED = "accepted"
    RETRY = "retry"  # certainly not sent, may work later
    FAILED = "failed"  # certainly not sent, will not work
    UNKNOWN = "unknown"  # may have been sent


class ErrorClass(StrEnum):
    """Why sending failed, as far as it decides what happens next."""

    NONE = ""
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    CHANNEL = (
        "channel"  # token, permission, payment: every reply on this handle fails; people are told
    )
    WINDOW = "window"
    RECIPIENT = "recipient"
    CONTENT = "content"
    LIMIT = "limit"  # a business limit: not for hours
    BUDGET = "budget"  # the month's money is spent
    UNANSWERED = "unanswered"  # no answer after the request left


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the platform said to one attempt.

    `recipient` is who got it, where the platform names them differently in private (the answer to
    an invitation).
    """

    state: SendState
    platform_id: str = ""
    error_class: ErrorClass = ErrorClass.NONE
    error_code: str = ""
    error_text: str = ""
    retry_after_seconds: int = 0
    recipient: str = ""


class ReadFile(Protocol):
    """Reads a file that leaves with a message; called only where the platform wants the bytes."""

    def __call__(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class File:
    """A file that leaves with a message. `url` gives it to the platform for an hour."""

    name: str
    mime_type: str
    size: int
    url: str
    read: ReadFile

    @property
    def kind(self) -> str:
        """Return image, video, audio or document."""
        return kind_of(self.mime_type)


@dataclass(frozen=True, slots=True)
class Template:
    """A prepared message that the platform knows by name."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send. `token` is our message id, handed to the platform where it takes one.

    `reply_to_id` is the platform id of the customer's message answered; `recipient` the
    customer's platform id. `handle` and `public` say where: for the private side of a public
    conversation they are the private ones.
    `human`: typed by a person, so that the longer window may be used when `outside_window`.
    `invite`: asks the writer of the public item `reply_to_id` into a private talk.
    `thread` is our conversation's id, for reply addresses; `answers` the platform ids of the
    thread so far, oldest first, and `title` its subject (mail).
    """

    token: str
    handle: Handle
    recipient: str
    public: bool
    text: str
    reply_to_id: str = ""
    post_id: str = ""
    human: bool = True
    outside_window: bool = False
    invite: bool = False
    files: tuple[File, ...] = ()
    template: Template | None = None
    title: str = ""
    thread: str = ""
    answers: tuple[str, ...] = ()
    contact_name: str = ""


class Sender(Protocol):
    """The channels, as far as the workflows use them to answer."""

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities: ...
    def send(self, outgoing: Outgoing) -> SendResult: ...
    def moderate(self, handle: Handle, platform_id: str, action: str) -> SendResult:
        """Hide, unhide or delete a customer's public item, once."""
        ...


class HookSender(Protocol):
    """Delivers outgoing webhooks."""

    def deliver(self, url: str, secret_name: str, event_id: str, body: bytes) -> SendResult:
        """Sign and send one event, once. Never raises after a byte may have left.

        RETRY and UNKNOWN may be tried again: the receiver recognises `event_id`.
        """
        ...


class NotSentError(Exception):
    """Raised when the request certainly never reached the platform: no connection was made."""


class NoAnswerError(Exception):
    """Raised when the request left and no answer came: it may have been carried out."""


class AwsRefusedError(Exception):
    """Raised when an AWS service answered with an error: `code` is AWS's own name of it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class FetchError(Exception):
    """Raised when a file will not be had. `reason` is a short machine word to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FetchLaterError(Exception):
    """Raised when a file could not be had now and may be later."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as the platform gave it. `mime_type` is what its bytes say where they say."""

    body: bytes
    mime_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Polled:
    """What one look at a network without webhooks brought.

    `cursor` is where the next look begins; it is kept only once all events are safe.
    `again_seconds`: look again that soon (0: as usual), because there was more or the network asks
    for it. `cost_micros`: what the look was charged.
    """

    events: tuple[ChannelEvent, ...] = ()
    ignored: tuple[str, ...] = ()
    odd: tuple[bytes, ...] = ()
    cursor: str = ""
    again_seconds: int = 0
    cost_micros: int = 0


class PollError(Exception):
    """Raised when a network could not be read. `reason` is a short machine word.

    `lasting`: it will not pass by itself (token, permission). `wait_seconds`: not before.
    """

    def __init__(self, reason: str, *, lasting: bool = False, wait_seconds: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting
        self.wait_seconds = wait_seconds


class HealthState(StrEnum):
    """How a handle's connection to its platform is."""

    WELL = "well"
    REPAIRED = "repaired"  # it was broken, and the probe mended it
    BROKEN = "broken"  # a person must act
    UNKNOWN = "unknown"  # the platform could not be asked


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe of a handle found. `problem` is plain words for an operator, without secrets.

    `missed_since`: events since then may be missing and should be fetched back.
    """

    state: HealthState
    problem: str = ""
    missed_since: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a poller looks for: mentions and comments of a handle, or words (`words` not empty)."""

    handle: Handle
    words: str = ""
    most: int = 100
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """A stretch of time to fetch back for a handle."""

    handle: Handle
    since: datetime
    until: datetime
    known: tuple[str, ...] = field(default=())


class Network(Protocol):
    """The channels, as far as the workflows use them to look for themselves."""

    def polls(self, handle: Handle) -> int:
        """Return how many seconds apart this handle is to be polled; 0: it has webhooks."""
        ...

    def poll(self, wanted: Wanted) -> Polled:
        """Look once. Raises PollError."""
        ...

    def search_cost(self, handle: Handle, most: int) -> int:
        """Return what one search may cost at most, in millionths of a dollar."""
        ...

    def probes(self, handle: Handle) -> int:
        """Return how many seconds apart this handle's connection is to be probed; 0: never."""
        ...

    def probe(self, handle: Handle) -> Health: ...
    def fetch_back(self, missed: Missed) -> Iterable[Sequence[ChannelEvent]]:
        """Return what the platform still has of a stretch of time, in pages. Raises PollError."""
        ...

    def fetch(self, handle: Handle, attachment: Attachment, most_bytes: int) -> Fetched:
        """Return an attachment's bytes. Raises FetchError or FetchLaterError."""
        ...
