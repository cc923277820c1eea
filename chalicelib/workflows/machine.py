"""The waiting machine: what a step hands back to it, arming it, and waking it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain import outlook
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.outlook import Phase
from chalicelib.workflows.approving.ended import ended
from chalicelib.workflows.change import CaseRef, persist, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, Parts
from chalicelib.workflows.routing.load import loaded

SUPERSEDED = "superseded"
"""The phase of an execution whose case has moved to another execution: it ends."""

RENEW_AFTER = 500
"""How often one execution looks again before it hands over to a fresh one.

A look costs up to 15 events of history, of 25,000.
"""

LEEWAY = timedelta(seconds=10)
"""How much later than needed a wait may end: what passes between looking and waiting.

Less would wake the machine for nothing whenever a function starts slowly. What is recorded is the
deadline itself, however late the look.
"""


def current(conversation: Conversation | None, case: CaseRef) -> Case | None:
    """Return the case an execution works for.

    Or None when another execution (or a later case) has taken its place.
    """
    if conversation is None or conversation.case is None:
        return None
    now = conversation.case
    return now if (now.number, now.generation) == (case.case_number, case.generation) else None


def look(parts: Parts, conversation: Conversation, case: CaseRef) -> Mapping[str, object]:
    """Return what the machine is told.

    The phase, how long to wait, and how long the survey may be answered (seconds).
    """
    newest = current(conversation, case)
    if newest is None:
        return {"phase": SUPERSEDED, "wait_seconds": 1, "survey_seconds": 1}
    view = outlook.outlook(newest, terms_of(parts, conversation, newest), parts.now())
    return {
        "phase": view.phase.value,
        "wait_seconds": view.wait_seconds,
        "survey_seconds": view.survey_seconds,
    }


def read(parts: Parts, case: CaseRef) -> Conversation:
    """Return the conversation of a case. Raises LookupError when it is gone."""
    conversation = parts.conversations.get(case.conversation_id)
    if conversation is None:
        raise LookupError(f"no conversation {case.conversation_id}")
    return conversation


def arm(parts: Parts, case: CaseRef, token: str, wait_seconds: int, *, phase: Phase) -> None:
    """Let the machine wait for `wait_seconds`, which it counts itself.

    Write its token, unless there is something to do before; then wake it at once. Nothing can
    change between deciding to wait and waiting: the token is written on the condition that the
    conversation is still the one that was read.
    """

    def once() -> None:
        conversation = read(parts, case)
        newest = current(conversation, case)
        armed_for = None
        if newest is not None and outlook.phase(newest) is phase:
            terms = terms_of(parts, conversation, newest)
            moment = outlook.next_moment(newest, terms)
            armed_for = _armed_for(moment, parts.now(), timedelta(seconds=wait_seconds))
        if armed_for is None:
            parts.executions.wake(token, look(parts, conversation, case))
        else:
            parts.conversations.arm(conversation.id, conversation.rev, token, armed_for)

    persist(once)


def _armed_for(moment: datetime | None, now: datetime, wait: timedelta) -> datetime | None:
    """Return the instant the wait is for, or None when it would end too late for it.

    It is the moment itself where there is one: a change that leaves it as it is need not wake the
    machine, though the wait ends a little later.
    """
    ends = now + wait
    if moment is None or moment >= ends:
        return ends
    return moment if max(moment, now) + LEEWAY >= ends else None


def commit_fold(
    parts: Parts,
    conversation: Conversation,
    fold: Fold,
    *,
    claim: bool = False,
    snapshot: Case | None = None,
) -> Conversation:
    """Write a fold that no person asked for; return the conversation as stored.

    What is in no entry is of no interest to people, so the version stays. `claim`: whom the case
    goes to must be present and have room (CapacityError).
    """
    if fold.case == conversation.case and not fold.entries:
        return conversation
    new = settle(conversation, fold, terms_of(parts, conversation, fold.case))
    new = new if fold.entries else replace(new, version=conversation.version)
    commit = Commit(conversation=new, entries=stamped(fold, new), snapshot=snapshot)
    commit = ended(parts, conversation, loaded(parts, conversation, commit, claim=claim))
    parts.conversations.commit(commit)
    return replace(commit.conversation or new, rev=new.rev + 1)
