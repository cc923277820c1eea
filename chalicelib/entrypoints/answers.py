"""Answers: what the API shows.

Built field by field from the domain, so that nothing leaves by accident: a conversation's task
token and its internal revision never do.
"""

from datetime import datetime

import msgspec

from chalicelib.bootstrap import Parts
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.domain.case import Case, FollowUp, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import Clock
from chalicelib.domain.conversation import Conversation, Side, spot
from chalicelib.domain.window import seconds_left
from chalicelib.workflows.answering.spot import room_at


class Answer(msgspec.Struct):
    """What every answer is: plain data."""


class ClockAnswer(Answer):
    """One promise.

    `state`: running, paused, met, breached or cancelled; `due_at` means nothing while paused.
    """

    name: str
    state: str
    due_at: datetime
    warn_at: datetime
    started_at: datetime
    target_seconds: int
    breached_at: datetime | None
    stopped_at: datetime | None
    seconds_left: int | None


class CaseAnswer(Answer):
    """One request of the customer."""

    id: str
    number: int
    status: Status
    handle: str
    team: str
    priority: str
    assignee: str
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


class AgentAnswer(Answer):
    """Somebody who answers customers. `load` and `capacity` are in hundredths of a case."""

    id: str
    name: str
    email: str
    teams: tuple[str, ...]
    role: Role
    presence: Presence
    presence_at: datetime | None
    capacity: int
    load: int
    last_assigned_at: datetime | None
    rev: int


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
        case=case(found, found.case, now) if found.case else None,
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


def case(found: Conversation, newest: Case, now: datetime) -> CaseAnswer:
    """Return what the API shows of a conversation's case."""
    return CaseAnswer(
        id=found.case_id,
        number=newest.number,
        status=newest.status,
        handle=newest.handle,
        team=newest.team,
        priority=newest.priority,
        assignee=newest.assignee,
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
    )


def clock(one: Clock, now: datetime) -> ClockAnswer:
    """Return what the API shows of a clock; `seconds_left` is below zero once it ran out."""
    running = one.outcome is None and one.paused_at is None
    return ClockAnswer(
        name=one.name.value,
        state=one.outcome.value if one.outcome else "running" if running else "paused",
        due_at=one.due_at,
        warn_at=one.warn_at,
        started_at=one.started_at,
        target_seconds=one.target_seconds,
        breached_at=one.breached_at,
        stopped_at=one.stopped_at,
        seconds_left=int((one.due_at - now).total_seconds()) if running else None,
    )


def agent(found: Agent) -> AgentAnswer:
    """Return what the API shows of an agent."""
    return AgentAnswer(
        id=found.id,
        name=found.name,
        email=found.email,
        teams=found.teams,
        role=found.role,
        presence=found.presence,
        presence_at=found.presence_at,
        capacity=found.capacity,
        load=found.load,
        last_assigned_at=found.last_assigned_at,
        rev=found.rev,
    )
