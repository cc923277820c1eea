"""Hold: words that need approval are stored, and do not leave.

A held message is in nobody's way: no order of the outbox names it, no echo of it is awaited, no
clock of an answer stops by it.
"""

from dataclasses import replace

from chalicelib.domain import lifecycle
from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Delivery, DeliveryState, Message
from chalicelib.workflows.approving import authority
from chalicelib.workflows.approving.authority import Need, Waiting
from chalicelib.workflows.change import open_case, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, Parts


def hold(  # noqa: PLR0913 - who may take the case is of replies alone
    parts: Parts,
    conversation: Conversation,
    message: Message,
    found: Need,
    what: Waiting,
    *,
    taker: Agent | None = None,
) -> tuple[Commit, Message]:
    """Return the commit that stores a message and lets it wait for approval, and the message.

    A message that has a `rev` is stored anew. An open case that nobody has is given to `taker`.
    Raises RefusedError when nobody may approve it, NotNowError when it cannot wait here.
    """
    authority.check(conversation, found)
    now, case = parts.now(), open_case(conversation)
    message = replace(message, delivery=Delivery(DeliveryState.HELD, now))
    terms = terms_of(parts, conversation, case)
    fold = authority.asked(parts, Fold(case), terms, found, what)
    if taker is not None and not case.assignee:
        fold = lifecycle.assign(fold, taker.id, now, taker.id)
    known = bool(message.rev)
    count = conversation.messages + (not known)
    more = replace(conversation, messages=count, last_message_at=message.sent_at)
    new = settle(more, fold, terms)
    commit = Commit(conversation=new, entries=stamped(fold, new))
    if known:
        return replace(commit, update=(message,)), message
    return replace(commit, insert=(message,)), message
