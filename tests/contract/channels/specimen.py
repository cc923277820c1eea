"""A specimen: what the conformance suite needs to know of one room to hold it to the contract.

A room's specimen says how its platform signs and what it sends. Where a network has no such thing
(Telegram tells of no deletion) the builder returns None, and the suite notes that the case does not
apply; it never passes silently for want of an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.channels.contract import Said, Secret
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendState

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of the platform as our door gets it. `url` as in Room.verify."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Handshake:
    """A platform's question. `said` None: it must be refused."""

    query: Mapping[str, str]
    said: Said | None


@dataclass(frozen=True, slots=True)
class Vector:
    """A request whose signature somebody else computed. `good` False: it must be refused."""

    name: str
    signed: Signed
    secret: Secret
    good: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """An error the platform answers a sending with, and what we must make of it."""

    name: str
    status: int
    body: bytes
    state: SendState
    error_class: ErrorClass
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a customer (or the brand, for an echo) does. `at` is the platform's time.

    `numeric`: write ids as JSON numbers where the platform has ever done so.
    `milliseconds`: True or False asks for that unit of time where the platform uses both.
    """

    id: str = "9007199254740993"
    who: str = "9007199254740995"
    name: str = "Ana"
    text: str = "Where is my order?"
    at: datetime = NOW
    parent: str = ""
    numeric: bool = False
    milliseconds: bool | None = None


class Specimen:
    """What one room's platform sends. Subclass it as tests/contract/channels/<room>_specimen.py.

    The module names its specimens in SPECIMENS (one a surface: direct messages, comments, ...).
    """

    name: str  # of the surface, for the test's id: "x-posts"
    room: str
    handle: Handle
    public: bool = False
    secret: Secret
    signs_time: bool = False  # a captured request must be refused when it is old
    signs_body: bool = True  # False: a shared token in a header (Telegram)

    def sign(self, body: bytes, at: datetime = NOW) -> Signed:
        """Return the body as the platform delivers it."""
        raise NotImplementedError

    def signature_header(self) -> str:
        """Return the name of the header that proves the sender."""
        raise NotImplementedError

    def handshakes(self) -> Sequence[Handshake]:
        """Return the platform's questions, right ones and wrong ones."""
        return ()

    def vectors(self) -> Sequence[Vector]:
        """Return requests whose signature somebody else computed."""
        return ()

    def reserialised(self, body: bytes) -> bytes | None:
        """Return other bytes that mean the same; None where the signature covers the meaning."""
        raise NotImplementedError

    def message(self, words: Words) -> bytes:
        """Return a body with one message of a customer."""
        raise NotImplementedError

    def batch(self, many: Sequence[Words]) -> bytes | None:
        """Return one body with several messages; None where a body holds one."""
        return None

    def echo(self, words: Words, token: str = "") -> bytes | None:
        """Return a body with a message of the brand itself; None where none comes back."""
        return None

    def edit(self, words: Words) -> bytes | None:
        """Return a body that gives the message `words.id` another text."""
        return None

    def delete(self, words: Words) -> bytes | None:
        """Return a body that takes the message `words.id` away."""
        return None

    def reaction(self, words: Words, emoji: str = "👍") -> bytes | None:
        """Return a body with a reaction to the message `words.id`."""
        return None

    def receipt(self, words: Words, state: str) -> bytes | None:
        """Return a body that says a message of ours was sent, delivered, read or failed."""
        return None

    def unknown(self) -> bytes:
        """Return a body of a kind that the platform may invent tomorrow."""
        raise NotImplementedError

    def odd(self) -> bytes | None:
        """Return a body one element of which cannot be read; None where nothing is like that."""
        return None

    def outgoing(self, text: str = "We are on it.") -> Outgoing:
        """Return a reply to send."""
        raise NotImplementedError

    def accepted(self) -> tuple[int, bytes]:
        """Return (status, body) of the platform's yes to a sending."""
        raise NotImplementedError

    def accepted_id(self) -> str:
        """Return the platform id that this yes gives our message."""
        raise NotImplementedError

    def failures(self) -> Sequence[Failure]:
        """Return every kind of no."""
        raise NotImplementedError

    def place(self) -> str:
        """Return the name under which Places.urls holds this network's base URL.

        "graph" for Meta, "" for one that has its address in the secret or the handle.
        """
        return self.room
