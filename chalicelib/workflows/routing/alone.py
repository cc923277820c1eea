"""Alone: cases wait, and nobody of their team is on shift and present. Somebody is told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from chalicelib.domain import nobody, shift
from chalicelib.domain.case import Status
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import persist, terms_of
from chalicelib.workflows.ports import Parts, Query
from chalicelib.workflows.routing.passing import somebody

AT_ONCE = 100

SETTLING = timedelta(minutes=5)
"""How long after a shift began people may take to come."""


def pages(parts: Parts, team: str) -> Iterator[Sequence[Conversation]]:
    """Yield the cases of a team that wait for somebody, nearest deadline first, by pages."""
    cursor = ""
    while True:
        query = Query(team=team, status=Status.QUEUED, limit=AT_ONCE, cursor=cursor)
        page = parts.views.open_cases(query)
        if page.rows:
            yield page.rows
        cursor = page.cursor
        if not cursor:
            return


def last_left(parts: Parts, teams: Iterable[str]) -> int:
    """Tell of the cases whose deadline is near, where the last agent of a team has left.

    Returns of how many.
    """
    return sum(_each(parts, team, _left) for team in teams if not somebody(parts, team))


def looked(parts: Parts, team: str) -> int:
    """Look over a team, as the sweep does. Returns how many cases changed by that.

    Of those that wait it is told that nobody is there: where a deadline is near, and wherever a
    shift has been open for a while and nobody came. Is somebody there, the next time is new.
    """
    if somebody(parts, team):
        return _each(parts, team, _came)
    now, shifts = parts.now(), parts.policies.current().shifts
    missed = shift.open_now(shifts, team, now) and shift.open_now(shifts, team, now - SETTLING)
    return _each(parts, team, partial(_left, missed=missed))


def _each(parts: Parts, team: str, change: "Change") -> int:
    rows = [row for page in pages(parts, team) for row in page]
    return sum(
        persist(partial(_change, parts, row.id, change))
        for row in rows
        if row.case is not None and change(parts, row, Fold(row.case)).case != row.case
    )


def _change(parts: Parts, conversation_id: str, change: "Change") -> bool:
    """Change one case. The list it comes from lags; the row itself decides."""
    conversation = parts.conversations.get(conversation_id)
    if conversation is None or conversation.case is None:
        return False
    fold = change(parts, conversation, Fold(conversation.case))
    return machine.commit_fold(parts, conversation, fold) is not conversation


def _left(parts: Parts, conversation: Conversation, fold: Fold, *, missed: bool = False) -> Fold:
    policy = terms_of(parts, conversation, fold.case).policy
    return nobody.left(fold, policy, parts.now(), missed=missed)


def _came(parts: Parts, conversation: Conversation, fold: Fold) -> Fold:  # noqa: ARG001 - a Change
    return nobody.came(fold)


Change = Callable[[Parts, Conversation, Fold], Fold]
