"""Foreseen: whether a draft would wait for approval, and of whom, before it is sent. Reads only."""

from dataclasses import dataclass

from chalicelib.domain.access import Actor
from chalicelib.domain.conversation import Conversation
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.answering.spot import chosen
from chalicelib.workflows.approving import authority
from chalicelib.workflows.approving.authority import Need
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.ports import Parts


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Why a draft would wait, if it would, and why it could not even do that."""

    need: Need | None = None
    refused: tuple[RefusedError, ...] = ()


def foreseen(parts: Parts, actor: Actor, conversation: Conversation, draft: Draft) -> Foreseen:
    """Return what a reply with this draft would wait for. Never raises a refusal."""
    try:
        at = chosen(conversation, draft.side)
    except NotNowError:
        return Foreseen()  # there is no such side: that is told anyway
    try:
        found = authority.need(parts, conversation, actor, authority.wish_at(at, draft.promised))
    except RefusedError as refused:
        return Foreseen(refused=(refused,))
    if found is None:
        return Foreseen()
    try:
        authority.check(conversation, found)
    except RefusedError as refused:
        return Foreseen(found, (refused,))
    return Foreseen(found)
