"""Records: which row each noun becomes, and each noun from its row again.

What changes without the rest of a row (the waiting machine's token, an agent's load, every `rev`)
stands beside the body and is not in it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain import file
from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.case import Case, Status
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import ANNOUNCED, Entry
from chalicelib.domain.message import DeliveryState, Direction, Message
from chalicelib.domain.outlook import deadline
from chalicelib.store import keys
from chalicelib.store.beginning import beginning
from chalicelib.store.codec import decode, encode
from chalicelib.store.rows import Row
from chalicelib.workflows.ports import LogRow, Reference, Request

Values = dict[str, Any]
"""The attributes of one row, by name."""


def head(conversation: Conversation) -> Values:
    """Return the row of a conversation, its `rev` raised by one, with the keys of its lists."""
    case = conversation.case
    return {
        "pk": keys.conversation(conversation.id),
        "sk": keys.HEAD,
        "kind": "head",
        "body": encode(replace(conversation, rev=0, token="", armed_for=None)),
        "rev": conversation.rev + 1,
        "version": conversation.version,
        "conversation_id": conversation.id,
        "channel": conversation.channel.value,
        "case_id": conversation.case_id or None,
        "case_number": case.number if case else None,
        "generation": case.generation if case else None,
        "status": case.status.value if case else None,
        "token": conversation.token or None,
        "armed_for": stamp(conversation.armed_for) if conversation.armed_for else None,
        "contact_pk": keys.contact(conversation.contact_id),
        "created": keys.at(conversation.created_at, conversation.id),
    } | _lists(conversation)


def conversation(row: Row) -> Conversation:
    """Return the conversation that a row holds."""
    body = decode(row.body, Conversation)
    return replace(body, rev=int(row.rev), token=row.token or "", armed_for=instant(row.armed_for))


def message(message: Message) -> Values:
    """Return the row of a message, with its `rev` raised by one."""
    return {
        "pk": keys.conversation(message.conversation_id),
        "sk": keys.message(message.id),
        "kind": "message",
        "body": encode(replace(message, rev=0)),
        "rev": message.rev + 1,
        "at": keys.at(message.sent_at, message.id),
    } | _followed(message)


def _followed(message: Message) -> Values:
    """Return what the stream reads of a message that something follows from, or nothing.

    It may leave, have files to fetch, be hidden at its platform or hold personal data. `follow`
    lets all but the first through the one filter that is left: AWS allows five.
    """
    found = _sending(message) | _moderated(message)
    if file.wanted(message):
        found["files"] = "wanted"
    if message.personal and message.public and message.direction is Direction.INBOUND:
        found["personal"] = "yes"
    if not found:
        return {}
    due = found.get("moderation") == DeliveryState.QUEUED or {"files", "personal"} & set(found)
    ids = {"conversation_id": message.conversation_id, "message_id": message.id}
    return ids | found | ({"follow": "yes"} if due else {})


def _sending(message: Message) -> Values:
    if message.delivery is None:
        return {}
    return {"delivery": message.delivery.state.value, "rounds": message.rounds}


def _moderated(message: Message) -> Values:
    moderation = message.moderation
    if moderation is None:
        return {}
    return {"moderation": moderation.state.value, "moderation_rounds": moderation.rounds}


def message_of(row: Row) -> Message:
    """Return the message that a row holds."""
    return replace(decode(row.body, Message), rev=int(row.rev))


def log(conversation: Conversation, entries: tuple[Entry, ...]) -> Values:
    """Return the row of what happened at this version of the conversation."""
    stamped = tuple(replace(entry, version=conversation.version) for entry in entries)
    return {
        "pk": keys.conversation(conversation.id),
        "sk": keys.log(conversation.version),
        "kind": "log",
        "body": encode(stamped),
        "conversation_id": conversation.id,
        "version": conversation.version,
        "kinds": {entry.kind.value for entry in entries},
        "alert": "yes" if any(entry.kind in ANNOUNCED for entry in entries) else None,
        "policy": conversation.case.policy_version if conversation.case else None,
    } | beginning(conversation.id, entries)


def log_of(row: Row) -> LogRow:
    """Return what a log row tells, oldest first."""
    return LogRow(decode(row.body, tuple[Entry, ...]), instant(row.announced_at))


def snapshot(conversation_id: str, case: Case) -> Values:
    """Return the row that keeps a case that is over."""
    return {
        "pk": keys.conversation(conversation_id),
        "sk": keys.case(case.number),
        "kind": "case",
        "body": encode(case),
    }


def request(conversation_id: str, request: Request, expires_at: datetime) -> Values:
    """Return the row of a request. It may be there for days after `expires_at`."""
    return {
        "pk": keys.conversation(conversation_id),
        "sk": keys.request(request.key),
        "kind": "request",
        "body": encode(request),
        "expires_at": expires_at,
    }


def reference(reference: Reference) -> Values:
    """Return the row of a reference, its `rev` raised by one."""
    return {
        "pk": keys.reference(reference.channel, reference.account_id, reference.platform_id),
        "sk": keys.REFERENCE,
        "kind": "reference",
        "body": encode(replace(reference, rev=0)),
        "rev": reference.rev + 1,
    }


def reference_of(row: Row) -> Reference:
    """Return the reference that a row holds."""
    return replace(decode(row.body, Reference), rev=int(row.rev))


def agent(agent: Agent) -> Values:
    """Return the row of an agent who carries nothing, its `rev` raised by one."""
    return {
        "pk": keys.AGENTS,
        "sk": keys.agent(agent.id),
        "kind": "agent",
        "body": encode(_profile(agent)),
        "rev": agent.rev + 1,
        "teams": list(agent.teams),
        "presence": agent.presence.value,
        "presence_at": stamp(agent.presence_at) if agent.presence_at else None,
        "capacity": agent.capacity,
        "load": 0,
        "spare": agent.capacity,
    }


def _profile(agent: Agent) -> Agent:
    away = replace(agent, presence=Presence.OFFLINE, presence_at=None)
    return replace(away, rev=0, load=0, last_assigned_at=None)


def agent_of(row: Row) -> Agent:
    """Return the agent that a row holds."""
    return replace(
        decode(row.body, Agent),
        rev=int(row.rev),
        load=int(row.load),
        presence=Presence(row.presence),
        presence_at=instant(row.presence_at),
        last_assigned_at=instant(row.last_assigned_at),
    )


def stamp(at: datetime) -> str:
    """Return an instant as an attribute holds it."""
    return at.isoformat()


def instant(stamped: str | None) -> datetime | None:
    """Return the instant that an attribute holds."""
    return datetime.fromisoformat(stamped) if stamped else None


def _lists(conversation: Conversation) -> Values:
    """Return the keys of the sparse indexes.

    Open cases by team, by holder, and those a person must look at.
    """
    case = conversation.case
    if case is None or not (case.open or case.stuck):
        return {}
    found = {"due": keys.at(deadline(case) or keys.NEVER, conversation.id)}
    if case.stuck:
        found["stuck_pk"] = keys.STUCK
    if case.open and case.approvals:
        found["approvals"] = "yes"
    if case.open:
        found["open_pk"] = keys.open_cases(case.team, keys.shard(conversation.id))
    holder = _holder(case)
    return found | ({"holder_pk": holder} if holder else {})


def _holder(case: Case) -> str:
    if not case.open:
        return ""
    if case.assignee or case.offered_to:
        return keys.held_by(case.assignee or case.offered_to)
    return keys.queued(case.team) if case.status is Status.QUEUED else ""
