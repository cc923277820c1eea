"""Announce.

Raise what a log row holds that people must be told of, on the pages of its team: warnings,
breaches, low scores, stuck cases, personal data in public, nobody on shift, what a rule tells.
"""

from datetime import datetime

from chalicelib.domain.alert import Severity
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.page import ASSIGNEE_PERCENT, Member, What
from chalicelib.workflows.change import terms_of
from chalicelib.workflows.ladder.raising import raise_member
from chalicelib.workflows.ports import Parts

CLOCKS = {EntryKind.SURVEY_ANSWERED: "survey", EntryKind.PERSONAL_DATA_FOUND: "expose"}
"""What stands for the clock in what is about none."""

WHATS = {
    EntryKind.DEADLINE_WARNED: What.WARNING,
    EntryKind.DEADLINE_BREACHED: What.BREACH,
    EntryKind.CASE_STUCK: What.STUCK,
    EntryKind.SURVEY_ANSWERED: What.LOW_SCORE,
    EntryKind.PERSONAL_DATA_FOUND: What.EXPOSURE,
    EntryKind.NOBODY_ON_SHIFT: What.NOBODY,
    EntryKind.RULE_FIRED: What.NOTICE,
}

SEVERITIES = {
    What.WARNING: Severity.WARNING,
    What.EXPOSURE: Severity.WARNING,
    What.NOTICE: Severity.WARNING,
    What.STUCK: Severity.CRITICAL,
}
"""How loud; all else is a breach."""


def announce(parts: Parts, conversation_id: str, version: int) -> int:
    """Raise what one log row calls for, then note that it was raised.

    Returns how much it was. A row noted as announced is left alone, so that a repeated stream
    record says nothing twice; where a process dies between raising and noting, the page knows its
    members by their keys.
    """
    row = parts.conversations.log(conversation_id, version)
    conversation = parts.conversations.get(conversation_id)
    if row is None or conversation is None or row.announced_at is not None:
        return 0
    found = [
        (entry, made)
        for entry in row.entries
        if (made := member(parts, conversation, entry)) is not None
    ]
    team = conversation.case.team if conversation.case else ""
    for entry, made in found:
        raise_member(parts, team, made, entry.value if made.what is What.NOTICE else "")
        parts.meter.count("AlertAnnounced", what=made.what.value, clock=made.clock)
    parts.conversations.mark_announced(conversation_id, version, parts.now())
    return len(found)


def member(parts: Parts, conversation: Conversation, entry: Entry) -> Member | None:
    """Return what an entry puts on a page, or None."""
    what, case = WHATS.get(entry.kind), conversation.case
    if what is None or case is None:
        return None
    said = _said(parts, conversation, case, entry)
    if said is None:
        return None
    kind = f"{entry.kind.value}-{entry.clock or ''}-{entry.seq}-{entry.version}"
    kind += f"-{entry.percent or entry.rule}" if entry.percent or entry.rule else ""
    return Member(
        key=f"{conversation.id}-{entry.case_number}-{kind}",
        conversation_id=conversation.id,
        case_number=entry.case_number,
        clock=entry.clock.value if entry.clock else CLOCKS.get(entry.kind, "case"),
        severity=SEVERITIES.get(what, Severity.BREACH),
        handle=case.handle,
        channel=conversation.channel.value,
        due_at=_due_at(entry),
        said=said,
        seq=entry.seq,
        what=what,
        percent=entry.percent,
    )


def _said(parts: Parts, conversation: Conversation, case: Case, entry: Entry) -> str | None:
    """Return what happened in words, empty for a clock; None: nobody is told.

    Personal data is told of in a case that is over (in any other its clock warns), a score when it
    is low, a warning from ASSIGNEE_PERCENT on, a rule when it says whom it tells.
    """
    told, said = True, ""
    match entry.kind:
        case EntryKind.DEADLINE_WARNED:
            told = not 0 < entry.percent < ASSIGNEE_PERCENT
        case EntryKind.CASE_STUCK:
            said = "case is stuck, restart it"
        case EntryKind.SURVEY_ANSWERED:
            told = entry.score <= terms_of(parts, conversation, case).policy.survey.reopen_at_most
            said = f"survey score {entry.score}, case reopened"
        case EntryKind.PERSONAL_DATA_FOUND:
            told = case.closed_at is not None and case.number == entry.case_number
            said = "personal data in public, hide it"
        case EntryKind.NOBODY_ON_SHIFT:
            said = "nobody is on shift and a case waits"
        case EntryKind.RULE_FIRED:
            told, said = bool(entry.value), f"rule {entry.rule}"
    return said if told else None


def _due_at(entry: Entry) -> datetime:
    """Return the deadline that an entry is about, or when it happened."""
    ahead = entry.kind in (EntryKind.DEADLINE_WARNED, EntryKind.NOBODY_ON_SHIFT)
    return entry.until or entry.at if ahead else entry.at
