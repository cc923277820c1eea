"""The waiting machine: what a step hands back to it, arming it, and waking it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain import outlook
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.outlook import Phase
from chalicelib.domain.promise import Fold
from chalicelib.workflows.change import CaseRef, persist, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, Parts

SUPERSEDED = "superseded"
"""The phase of an execution whose case has moved to another execution: it ends."""

RENEW_AFTER = 500
"""How often one execution looks again before it hands over to a fresh one.

A look costs up to 15 events of history, of 25,000.
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
    """Let the machine wait.

    Write its token, unless there is something to do already; then wake it at once.

    Nothing can change between deciding to wait and waiting: the token is written on the
    condition that the conversation is still
    the one that was read.
    """

    def once() -> None:
        conversation = read(parts, case)
        now = parts.now()
        armed_for = now + timedelta(seconds=wait_seconds)
        newest = current(conversation, case)
        if newest is not None and outlook.phase(newest) is phase:
            moment = outlook.next_moment(newest, terms_of(parts, conversation, newest))
            if moment is None or moment >= armed_for - timedelta(seconds=1):
                parts.conversations.arm(conversation.id, conversation.rev, token, armed_for)
                return
        parts.executions.wake(token, look(parts, conversation, case))

    persist(once)


def commit_fold(
    parts: Parts, conversation: Conversation, fold: Fold, **more: object
) -> Conversation:
    """Write a fold that no person asked for; return the conversation as stored."""
    if fold.case == conversation.case and not fold.entries:
        return conversation
    assert conversation.case is not None
    new = settle(conversation, fold, terms_of(parts, conversation, conversation.case))
    commit = Commit(conversation=new, entries=stamped(fold, new))
    parts.conversations.commit(replace(commit, **more) if more else commit)  # type: ignore[arg-type]
    return replace(new, rev=new.rev + 1)
