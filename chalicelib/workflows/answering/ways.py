"""Ways: how a customer can be answered now, and whether a draft would be taken, before it is sent.

Reads only: nothing here changes anything, and the reply itself is checked again by the same rules.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import personal, window
from chalicelib.domain.access import Actor
from chalicelib.domain.channel import Capabilities, Channel, Invite
from chalicelib.domain.conversation import Conversation, Spot, spot
from chalicelib.domain.personal import Finding
from chalicelib.workflows.answering import invite, limits
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.answering.spot import can_at, chosen, handle_at, opted_out_at, room_at
from chalicelib.workflows.change import team_of
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.intake.personal import REGION
from chalicelib.workflows.ports import Parts

MOST_ELSEWHERE = 10
PUBLIC, PRIVATE = "public", "private"
BEFOREHAND = frozenset({"joined_elsewhere", "opted_out", "not_summoned", "window_closed"})
"""What keeps any words from leaving, whatever they are."""


@dataclass(frozen=True, slots=True)
class ReplyWay:
    """A reply on one side. `default`: where it goes by itself; `refused`: why none may leave now.

    `template`: only a prepared message may leave.
    """

    side: str
    default: bool
    at: Spot
    can: Capabilities
    room: window.Room
    seconds_left: int | None
    refused: tuple[RefusedError, ...]
    template: bool


@dataclass(frozen=True, slots=True)
class InviteWay:
    """An invitation to a private talk. `refused`: why not now."""

    kind: Invite
    channel: Channel | None = None
    handle: str = ""
    until: datetime | None = None
    seconds_left: int | None = None
    refused: RefusedError | None = None


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another conversation with the same person. `open`: a reply may leave there now."""

    conversation_id: str
    channel: Channel
    handle: str
    public: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """Every way to answer a customer now."""

    replies: tuple[ReplyWay, ...]
    invite: InviteWay | None
    others: tuple[OtherWay, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a draft is on the side it is for, and why it would be refused (empty: it would not)."""

    side: str
    can: Capabilities
    length: int
    left: int
    personal: tuple[Finding, ...]
    refused: tuple[RefusedError, ...]


def ways(parts: Parts, actor: Actor, conversation: Conversation) -> Ways:
    """Return every way to answer; of other conversations those this person may see."""
    sides = [conversation.public]
    if conversation.side is not None and conversation.side.joined_at is not None:
        sides.append(False)
    replies = tuple(_reply(parts, conversation, public=public) for public in sides)
    return Ways(replies, _invite(parts, conversation), _others(parts, actor, conversation))


def _reply(parts: Parts, conversation: Conversation, *, public: bool) -> ReplyWay:
    at, now = spot(conversation, public=public), parts.now()
    room, can = room_at(parts, at), can_at(parts, at)
    found = limits.refusals(parts, conversation, at, Draft("-"))
    refused = tuple(one for one in found if one.code in BEFOREHAND)
    return ReplyWay(
        side=PUBLIC if public else PRIVATE,
        default=public == conversation.latest_public,
        at=at,
        can=can,
        room=room,
        seconds_left=window.seconds_left(room.closes_at, now),
        refused=refused,
        template=can.templates and [one.code for one in refused] == ["window_closed"],
    )


def _invite(parts: Parts, conversation: Conversation) -> InviteWay | None:
    if not conversation.public:
        return None
    kind = can_at(parts, spot(conversation, public=True)).invite
    try:
        found = invite.offer(parts, conversation)
    except NotNowError as refused:
        return InviteWay(kind, refused=refused)
    left = window.seconds_left(found.until, parts.now())
    return InviteWay(kind, found.handle.channel, found.handle.id, found.until, left)


def _others(parts: Parts, actor: Actor, conversation: Conversation) -> tuple[OtherWay, ...]:
    """Return the same person's other conversations, newest first; not the joined private talk."""
    side = conversation.side
    known = {conversation.id, side.conversation_id if side else ""}
    page = parts.views.conversations_of(conversation.contact_id, MOST_ELSEWHERE)
    seen = (one for one in page.rows if actor.sees(team_of(parts, one)))
    return tuple(_other(parts, one) for one in seen if one.id not in known)


def _other(parts: Parts, other: Conversation) -> OtherWay:
    at = spot(other, public=other.public)
    free = opted_out_at(parts, other, at) is None and room_at(parts, at).open
    return OtherWay(other.id, other.channel, other.handle, other.public, free)


def check(parts: Parts, conversation: Conversation, draft: Draft) -> Checked:
    """Return what a reply with this draft would be told. Never raises a refusal."""
    try:
        at = chosen(conversation, draft.side)
        refused = limits.refusals(parts, conversation, at, draft)
    except RefusedError as error:
        at, refused = spot(conversation, public=conversation.public), (error,)
    can = can_at(parts, at)
    length = can.measure(draft.whole)
    return Checked(
        side=PUBLIC if at.public else PRIVATE,
        can=can,
        length=length,
        left=can.text_limit - length,
        personal=_personal(parts, at, draft.text),
        refused=refused,
    )


def _personal(parts: Parts, at: Spot, text: str) -> tuple[Finding, ...]:
    """Return the places of personal data, on any side: an agent may want to know."""
    policy = parts.policies.current()
    if not policy.privacy.detect:
        return ()
    region = handle_at(policy, at).settings.get(REGION) or policy.privacy.region
    try:
        found = parts.detector.find(text, region)
    except Exception:  # noqa: BLE001 - a broken detector must not keep anybody from writing
        parts.meter.count("DetectorFailed", channel=at.channel.value)
        return ()
    return personal.without(found, text, policy.privacy.allowed)
