"""Appreciate: a customer praises, is thanked, or needs no answer at all. People say so."""

from chalicelib.domain import thanks
from chalicelib.domain.case import Case
from chalicelib.domain.clock import ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.promise import running
from chalicelib.workflows.change import Ask, Done, carry_out, open_case, settle, stamped, terms_of
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError
from chalicelib.workflows.ports import Commit, Parts


def appreciate(parts: Parts, ask: Ask, message_id: str) -> Done:
    """Mark a message of the customer as praise: it is owed thanks, and nothing else.

    An open case ends what it owes of answers. In a resolved one the promise of thanks begins, and
    the case stays as it is.

    Raises NotFoundError when there is no such message of the customer in the newest case,
    NotNowError when that is closed.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = _case(conversation)
        if case.closed_at is not None:
            raise NotNowError("The case is closed.", code="closed")
        message = _inbound(parts, conversation, case, message_id)
        terms = terms_of(parts, conversation, case)
        fold = thanks.appreciated(
            Fold(case), terms, parts.now(), ask.actor.id, message.id, since=message.sent_at
        )
        return _settled(parts, conversation, fold), None

    return carry_out(parts, ask, ("appreciate", message_id), decide)


def thank(parts: Parts, ask: Ask, how: str) -> Done:
    """Note that the customer was thanked other than by a reply: by a like, or elsewhere.

    Raises NotNowError when no thanks are owed.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        fold = Fold(_case(conversation))
        if running(fold, ClockName.THANKS) is None:
            raise NotNowError("No thanks are owed here.", code="not_owed")
        fold = thanks.thanked(fold, parts.now(), ask.actor.id, how=how)
        return _settled(parts, conversation, fold), None

    return carry_out(parts, ask, ("thank", how), decide)


def waive_answer(parts: Parts, ask: Ask, reason: str) -> Done:
    """Say that what the customer wrote needs no answer, and why.

    Raises RefusedError without a reason, NotNowError when the case is not open or nobody is owed
    an answer.
    """
    if not reason.strip():
        raise RefusedError("Say why no answer is needed.", code="no_reason")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        if not case.asks:
            raise NotNowError("Nobody is owed an answer here.", code="not_owed")
        fold = thanks.waive(Fold(case), parts.now(), ask.actor.id, reason)
        return _settled(parts, conversation, fold), None

    return carry_out(parts, ask, ("no-answer", reason), decide)


def _case(conversation: Conversation) -> Case:
    if conversation.case is None:
        raise NotNowError("There is no case here.", code="no_case")
    return conversation.case


def _inbound(parts: Parts, conversation: Conversation, case: Case, message_id: str) -> Message:
    message = parts.conversations.message(conversation.id, message_id)
    theirs = message is not None and message.direction is Direction.INBOUND and not message.stub
    if message is None or not theirs or message.case_number not in (0, case.number):
        raise NotFoundError("There is no such message of the customer in this case.")
    return message


def _settled(parts: Parts, conversation: Conversation, fold: Fold) -> Commit:
    new = settle(conversation, fold, terms_of(parts, conversation, fold.case))
    return Commit(conversation=new, entries=stamped(fold, new))
