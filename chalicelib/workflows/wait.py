"""Wait and snooze: put a case aside with a reason, and take it up again."""

from datetime import datetime, timedelta

from chalicelib.domain import wait as waiting
from chalicelib.domain.case import Status
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Message
from chalicelib.workflows.change import Ask, Done, carry_out, open_case, settle, stamped, terms_of
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.ports import Commit, Parts

LONGEST_SNOOZE = timedelta(days=90)
ON = {"customer": Status.WAITING_CUSTOMER, "third_party": Status.WAITING_THIRD_PARTY}


def wait(parts: Parts, ask: Ask, on: str, reason: str) -> Done:
    """Wait for the `customer` or a `third_party`.

    The resolution clock pauses, and any message of the customer ends it.

    Raises RefusedError without a reason or for anything else to wait on, NotNowError when the case
    is not open.
    """
    if not reason.strip():
        raise RefusedError("Waiting needs a reason.", code="no_reason")
    if on not in ON:
        raise RefusedError("Wait on the customer or a third party.", code="bad_wait")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        terms = terms_of(parts, conversation, case)
        fold = waiting.wait(Fold(case), terms, parts.now(), ask.actor.id, on=ON[on], reason=reason)
        new = settle(conversation, fold, terms)
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("wait", on, reason), decide)


def snooze(parts: Parts, ask: Ask, until: datetime, *, asked: bool = False) -> Done:
    """Put the case aside until an instant, at most 90 days ahead.

    No clock pauses: the customer still waits. If the customer `asked` for it, the resolution does.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        if not parts.now() < until <= parts.now() + LONGEST_SNOOZE:
            raise RefusedError("Snooze until a time within the next 90 days.", code="bad_time")
        case = open_case(conversation)
        terms = terms_of(parts, conversation, case)
        now = parts.now()
        fold = waiting.snooze(Fold(case), terms, now, ask.actor.id, until, asked=asked)
        new = settle(conversation, fold, terms)
        return Commit(conversation=new, entries=stamped(fold, new)), None

    whose = ("asked",) if asked else ()
    return carry_out(parts, ask, ("snooze", until.isoformat(), *whose), decide)


def resume(parts: Parts, ask: Ask) -> Done:
    """Take up a case again that waits or is snoozed. Raises NotNowError for any other."""

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        terms = terms_of(parts, conversation, case)
        fold = waiting.end_pause(Fold(case), terms, parts.now(), ask.actor.id, "taken up by hand")
        if not fold.entries:
            raise NotNowError("The case neither waits nor is it snoozed.", code="not_waiting")
        new = settle(conversation, fold, terms)
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("resume",), decide)
