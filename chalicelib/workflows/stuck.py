"""Stuck.

A machine has failed or gone; say so where a person sees it, and start it again from the truth in
the table.
"""

from collections.abc import Mapping
from datetime import timedelta

from chalicelib.domain import lifecycle, outlook
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Message
from chalicelib.domain.promise import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import (
    Ask,
    CaseRef,
    Done,
    carry_out,
    persist,
    settle,
    stamped,
    terms_of,
)
from chalicelib.workflows.errors import NotNowError
from chalicelib.workflows.ports import Commit, Parts

GRACE = timedelta(minutes=2)
SWEEP_AT_ONCE = 200


def stuck(parts: Parts, case: CaseRef, error: str) -> Mapping[str, object]:
    """Mark the case whose machine gave up.

    The alert follows from the log row. Doing it twice changes nothing.
    """

    def once() -> Mapping[str, object]:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is not None and not newest.stuck:
            fold = lifecycle.mark_stuck(Fold(newest), parts.now(), error[:200] or "unknown error")
            machine.commit_fold(parts, conversation, fold)
            parts.meter.count("CaseStuck", team=newest.team)
        return {"phase": machine.SUPERSEDED}

    return persist(once)


def restart(parts: Parts, ask: Ask) -> Done:
    """Give the case a fresh execution: one generation later, started by the table's stream."""

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = conversation.case
        if case is None or outlook.phase(case) is outlook.Phase.CLOSED:
            raise NotNowError("There is no case here that could go on.", code="closed")
        fold = lifecycle.restart(Fold(case), parts.now(), ask.actor.id, "restarted by hand")
        new = settle(conversation, fold, terms_of(parts, conversation, case))
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("restart",), decide)


def sweep(parts: Parts) -> int:
    """Mark every open case whose machine should have looked at it minutes ago and did not.

    Returns how many.

    The same work each time, whatever happened: it finds what an execution that vanished, or
    never began, left behind.
    """
    found = 0
    before = parts.now() - GRACE
    for team in parts.policies.current().teams:
        for conversation in parts.views.overdue(team.id, before, SWEEP_AT_ONCE):
            found += _late(parts, conversation, before)
    return found


def _late(parts: Parts, conversation: Conversation, before: object) -> bool:
    case = conversation.case
    if case is None or case.stuck:
        return False
    moment = outlook.next_moment(case, terms_of(parts, conversation, case))
    if moment is None or moment >= before:  # type: ignore[operator]
        return False
    stuck(
        parts,
        CaseRef(conversation.id, case.number, case.generation),
        "its machine did not look when it was due",
    )
    return True
