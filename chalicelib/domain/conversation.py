"""Conversations: the lasting talk with one contact in one place, and its private side."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.channel import Channel

MOST_PENDING = 20
"""How many replies on their way a conversation remembers for their echoes."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A reply on its way that the platform has not accepted yet.

    `fingerprint` recognises its echo.
    """

    message_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Side:
    """The private side of a public conversation: the same case, in a private place.

    The customer was invited there at `invited_at`; messages from there are stored in the public
    conversation, with `public` false. `contact_ref` and `conversation_id` are empty until the
    platform has told who the customer is there. `code` is what an invitation's link carries.
    """

    channel: Channel
    handle: str
    account_id: str
    invited_at: datetime
    contact_ref: str = ""
    conversation_id: str = ""
    joined_at: datetime | None = None
    last_inbound_at: datetime | None = None
    last_inbound_id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The lasting talk with one contact in one place, with its newest case.

    `version` changes with everything an agent can see and is what a change is based on; `rev`
    changes with every write.
    `token` and `armed_for` belong to the waiting machine: the task token and the instant it
    wakes by itself.
    `last_inbound_at` opens the reply window; `last_inbound_id` is the platform id a public
    reply answers. `contact_ref` is the platform's id that replies go to, `refs` every id that the
    contact was seen under here. `title` is a mail's subject. `opted_out_at`: the customer asked for
    no more messages here. `side` is the private side of a public conversation; `joined` names, on
    a private conversation, the public one whose case its messages belong to while that is open.
    """

    id: str
    channel: Channel
    handle: str
    account_id: str
    public: bool
    contact_id: str
    contact_ref: str
    created_at: datetime
    refs: tuple[str, ...] = ()
    contact_name: str = ""
    post_id: str = ""
    case: Case | None = None
    last_message_at: datetime | None = None
    last_inbound_at: datetime | None = None
    last_inbound_id: str = ""
    preview_id: str = ""
    messages: int = 0
    pending: tuple[Pending, ...] = ()
    token: str = ""
    armed_for: datetime | None = None
    version: int = 0
    rev: int = 0
    title: str = ""
    last_inbound_flags: tuple[str, ...] = ()
    opted_out_at: datetime | None = None
    side: Side | None = None
    joined: str = ""

    @property
    def case_id(self) -> str:
        """Return the id of the newest case, `<conversation id>-<number>`.

        Empty when there is none.
        """
        return f"{self.id}-{self.case.number}" if self.case else ""

    @property
    def seen(self) -> tuple[datetime, ...]:
        """Return the times of asking that whoever writes now can see in the newest case."""
        return self.case.seen if self.case else ()

    @property
    def latest_public(self) -> bool:
        """Return whether the customer last wrote in public: where a reply goes by itself."""
        side = self.side
        if side is None or side.joined_at is None or side.last_inbound_at is None:
            return self.public
        return self.last_inbound_at is not None and self.last_inbound_at > side.last_inbound_at


@dataclass(frozen=True, slots=True)
class Spot:
    """One side of a conversation, as what leaves there sees it.

    `contact_ref` empty: the customer is not there yet. `flags` are those of the customer's newest
    message there.
    """

    public: bool
    channel: Channel
    handle: str
    account_id: str
    contact_ref: str
    last_inbound_at: datetime | None = None
    last_inbound_id: str = ""
    flags: tuple[str, ...] = ()
    post_id: str = ""


def spot(conversation: Conversation, *, public: bool) -> Spot:
    """Return one side of a conversation: its own, or the private side of a public one."""
    side = conversation.side
    if side is None or public == conversation.public:
        return Spot(
            conversation.public,
            conversation.channel,
            conversation.handle,
            conversation.account_id,
            conversation.contact_ref,
            conversation.last_inbound_at,
            conversation.last_inbound_id,
            conversation.last_inbound_flags,
            conversation.post_id,
        )
    return Spot(
        public=False,
        channel=side.channel,
        handle=side.handle,
        account_id=side.account_id,
        contact_ref=side.contact_ref,
        last_inbound_at=side.last_inbound_at,
        last_inbound_id=side.last_inbound_id,
    )
