"""Cuts: what keeps rules from going on for ever.

A rule that a rule set off is one deeper, and nothing deeper than DEEPEST fires; what a customer or
a person does begins anew. And all rules together fire MOST times an hour in a case. What is left
out is gone: it is not made up for later.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain import firing
from chalicelib.domain.case import Case, Fired
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.firing import DEEPEST, Due
from chalicelib.domain.fold import Fold, Terms

MOST = 20
"""How often all rules together fire in one case within an hour."""

HOUR = timedelta(hours=1)
BUDGET = "too many firings within an hour"
LOOP = "rules led to one another"


def fires(fold: Fold, due: Due, at: datetime) -> Fold:
    """Count a firing."""
    case = fold.case
    return fold.change(fired=_dealt(case, due, at, fires=True), firings=(*case.firings, at)[-MOST:])


def cut(fold: Fold, due: Due, terms: Terms, at: datetime) -> Fold | None:
    """Return the fold without a firing that is left out, which the log tells; None: it may fire.

    Where there is no room in the hour, the log tells it once an hour.
    """
    case = fold.case
    if due.depth > DEEPEST:
        return _told(fold, due, terms, at, reason=LOOP)
    if sum(abs(at - one) < HOUR for one in case.firings) < MOST:
        return None
    if case.rules_cut_at is not None and abs(at - case.rules_cut_at) < HOUR:
        return fold.change(fired=_dealt(case, due, at, fires=False))
    return _told(fold, due, terms, at, reason=BUDGET).change(rules_cut_at=at)


def _told(fold: Fold, due: Due, terms: Terms, at: datetime, *, reason: str) -> Fold:
    return fold.change(fired=_dealt(fold.case, due, at, fires=False)).note(
        EntryKind.RULE_CUT,
        at,
        rule=due.rule.id,
        depth=due.depth,
        reason=reason,
        policy_version=terms.policy.version,
        inputs=due.inputs,
    )


def _dealt(case: Case, due: Due, at: datetime, *, fires: bool) -> tuple[Fired, ...]:
    """Return what the rules of a case did, with this firing or the leaving out of it."""
    old = firing.fired(case, due.rule.id) or Fired(due.rule.id, at, 0)
    new = replace(
        old,
        at=at if fires else old.at,
        times=old.times + fires,
        depth=due.depth,
        since=due.since,
        rounds=due.rounds if fires else due.rounds + _passed(case, due),
    )
    return (*(one for one in case.fired if one.rule != due.rule.id), new)


def _passed(case: Case, due: Due) -> int:
    """Return how many more instants of a repeated rule are over before there is room again."""
    every = timedelta(seconds=due.rule.repeat_seconds)
    if not every or len(case.firings) < MOST:
        return 0
    room_at = case.firings[0] + HOUR
    return max(0, -((due.at - room_at) // every) - 1)
