"""Offers: the agent whom a case is offered to accepts it, or lets it pass."""

from chalicelib.domain import holding, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Message
from chalicelib.workflows.change import Ask, Done, carry_out, open_case, settle, stamped, terms_of
from chalicelib.workflows.errors import NotNowError
from chalicelib.workflows.ports import Commit, Parts


def accept(parts: Parts, ask: Ask) -> Done:
    """Accept the case that is offered to oneself: the `assign` clock stops now.

    Raises NotNowError when it is not, or not any more.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = _offered(parts, conversation, ask)
        fold = lifecycle.assign(Fold(case), ask.actor.id, parts.now(), ask.actor.id)
        return _commit(parts, conversation, fold), None

    return carry_out(parts, ask, ("accept",), decide)


def decline(parts: Parts, ask: Ask, reason: str = "") -> Done:
    """Let the case pass that is offered to oneself: it goes to the next.

    Raises NotNowError when it is not offered to oneself, or not any more.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = _offered(parts, conversation, ask)
        return _commit(parts, conversation, holding.decline(Fold(case), parts.now(), reason)), None

    return carry_out(parts, ask, ("decline", reason), decide)


def _offered(parts: Parts, conversation: Conversation, ask: Ask) -> Case:
    case = open_case(conversation)
    until = case.offered_until
    if case.offered_to != ask.actor.id or until is None or parts.now() >= until:
        raise NotNowError(
            "The case is not offered to you, or not any more.",
            code="not_offered",
            instead=("take",),
        )
    return case


def _commit(parts: Parts, conversation: Conversation, fold: Fold) -> Commit:
    new = settle(conversation, fold, terms_of(parts, conversation, fold.case))
    return Commit(conversation=new, entries=stamped(fold, new))
