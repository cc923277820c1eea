"""The nouns of a day.

They are customers, what they do and when, what agents are to do, and what must come of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.channel import Channel
from infra.local.simulator.faults import Fault


class Does(StrEnum):
    """What happens on a platform."""

    SAY = "say"
    EDIT = "edit"
    REMOVE = "remove"  # a comment removed, a message unsent
    BRAND_POST = "brand_post"
    NATIVE_REPLY = "native_reply"  # the brand answers in the platform's own app
    UNKNOWN = "unknown"  # signed, of a kind nobody knows
    UNREADABLE = "unreadable"  # signed, but no JSON
    FORGED = "forged"  # signed with a key that is not ours


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that happens.

    `at` is in seconds after the day began (for a reaction: after it was caused).

    `id` is the platform's id of the message it is about. `copies`: the same bytes are delivered
    again after so many seconds.
    """

    at: float
    does: Does
    channel: Channel
    customer: str = ""
    id: str = ""
    text: str = ""
    post: str = ""
    parent: str = ""
    media: str = ""
    copies: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a customer does on hearing something.

    Each reaction happens once, in order. `hears` begins the text that causes it.
    """

    hears: str
    action: Action


class Do(StrEnum):
    """What an agent does with a case."""

    REPLY = "reply"
    NOTE = "note"
    WAIT = "wait"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an agent.

    Taken once the customer has written `inbound` messages and `outbound` replies are settled.
    """

    do: Do
    text: str = ""
    inbound: int = 1
    outbound: int = 0


@dataclass(frozen=True, slots=True)
class Ends:
    """What must be true of a customer's conversation in the end.

    `replies` reach the customer exactly once each; `lost_replies` never do, and are marked failed.
    `surveys` is how many surveys were received, `scores` the answers recorded, in order.
    `breaches` are clocks that certainly run out.
    """

    replies: tuple[str, ...] = ()
    lost_replies: tuple[str, ...] = ()
    native: tuple[str, ...] = ()
    surveys: int = 0
    scores: tuple[int, ...] = ()
    reopens: int = 0
    closed: bool = True
    breaches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes.

    `ref` is the platform's id of the person, `scene` the story this customer is in.
    """

    ref: str
    name: str
    channel: Channel
    scene: str
    steps: tuple[Step, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    faults: tuple[Fault, ...] = ()
    ends: Ends = field(default_factory=Ends)


@dataclass(frozen=True, slots=True)
class Scene:
    """A few customers and what happens around them."""

    customers: tuple[Customer, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole day: `actions` in order of time; `seconds` is when the last of them happens."""

    seed: int
    customers: tuple[Customer, ...]
    actions: tuple[Action, ...]

    @property
    def seconds(self) -> float:
        """Return when the last planned action happens."""
        return self.actions[-1].at

    def by_ref(self) -> Mapping[str, Customer]:
        """Return the customers by their platform id."""
        return {customer.ref: customer for customer in self.customers}


SURVEY_BEGINS = "Thanks for writing to us."
"""How the survey of the local policy begins.

By this customers (and the audit) know it from a reply.
"""
