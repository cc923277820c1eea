"""Reply.

An agent's words are checked, stored and then sent; notes are stored for colleagues alone; a failed
reply is sent again.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import lifecycle, window
from chalicelib.domain.agent import CASE_WEIGHT, Agent
from chalicelib.domain.conversation import (
    MOST_PENDING,
    Conversation,
    Pending,
    digest,
    fingerprint,
)
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Origin
from chalicelib.workflows.change import Ask, Done, can_of, carry_out, settle, stamped, terms_of
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError
from chalicelib.workflows.ports import Commit, Load, Parts

LONGEST_NOTE = 10_000
RESENT = frozenset({Origin.HEARBACK, Origin.SURVEY})


def reply(parts: Parts, ask: Ask, text: str) -> Done:
    """Store a reply to the customer; the table's stream sends it.

    A case nobody has is taken by whoever answers it.

    Raises RefusedError for an empty text, NotNowError (with what may be done instead) for one that
    is too long for the channel or outside its window.
    """
    if not text.strip():
        raise RefusedError("A reply needs words.", code="empty")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        check_room(parts, conversation, text)
        agent = parts.agents.get(ask.actor.id)
        message = replace(
            _message(ask, conversation, text, agent, parts.now()),
            parent_id=conversation.last_inbound_id,
            delivery=Delivery(DeliveryState.QUEUED, parts.now()),
        )
        awaited = replace(_counted(conversation, message), pending=_pending(conversation, message))
        noted = _noted(parts, ask, awaited, message, EntryKind.REPLY_WRITTEN, taker=agent)
        return replace(noted, insert=(message,)), message

    return carry_out(parts, ask, ("reply", text), decide)


def note(parts: Parts, ask: Ask, text: str) -> Done:
    """Store a note that only colleagues see. Never leaves, stops no clock."""
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise RefusedError(
            f"A note needs between 1 and {LONGEST_NOTE} characters.", code="bad_length"
        )

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        agent = parts.agents.get(ask.actor.id)
        made = _message(ask, conversation, text, agent, parts.now())
        note_id = digest(Direction.NOTE.value, conversation.id, ask.actor.id, ask.key)
        message = replace(made, id=note_id, direction=Direction.NOTE, public=False)
        counted = _counted(conversation, message)
        noted = _noted(parts, ask, counted, message, EntryKind.NOTE_ADDED)
        return replace(noted, insert=(message,)), message

    return carry_out(parts, ask, ("note", text), decide)


def resend(parts: Parts, ask: Ask, message_id: str) -> Done:
    """Send a reply again that failed, or of which nobody knows.

    A real sending, decided by a person.

    Raises NotFoundError when there is no such reply, NotNowError when it is on its way or has
    arrived.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        message = parts.conversations.message(conversation.id, message_id)
        if message is None or message.delivery is None or message.stub:
            raise NotFoundError("There is no such reply.")
        if message.origin not in RESENT:
            raise NotFoundError("That message was not written here.", code="not_ours")
        if message.delivery.state not in (DeliveryState.FAILED, DeliveryState.UNKNOWN):
            raise NotNowError(f"The reply is {message.delivery.state.value}.", code="not_failed")
        check_room(parts, conversation, message.text)
        # The attempts start anew, and the round makes the order's key a new one.
        delivery = Delivery(DeliveryState.QUEUED, parts.now())
        again = replace(message, delivery=delivery, rounds=message.rounds + 1)
        awaited = replace(conversation, pending=_pending(conversation, message))
        noted = _noted(parts, ask, awaited, message, EntryKind.REPLY_RETRIED)
        return replace(noted, update=(again,)), again

    return carry_out(parts, ask, ("resend", message_id), decide)


def check_room(parts: Parts, conversation: Conversation, text: str) -> None:
    """Raise NotNowError when this text may not leave on the conversation's channel now."""
    can = can_of(parts, conversation)
    length = can.measure(text)
    if length > can.text_limit:
        unit = can.text_unit.value
        raise NotNowError(
            f"The text has {length} {unit}; this channel takes {can.text_limit}.",
            code="too_long",
            instead=("shorten it", "send it in parts"),
        )
    room = window.room(can, conversation.last_inbound_at, parts.now())
    if not room.open:
        raise NotNowError(
            "This channel's window for replies is closed.",
            code="window_closed",
            instead=(room.instead,) if room.instead else (),
        )


def _message(
    ask: Ask, conversation: Conversation, text: str, agent: Agent | None, now: datetime
) -> Message:
    return Message(
        id=digest(Direction.OUTBOUND.value, conversation.id, ask.actor.id, ask.key),
        conversation_id=conversation.id,
        direction=Direction.OUTBOUND,
        public=conversation.public,
        sent_at=now,
        received_at=now,
        case_number=conversation.case.number if conversation.case else 0,
        author_id=ask.actor.id,
        author_name=agent.name if agent else ask.actor.id,
        text=text,
    )


def _pending(conversation: Conversation, message: Message) -> tuple[Pending, ...]:
    others = tuple(p for p in conversation.pending if p.message_id != message.id)
    return (*others, Pending(message.id, fingerprint(message.text)))[-MOST_PENDING:]


def _noted(  # noqa: PLR0913 - who may take the case is of replies alone
    parts: Parts,
    ask: Ask,
    conversation: Conversation,
    message: Message,
    kind: EntryKind,
    *,
    taker: Agent | None = None,
) -> Commit:
    """Return the commit that notes what a person did with a message.

    The log tells the table's stream what to send, so there is an entry without a case too. An open
    case that nobody has is given to `taker`.
    """
    at, case = parts.now(), conversation.case
    if case is None:
        new = replace(conversation, version=conversation.version + 1)
        entry = Entry(kind, at, 0, ask.actor.id, message_id=message.id, version=new.version)
        return Commit(conversation=new, entries=(entry,))
    fold = Fold(case).note(kind, at, ask.actor.id, message_id=message.id)
    load: tuple[Load, ...] = ()
    if taker is not None and case.open and not case.assignee:
        fold = lifecycle.assign(fold, taker.id, at, taker.id)
        load = (Load(taker.id, CASE_WEIGHT, at),)
    new = settle(conversation, fold, terms_of(parts, conversation, case))
    return Commit(conversation=new, entries=stamped(fold, new), load=load)


def _counted(conversation: Conversation, message: Message) -> Conversation:
    count = conversation.messages + 1
    return replace(conversation, messages=count, last_message_at=message.sent_at)
