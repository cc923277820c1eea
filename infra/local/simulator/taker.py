"""What a simulated network is to the server: a path prefix, and an answer to each call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of ours to a network. `path` is without the prefix; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """What the network says. `silent`: it says nothing at all and lets the caller wait."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


class Taker(Protocol):
    """One network. The server sends it every call whose path begins with `/<prefix>/`."""

    prefix: str

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        ...


@dataclass(frozen=True, slots=True)
class Posting:
    """One webhook of a network, signed and ready to be posted to us, again and again.

    `path` is ours: `/webhooks/x/acme-x`. `name` says what it is, for people.
    """

    name: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
