"""Reply.

An agent's words are checked, stored and then sent; notes are stored for colleagues alone; a failed
reply is sent again.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import lifecycle
from chalicelib.domain.agent import Agent
from chalicelib.domain.approving import REPLY
from chalicelib.domain.conversation import MOST_PENDING, Conversation, Pending, spot
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.ident import digest, fingerprint
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Origin
from chalicelib.workflows.answering.hold import hold
from chalicelib.workflows.answering.limits import (
    Draft,
    attached,
    check,
    check_invite_time,
    check_wish,
)
from chalicelib.workflows.answering.spot import chosen
from chalicelib.workflows.approving import authority
from chalicelib.workflows.approving.authority import need, waiting, wish_at
from chalicelib.workflows.change import Ask, Done, carry_out, settle, stamped, terms_of
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError
from chalicelib.workflows.ports import Commit, Parts

LONGEST_NOTE = 10_000
RESENT = frozenset({Origin.HEARBACK, Origin.SURVEY})


def reply(parts: Parts, ask: Ask, what: str | Draft) -> Done:
    """Store a reply to the customer; the table's stream sends it.

    It goes to the side of the conversation that is asked for, by itself to where the customer last
    wrote. A case nobody has is taken by whoever answers it.

    Raises RefusedError for an empty text, an unknown file or personal data in public, NotNowError
    (with what may be done instead) for one that may not leave there now: too long, outside the
    window, after the customer opted out. What its author may not say alone is stored too, and held
    until somebody who may has decided.
    """
    draft = what if isinstance(what, Draft) else Draft(what)

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        message, agent = drafted(parts, ask, conversation, draft)
        wish = wish_at(chosen(conversation, draft.side), draft.promised)
        found = need(parts, conversation, ask.actor, wish)
        if found is not None:
            held = waiting(ask, REPLY, message.id)
            return hold(parts, conversation, message, found, held, taker=agent)
        awaited = replace(counted(conversation, message), pending=pending(conversation, message))
        commit = noted(parts, ask, awaited, message, EntryKind.REPLY_WRITTEN, taker=agent)
        return replace(commit, insert=(message,)), message

    return carry_out(parts, ask, ("reply", *draft.words), decide)


def drafted(
    parts: Parts, ask: Ask, conversation: Conversation, draft: Draft
) -> tuple[Message, Agent | None]:
    """Return the message that a draft becomes, once it has been checked, and who wrote it.

    Raises as `reply` does.
    """
    at = chosen(conversation, draft.side)
    check(parts, conversation, at, draft)
    agent = parts.agents.get(ask.actor.id)
    message = replace(
        written(ask, conversation, draft.whole, agent, parts.now()),
        public=at.public,
        parent_id=at.last_inbound_id,
        attachments=attached(parts, conversation, draft.files),
        template=draft.template,
        promised=draft.promised,
        delivery=Delivery(DeliveryState.QUEUED, parts.now()),
    )
    return message, agent


def note(parts: Parts, ask: Ask, text: str) -> Done:
    """Store a note that only colleagues see. Never leaves, stops no clock."""
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise RefusedError(
            f"A note needs between 1 and {LONGEST_NOTE} characters.", code="bad_length"
        )

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        agent = parts.agents.get(ask.actor.id)
        made = written(ask, conversation, text, agent, parts.now())
        note_id = digest(Direction.NOTE.value, conversation.id, ask.actor.id, ask.key)
        message = replace(made, id=note_id, direction=Direction.NOTE, public=False)
        more = counted(conversation, message)
        commit = noted(parts, ask, more, message, EntryKind.NOTE_ADDED)
        return replace(commit, insert=(message,)), message

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
        check_again(parts, conversation, message)
        # The attempts start anew, and the round makes the order's key a new one.
        delivery = Delivery(DeliveryState.QUEUED, parts.now())
        again = replace(message, delivery=delivery, rounds=message.rounds + 1)
        awaited = replace(conversation, pending=pending(conversation, message))
        commit = noted(parts, ask, awaited, message, EntryKind.REPLY_RETRIED)
        return replace(commit, update=(again,)), again

    return carry_out(parts, ask, ("resend", message_id), decide)


def check_again(parts: Parts, conversation: Conversation, message: Message) -> None:
    """Raise why a stored message of ours may not leave now.

    Its files were checked when it was written; an invitation has a time of its own, and a link of
    ours at its end.
    """
    at = spot(conversation, public=message.public)
    if message.invites and not message.public:
        check_wish(parts, conversation, at)
        check_invite_time(parts, conversation, message.parent_id)
        return
    text, _, tail = message.text.rpartition(" ") if message.invites else (message.text, "", "")
    draft = Draft(text, template=message.template, tail=tail)
    check(parts, conversation, at, draft, stored=True)


def written(
    ask: Ask, conversation: Conversation, text: str, agent: Agent | None, now: datetime
) -> Message:
    """Return a message of ours as a person asked for it."""
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
        seen=conversation.seen,
    )


def pending(conversation: Conversation, message: Message) -> tuple[Pending, ...]:
    """Return the replies on their way with this one, so that its echo is recognised."""
    others = tuple(p for p in conversation.pending if p.message_id != message.id)
    return (*others, Pending(message.id, fingerprint(message.text)))[-MOST_PENDING:]


def noted(  # noqa: PLR0913 - who may take the case is of replies alone
    parts: Parts,
    ask: Ask,
    conversation: Conversation,
    message: Message,
    kind: EntryKind,
    *,
    taker: Agent | None = None,
    reason: str = "",
) -> Commit:
    """Return the commit that notes what a person did with a message.

    The log tells the table's stream what to send, so there is an entry without a case too. An open
    case that nobody has is given to `taker`.
    """
    at, case = parts.now(), conversation.case
    if case is None:
        new = replace(conversation, version=conversation.version + 1)
        entry = Entry(
            kind, at, 0, ask.actor.id, message_id=message.id, reason=reason, version=new.version
        )
        return Commit(conversation=new, entries=(entry,))
    fold = Fold(case)
    facts: dict[str, object] = {"message_id": message.id, "reason": reason}
    if kind is EntryKind.REPLY_WRITTEN:
        fold, promises = authority.promised(parts, fold, message.promised)
        facts |= promises
    fold = fold.note(kind, at, ask.actor.id, **facts)
    if taker is not None and case.open and not case.assignee:
        fold = lifecycle.assign(fold, taker.id, at, taker.id)
    new = settle(conversation, fold, terms_of(parts, conversation, case))
    return Commit(conversation=new, entries=stamped(fold, new))


def counted(conversation: Conversation, message: Message) -> Conversation:
    """Return the conversation with one more message of ours."""
    count = conversation.messages + 1
    return replace(conversation, messages=count, last_message_at=message.sent_at)
