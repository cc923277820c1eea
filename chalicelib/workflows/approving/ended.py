"""Ended: the held words of approvals that ended without anybody's decision never leave.

A case that is resolved ends all that waits in it, whoever resolved it. So every commit of a case
passes here, and its held messages are marked in the same transaction.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import Delivery, DeliveryState, Message
from chalicelib.workflows.ports import Commit, Parts

LONGEST_REASON = 500


def ended(parts: Parts, before: Conversation, commit: Commit) -> Commit:
    """Return the commit with the messages declined whose approval is gone by it.

    `before` is the conversation as it was read. Messages that the commit changes itself stay as
    they are in it.
    """
    after = commit.conversation
    waiting = before.case.approvals if before.case else ()
    if not waiting or after is None:
        return commit
    left = {one.id for one in after.case.approvals} if after.case else set()
    known = {message.id for message in (*commit.insert, *commit.update)}
    gone = {one.message_id for one in waiting if one.id not in left} - known - {""}
    reasons = {
        entry.message_id: entry.reason
        for entry in commit.entries
        if entry.kind is EntryKind.APPROVAL_DECLINED
    }
    found = (parts.conversations.message(before.id, message_id) for message_id in sorted(gone))
    now = parts.now()
    declined = tuple(
        kept_back(message, now, "ended", reasons.get(message.id, ""))
        for message in found
        if message
    )
    return replace(commit, update=(*commit.update, *declined))


def kept_back(message: Message, at: datetime, code: str, reason: str) -> Message:
    """Return a held message that never leaves, with why: `declined`, `withdrawn` or `ended`."""
    state = Delivery(
        DeliveryState.DECLINED, at, error_code=code, error_text=reason[:LONGEST_REASON]
    )
    return replace(message, delivery=state)
