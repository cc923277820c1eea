"""Exposure: what a change of a public message does to the case that watches its personal data."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import expose
from chalicelib.domain.entry import instants
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.message import Direction, Message


@dataclass(frozen=True, slots=True)
class Change:
    """A message before and after something that happened to it.

    `told_at` is when the platform says it happened, `known_at` when we could know it.
    """

    before: Message
    after: Message
    told_at: datetime
    known_at: datetime


def shows(message: Message) -> bool:
    """Return whether everybody can see personal data in a customer's message now."""
    covered = message.hidden or message.deleted_at is not None or message.stub
    public = message.public and message.direction is Direction.INBOUND
    return public and bool(message.personal) and not covered


def said(change: Change) -> dict[str, str]:
    """Return what the log keeps of a change: whether personal data was covered or shown by it."""
    before, after = change.before, change.after
    new = set(after.personal) - set(before.personal)
    if shows(before) and not shows(after):
        return {"exposure": "covered", **instants(told_at=change.told_at)}
    if shows(after) and not shows(before) and not new:
        return {"exposure": "shown", **instants(told_at=change.known_at)}
    return {}


def followed(fold: Fold, terms: Terms, change: Change) -> Fold:
    """Return the case after a change of a message; the same one when nothing was or is exposed.

    A clock begins when we could know of it, and stops when the platform says that it was over.
    """
    before, after = change.before, change.after
    new = set(after.personal) - set(before.personal)
    if shows(after) and new:
        return expose.exposed(fold, terms, change.known_at, after.id, new)
    if shows(after) and not shows(before):
        return expose.uncovered(fold, terms, change.known_at, after.id)
    if shows(before) and not shows(after):
        return expose.covered(fold, change.told_at, after.id)
    return fold
