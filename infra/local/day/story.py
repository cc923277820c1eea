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
    TALK = "talk"  # about the brand, naming nobody: only a search finds it
    START = "start"  # follows an invitation's link
    AWAY = "away"  # an out-of-office note


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that happens.

    `at` is in seconds after the day began (for a reaction: after it was caused).

    `id` is the platform's id of the message it is about. `copies`: the same bytes are delivered
    again after so many seconds. `handle` is empty for the channel's usual account. `named`: the
    post names the brand.
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
    handle: str = ""
    named: bool = True


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a customer does on hearing something.

    Each reaction happens once, in order. `hears` begins the text that causes it; `then` follows
    the first action.
    """

    hears: str
    action: Action
    then: tuple[Action, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return everything that the customer does."""
        return (self.action, *self.then)


class Do(StrEnum):
    """What an agent does with a case."""

    REPLY = "reply"
    NOTE = "note"
    WAIT = "wait"
    RESOLVE = "resolve"
    INVITE = "invite"  # ask into a private talk
    HIDE = "hide"  # the message that shows personal data
    TRY = "try"  # a reply that must be refused


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an agent.

    Taken once the customer has written `inbound` messages and `outbound` replies are settled.
    `file` leaves with a reply; `refusal` is the code that a TRY must be refused with.
    """

    do: Do
    text: str = ""
    inbound: int = 1
    outbound: int = 0
    file: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """What must be true of a customer's conversation in the end.

    `replies` reach the customer exactly once each; `lost_replies` never do, and are marked failed.
    `surveys` is how many surveys were received, `scores` the answers recorded, in order.
    `breaches` are clocks that certainly run out. `invited` begins the invitation that the customer
    got and followed into a private talk, which is the same case. `hidden`: what showed `personal`
    data was hidden in time. `refused` are the API's refusals of what agents tried, `failures` the
    codes that the lost replies failed with. `files_in` and `files_out` are kept in the bucket.
    `case` false: nothing was opened.
    """

    replies: tuple[str, ...] = ()
    lost_replies: tuple[str, ...] = ()
    native: tuple[str, ...] = ()
    surveys: int = 0
    scores: tuple[int, ...] = ()
    reopens: int = 0
    closed: bool = True
    breaches: tuple[str, ...] = ()
    invited: str = ""
    personal: tuple[str, ...] = ()
    hidden: bool = False
    refused: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    opted_out: bool = False
    files_in: int = 0
    files_out: tuple[str, ...] = ()
    case: bool = True


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes.

    `ref` is the platform's id of the person as the table keeps it, `scene` the story this customer
    is in, `handle` the brand's account where it is not the channel's usual one.
    """

    ref: str
    name: str
    channel: Channel
    scene: str
    steps: tuple[Step, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    faults: tuple[Fault, ...] = ()
    ends: Ends = field(default_factory=Ends)
    handle: str = ""


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


POLLED = frozenset({Channel.YOUTUBE, Channel.MASTODON, Channel.BLUESKY})
"""Networks without webhooks: what is written there is found when we look."""

PUBLIC_ONLY = frozenset({Channel.FACEBOOK_PAGE, Channel.YOUTUBE})


def told(action: Action) -> bool:
    """Return whether a platform tells us of an action by a webhook."""
    return action.channel not in POLLED and action.does is not Does.TALK


SURVEY_BEGINS = "Thanks for writing to us."
"""How the survey of the local policy begins.

By this customers (and the audit) know it from a reply.
"""
