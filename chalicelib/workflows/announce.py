"""Announce.

Tell people of the warnings, breaches, low scores and stuck cases that a log row holds.
"""

from datetime import datetime

from chalicelib.domain import alert
from chalicelib.domain.alert import Alert, Occasion
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.workflows.change import terms_of
from chalicelib.workflows.ports import Parts

CLOCKS = {EntryKind.SURVEY_ANSWERED: "survey", EntryKind.PERSONAL_DATA_FOUND: "expose"}
"""What stands for the clock in alerts of entries that are about none."""


def announce(parts: Parts, conversation_id: str, version: int) -> int:
    """Publish the alerts of one log row, then note that they are out.

    Returns how many were published.

    A row noted as announced is left alone, so that a repeated stream record says nothing twice.
    A process that dies between
    publishing and noting repeats the alert: people are told twice rather than never.
    """
    row = parts.conversations.log(conversation_id, version)
    conversation = parts.conversations.get(conversation_id)
    if row is None or conversation is None or row.announced_at is not None:
        return 0
    alerts = [
        made for entry in row.entries if (made := compose(parts, conversation, entry)) is not None
    ]
    for made in alerts:
        parts.alerts.announce(made)
        parts.meter.count("AlertAnnounced", topic=made.topic.value, clock=made.clock)
    parts.conversations.mark_announced(conversation_id, version, parts.now())
    return len(alerts)


def compose(parts: Parts, conversation: Conversation, entry: Entry) -> Alert | None:
    """Return the alert that an entry calls for, or None."""
    case = conversation.case
    if case is None:
        return None
    what = f"{entry.kind.value}-{entry.clock or ''}-{entry.seq}-{entry.version}"
    key = f"{conversation.id}-{entry.case_number}-{what}"
    now = parts.now()
    if entry.kind is EntryKind.DEADLINE_WARNED:
        return alert.warning(_occasion(parts, conversation, case, entry, entry.until or now), key)
    if entry.kind is EntryKind.DEADLINE_BREACHED:
        return alert.breach(_occasion(parts, conversation, case, entry, entry.at), key)
    if entry.kind is EntryKind.CASE_STUCK:
        return alert.stuck(_occasion(parts, conversation, case, entry, entry.at), key)
    return _of_the_customer(parts, conversation, case, entry, key)


def _of_the_customer(
    parts: Parts, conversation: Conversation, case: Case, entry: Entry, key: str
) -> Alert | None:
    """Return the alert that something a customer said calls for.

    Personal data found in a case that is over (in any other its clock warns), or a low score.
    """
    occasion = _occasion(parts, conversation, case, entry, entry.at)
    if entry.kind is EntryKind.PERSONAL_DATA_FOUND:
        over = case.closed_at is not None and case.number == entry.case_number
        return alert.exposure(occasion, key) if over else None
    low = terms_of(parts, conversation, case).policy.survey.reopen_at_most
    if entry.kind is not EntryKind.SURVEY_ANSWERED or entry.score > low:
        return None
    return alert.low_score(occasion, key, entry.score)


def _occasion(
    parts: Parts, conversation: Conversation, case: Case, entry: Entry, due_at: datetime
) -> Occasion:
    terms = terms_of(parts, conversation, case)
    clock = entry.clock.value if entry.clock else CLOCKS.get(entry.kind, "case")
    return Occasion(
        handle=case.handle,
        handle_name=terms.handle.name,
        channel=conversation.channel.value,
        team=case.team,
        clock=clock,
        case_id=f"{conversation.id}-{entry.case_number}",
        assignee=case.assignee,
        priority=case.priority,
        link=f"{parts.desk_url.rstrip('/')}/c/{conversation.id}",
        now=parts.now(),
        due_at=due_at,
    )
