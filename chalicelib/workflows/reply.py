"""Reply.

An agent's words are checked, stored and then sent; notes are stored for colleagues alone; a failed
reply is sent again.
"""

from dataclasses import replace

from chalicelib.domain import lifecycle, window
from chalicelib.domain.agent import CASE_WEIGHT
from chalicelib.domain.conversation import Conversation, Pending, digest, fingerprint
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message
from chalicelib.domain.promise import Fold
from chalicelib.workflows.change import Ask, Done, carry_out, settle, stamped, terms_of
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError
from chalicelib.workflows.ports import Commit, Load, Parts

LONGEST_NOTE = 10_000
MOST_PENDING = 20


def reply(parts: Parts, ask: Ask, text: str) -> Done:
    """Store a reply to the customer; the table's stream sends it.

    A case nobody has is taken by whoever answers it.

    Raises RefusedError for an empty text, NotNowError (with what may be done instead) for one
    that is too long for the channel or
    outside its window.
    """
    if not text.strip():
        raise RefusedError("A reply needs words.", code="empty")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        check_room(parts, conversation, text)
        message = _message(parts, ask, conversation, text, Direction.OUTBOUND)
        pending = (*conversation.pending, Pending(message.id, fingerprint(text)))[-MOST_PENDING:]
        commit = _with_message(parts, ask, conversation, message, EntryKind.REPLY_WRITTEN)
        assert commit.conversation is not None
        return replace(commit, conversation=replace(commit.conversation, pending=pending)), message

    return carry_out(parts, ask, ("reply", text), decide)


def note(parts: Parts, ask: Ask, text: str) -> Done:
    """Store a note that only colleagues see. Never leaves, stops no clock."""
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise RefusedError(
            f"A note needs between 1 and {LONGEST_NOTE} characters.", code="bad_length"
        )

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        message = replace(
            _message(parts, ask, conversation, text, Direction.NOTE), delivery=None, public=False
        )
        return _with_message(parts, ask, conversation, message, EntryKind.NOTE_ADDED), message

    return carry_out(parts, ask, ("note", text), decide)


def resend(parts: Parts, ask: Ask, message_id: str) -> Done:
    """Send a reply again that failed, or of which nobody knows.

    A real sending, decided by a person.

    Raises NotFoundError when there is no such reply, NotNowError when it is on its way or has
    arrived.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        message = parts.conversations.message(conversation.id, message_id)
        if (
            message is None
            or message.delivery is None
            or message.direction is not Direction.OUTBOUND
        ):
            raise NotFoundError("There is no such reply.")
        if message.delivery.state not in (DeliveryState.FAILED, DeliveryState.UNKNOWN):
            raise NotNowError(f"The reply is {message.delivery.state.value}.", code="not_failed")
        check_room(parts, conversation, message.text)
        again = replace(
            message,
            delivery=replace(
                message.delivery, state=DeliveryState.QUEUED, at=parts.now(), attempts=0
            ),
        )
        # attempts starts anew, and the round makes the order's key a new one
        again = replace(again, rounds=message.rounds + 1)
        pending = (
            *(p for p in conversation.pending if p.message_id != message.id),
            Pending(message.id, fingerprint(message.text)),
        )
        fold = _noted(conversation, EntryKind.REPLY_RETRIED, parts, ask, message.id)
        new = replace(_moved(parts, conversation, fold), pending=pending[-MOST_PENDING:])
        return Commit(
            conversation=new, update=(again,), entries=stamped(fold, new) if fold else ()
        ), again

    return carry_out(parts, ask, ("resend", message_id), decide)


def check_room(parts: Parts, conversation: Conversation, text: str) -> None:
    """Raise NotNowError when this text may not leave on the conversation's channel now."""
    can = parts.sender.capabilities(conversation.channel, public=conversation.public)
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
            instead=(room.instead,),
        )


def _message(
    parts: Parts, ask: Ask, conversation: Conversation, text: str, direction: Direction
) -> Message:
    now = parts.now()
    agent = parts.agents.get(ask.actor.id)
    return Message(
        id=digest(direction.value, conversation.id, ask.actor.id, ask.key),
        conversation_id=conversation.id,
        direction=direction,
        public=conversation.public,
        sent_at=now,
        received_at=now,
        case_number=conversation.case.number if conversation.case else 0,
        author_id=ask.actor.id,
        author_name=agent.name if agent else ask.actor.id,
        text=text,
        parent_id=conversation.last_inbound_id,
        delivery=Delivery(DeliveryState.QUEUED, now),
    )


def _with_message(
    parts: Parts, ask: Ask, conversation: Conversation, message: Message, kind: EntryKind
) -> Commit:
    fold = _noted(conversation, kind, parts, ask, message.id)
    load: tuple[Load, ...] = ()
    takes = (
        kind is EntryKind.REPLY_WRITTEN
        and fold is not None
        and fold.case.open
        and not fold.case.assignee
    )
    if takes and fold is not None:
        fold = lifecycle.assign(fold, ask.actor.id, parts.now(), ask.actor.id)
        load = (Load(ask.actor.id, CASE_WEIGHT, parts.now()),)
    new = _moved(parts, conversation, fold)
    new = replace(new, messages=new.messages + 1, last_message_at=message.sent_at)
    return Commit(
        conversation=new, insert=(message,), entries=stamped(fold, new) if fold else (), load=load
    )


def _noted(
    conversation: Conversation, kind: EntryKind, parts: Parts, ask: Ask, message_id: str
) -> Fold | None:
    if conversation.case is None:
        return None
    return Fold(conversation.case).note(kind, parts.now(), ask.actor.id, message_id=message_id)


def _moved(parts: Parts, conversation: Conversation, fold: Fold | None) -> Conversation:
    if fold is None or conversation.case is None:
        return replace(conversation, version=conversation.version + 1)
    return settle(conversation, fold, terms_of(parts, conversation, conversation.case))
