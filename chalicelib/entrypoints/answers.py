"""Answers: what the API shows.

Built field by field from the domain, so that nothing leaves by accident: a conversation's task
token and its internal revision never do.
"""

from datetime import datetime

import msgspec

from chalicelib.bootstrap import Parts
from chalicelib.domain.case import Case, FollowUp, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Conversation, Side, spot
from chalicelib.domain.window import seconds_left
from chalicelib.entrypoints import answers_approvals
from chalicelib.entrypoints.answers_approvals import ApprovalAnswer, PromiseAnswer
from chalicelib.entrypoints.answers_clocks import ClockAnswer, clock
from chalicelib.workflows.answering.spot import room_at


class Answer(msgspec.Struct):
    """What every answer is: plain data."""


class CaseAnswer(Answer):
    """One request of the customer.

    `approvals` wait for somebody who may; `promised` is what was promised in this case, in sums.
    """

    id: str
    number: int
    status: Status
    handle: str
    team: str
    priority: str
    vip: bool
    labels: tuple[str, ...]
    language: str
    assignee: str
    offered_to: str
    offered_until: datetime | None
    opened_at: datetime
    unanswered_since: datetime | None
    clocks: tuple[ClockAnswer, ...]
    snoozed_until: datetime | None
    waiting_reason: str
    resolved_at: datetime | None
    resolved_by: str
    resolution: str
    reopens: int
    follow_up: FollowUp
    closed_at: datetime | None
    stuck: str
    approvals: tuple[ApprovalAnswer, ...]
    promised: tuple[PromiseAnswer, ...]


class MayAnswer(Answer):
    """What may be sent now.

    `seconds_left` None: no window. `human_only`: only words typed by a person, as replies here are.
    """

    reply: bool
    human_only: bool
    seconds_left: int | None
    closes_at: datetime | None
    text_limit: int
    text_unit: str
    instead: str


class SideAnswer(Answer):
    """The private side of a public conversation. `joined_at` null: the customer is not there yet.

    `conversation_id` is the private talk, whose messages stand here while the case goes on.
    """

    channel: Channel
    handle: str
    conversation_id: str
    invited_at: datetime
    joined_at: datetime | None


class ConversationAnswer(Answer):
    """A conversation with its newest case. Send `version` back with a change.

    `joined`, on a private conversation: the public one that has its case while that goes on.
    `opted_out_at`: the customer asked for no more messages here.
    """

    id: str
    version: int
    channel: Channel
    handle: str
    public: bool
    contact_id: str
    contact_name: str
    post_id: str
    title: str
    created_at: datetime
    last_message_at: datetime | None
    messages: int
    opted_out_at: datetime | None
    side: SideAnswer | None
    joined: str
    case: CaseAnswer | None
    may: MayAnswer


def conversation(parts: Parts, found: Conversation) -> ConversationAnswer:
    """Return what the API shows of a conversation, with what may be done now."""
    now = parts.now()
    return ConversationAnswer(
        id=found.id,
        version=found.version,
        channel=found.channel,
        handle=found.handle,
        public=found.public,
        contact_id=found.contact_id,
        contact_name=found.contact_name,
        post_id=found.post_id,
        title=found.title,
        created_at=found.created_at,
        last_message_at=found.last_message_at,
        messages=found.messages,
        opted_out_at=found.opted_out_at,
        side=_side(found.side) if found.side else None,
        joined=found.joined,
        case=case(parts, found, found.case) if found.case else None,
        may=may(parts, found, now),
    )


def may(parts: Parts, found: Conversation, now: datetime) -> MayAnswer:
    """Return what may be sent into the conversation at `now`, on the side where replies go."""
    space = room_at(parts, spot(found, public=found.latest_public))
    return MayAnswer(
        reply=space.open and found.opted_out_at is None,
        human_only=space.human_only,
        seconds_left=seconds_left(space.closes_at, now),
        closes_at=space.closes_at,
        text_limit=space.text_limit,
        text_unit=space.text_unit,
        instead=space.instead,
    )


def _side(found: Side) -> SideAnswer:
    return SideAnswer(
        channel=found.channel,
        handle=found.handle,
        conversation_id=found.conversation_id,
        invited_at=found.invited_at,
        joined_at=found.joined_at,
    )


def case(parts: Parts, found: Conversation, newest: Case) -> CaseAnswer:
    """Return what the API shows of a conversation's case."""
    now = parts.now()
    return CaseAnswer(
        id=found.case_id,
        number=newest.number,
        status=newest.status,
        handle=newest.handle,
        team=newest.team,
        priority=newest.priority,
        vip=newest.vip,
        labels=newest.labels,
        language=newest.language,
        assignee=newest.assignee,
        offered_to=newest.offered_to,
        offered_until=newest.offered_until,
        opened_at=newest.opened_at,
        unanswered_since=newest.unanswered_since,
        clocks=tuple(clock(one, now) for one in newest.clocks),
        snoozed_until=newest.snoozed_until,
        waiting_reason=newest.waiting_reason,
        resolved_at=newest.resolved_at,
        resolved_by=newest.resolved_by,
        resolution=newest.resolution,
        reopens=newest.reopens,
        follow_up=newest.follow_up,
        closed_at=newest.closed_at,
        stuck=newest.stuck,
        approvals=answers_approvals.approvals(parts, found, newest),
        promised=answers_approvals.promises(newest.promised),
    )
