"""Answers about what happened: the case's log as the API shows it."""

from datetime import datetime

from chalicelib.domain.entry import Entry
from chalicelib.entrypoints.answers import Answer


class EntryAnswer(Answer):
    """One thing that happened to a case."""

    kind: str
    at: datetime
    case_number: int
    actor: str
    version: int
    clock: str
    message_id: str
    agent_id: str
    reason: str
    score: int
    percent: int
    value: str
    until: datetime | None
    rule: str
    depth: int
    status: str


def entry(found: Entry) -> EntryAnswer:
    """Return what the API shows of a log entry.

    Its text is left out: it stands in the message that it names.
    """
    return EntryAnswer(
        kind=found.kind.value,
        at=found.at,
        case_number=found.case_number,
        actor=found.actor,
        version=found.version,
        clock=found.clock.value if found.clock else "",
        message_id=found.message_id,
        agent_id=found.agent_id,
        reason=found.reason,
        score=found.score,
        percent=found.percent,
        value=found.value,
        until=found.until,
        rule=found.rule,
        depth=found.depth,
        status=found.status,
    )
