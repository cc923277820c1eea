"""Say: the notes and replies of rules, as messages of the machine's.

A reply of a rule is checked like anybody's, leaves like anybody's, and stops no clock: no person
answered. The first hands the case over to people. What may not leave is noted in the log, and that
is the end of it.
"""

import re
from dataclasses import replace

from chalicelib.domain import lifecycle
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message
from chalicelib.workflows.answering.limits import Draft, check
from chalicelib.workflows.answering.reply import counted, pending
from chalicelib.workflows.answering.spot import chosen, room_at
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.ports import Parts

_FIELD = re.compile(r"(\s*)\{(name|handle)\}")
SAID_LATER = "a later firing says it"


def written(
    parts: Parts, conversation: Conversation, fold: Fold, terms: Terms
) -> tuple[Conversation, Fold, tuple[Message, ...]]:
    """Return the conversation with what rules say in it, the fold that tells so, the messages.

    Of several replies of one rule in one look, as after an outage, only the last leaves.
    """
    entries: list[Entry] = []
    messages: list[Message] = []
    for number, entry in enumerate(fold.entries):
        if not _unsaid(entry):
            entries.append(entry)
            continue
        message_id = digest("rule", conversation.id, str(conversation.version + 1), str(number))
        text = filled(entry.text, conversation, terms)
        try:
            if _again(entry, fold.entries[number + 1 :]):
                raise NotNowError(SAID_LATER, code="said_later")
            message = _message(parts, conversation, entry, text, message_id)
        except RefusedError as refused:
            entries.append(_skipped(entry, refused))
            continue
        messages.append(message)
        conversation = counted(conversation, message)
        if entry.kind is EntryKind.REPLY_WRITTEN:
            conversation = replace(conversation, pending=pending(conversation, message))
        entries.append(replace(entry, text="", message_id=message_id))
    fold = _handed_over(replace(fold, entries=tuple(entries)), terms)
    return conversation, fold, tuple(messages)


def _handed_over(fold: Fold, terms: Terms) -> Fold:
    """Return the fold handed over to people at the first reply that leaves."""
    for entry in fold.entries:
        if entry.kind is EntryKind.REPLY_WRITTEN and entry.rule:
            acting = replace(fold, rule=entry.rule, depth=entry.depth)
            done = lifecycle.answered_by_rule(acting, terms, entry.at)
            fold = replace(done, rule=fold.rule, depth=fold.depth)
    return fold


def filled(template: str, conversation: Conversation, terms: Terms) -> str:
    """Return the text of a rule with `{name}` and `{handle}` filled in.

    The space before the name of somebody whose name nobody knows goes too: "Hello {name}, ..."
    becomes "Hello, ...".
    """
    known = {"name": conversation.contact_name.strip(), "handle": terms.handle.name}

    def put(field: re.Match[str]) -> str:
        value = known[field[2]]
        return f"{field[1]}{value}" if value else ""

    return _FIELD.sub(put, template)


def _unsaid(entry: Entry) -> bool:
    said = entry.kind in (EntryKind.NOTE_ADDED, EntryKind.REPLY_WRITTEN)
    return said and bool(entry.rule) and not entry.message_id


def _again(entry: Entry, later: tuple[Entry, ...]) -> bool:
    return entry.kind is EntryKind.REPLY_WRITTEN and any(
        (one.kind, one.rule, one.text) == (entry.kind, entry.rule, entry.text) for one in later
    )


def _message(
    parts: Parts, conversation: Conversation, entry: Entry, text: str, message_id: str
) -> Message:
    """Return a rule's note or reply. Raises RefusedError for a reply that may not leave."""
    now = parts.now()
    note = Message(
        id=message_id,
        conversation_id=conversation.id,
        direction=Direction.NOTE,
        public=False,
        sent_at=now,
        received_at=now,
        case_number=entry.case_number,
        author_id=MACHINE,
        author_name=f"Rule {entry.rule}",
        text=text,
    )
    if entry.kind is EntryKind.NOTE_ADDED:
        return note
    at = chosen(conversation)
    check(parts, conversation, at, Draft(text))
    if room_at(parts, at).human_only:
        raise NotNowError("Only a person may still answer here.", code="window_closed")
    return replace(
        note,
        direction=Direction.OUTBOUND,
        public=at.public,
        parent_id=at.last_inbound_id,
        delivery=Delivery(DeliveryState.QUEUED, now),
    )


def _skipped(entry: Entry, refused: RefusedError) -> Entry:
    why = f"{refused.code}: {refused.message}"
    return replace(entry, kind=EntryKind.RULE_SKIPPED, text="", value="reply", reason=why)
