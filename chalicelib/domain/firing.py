"""Firing: which rules a case sets off, and when (docs/rules.md).

Conditions are judged on the case as it is. Nothing here changes a case: see acting.py.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain import words
from chalicelib.domain.case import Case, Fired
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import ABOUT_CLOCKS, Terms
from chalicelib.domain.policy import Policy
from chalicelib.domain.rule import Condition, Rule, Trigger

DEEPEST = 3
"""How many rules may lead to one another."""

RECEIVED = frozenset({EntryKind.CASE_OPENED, EntryKind.MESSAGE_RECEIVED})
SCORED = frozenset({EntryKind.SURVEY_ANSWERED})
MOVED = frozenset(EntryKind) - ABOUT_CLOCKS
KINDS = {
    Trigger.MESSAGE_RECEIVED: RECEIVED,
    Trigger.SCORE_RECEIVED: SCORED,
    Trigger.STATUS_CHANGED: MOVED,
}
"""Which entries may set off the rules of each trigger."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an event rule may ask of the event: the message's words, the survey's score.

    `automatic`: a machine of the customer's wrote the message.
    """

    text: str = ""
    score: int = 0
    automatic: bool = False


NOTHING = Facts()


@dataclass(frozen=True, slots=True)
class Due:
    """A rule that is to fire: at which instant, in which depth, and why.

    `since` and `rounds` are the stretch of a time rule and which of its instants this is, from 1.
    """

    rule: Rule
    at: datetime
    depth: int = 1
    since: datetime | None = None
    rounds: int = 0
    inputs: dict[str, str] = field(default_factory=dict)
    automatic: bool = False


def due(case: Case, terms: Terms, now: datetime) -> tuple[Due, ...]:
    """Return the time rules whose instant has come, earliest first, equal ones as in the file.

    A rule whose conditions came to hold later than its time is due when they did.
    """
    ready = [one for one in _waiting(case, terms) if one.at <= now]
    return tuple(sorted(ready, key=lambda one: one.at))


def next_at(case: Case, terms: Terms) -> datetime | None:
    """Return the nearest instant at which a time rule fires if nothing is written before, or None.

    One in the past: it is due. No condition changes without a write, so rules whose conditions do
    not hold have no instant.
    """
    return min((one.at for one in _waiting(case, terms)), default=None)


def triggered(
    rule: Rule, entries: Collection[Entry], case: Case, terms: Terms, facts: Facts
) -> Due | None:
    """Return the firing of an event rule that the entries of one log row set off, or None.

    The entries are those of this case. A change of status is what the row as a whole made of it.
    """
    entry = _cause(rule, entries) if rule.enabled else None
    if entry is None or rule.on is None or not holds(rule.when, case, terms, facts):
        return None
    inputs = {"on": rule.on.value, "version": str(entry.version)}
    if rule.on is Trigger.STATUS_CHANGED:
        inputs["to_status"] = entry.status
    return Due(
        rule,
        entry.at,
        depth=entry.depth + 1,
        inputs=inputs | matched(rule.when, case, terms, facts),
        automatic=facts.automatic,
    )


def wakes(policy: Policy, kinds: Collection[str]) -> bool:
    """Return whether entries of these kinds may set off a rule of this policy."""
    return any(
        rule.on is not None and rule.enabled and not KINDS[rule.on].isdisjoint(kinds)
        for rule in policy.rules
    )


def holds(when: Condition, case: Case, terms: Terms, facts: Facts = NOTHING) -> bool:
    """Return whether everything that a condition asks for is so."""
    return all(
        (
            when.team in ("", case.team),
            when.channel in ("", terms.handle.channel.value),
            when.handle in ("", case.handle),
            when.public in (None, terms.public),
            when.vip in (None, case.vip),
            when.priority in (None, case.priority),
            when.assigned in (None, bool(case.assignee)),
            when.answered in (None, not case.asks),
            set(when.labels) <= set(case.labels),
            set(when.without_labels).isdisjoint(case.labels),
            _scored(when, facts.score),
            not when.words or bool(words.found(when.words, facts.text)),
        )
    )


def matched(when: Condition, case: Case, terms: Terms, facts: Facts = NOTHING) -> dict[str, str]:
    """Return what a condition asked for and found, as plain text. Holds no words of a customer's.

    Of the words only the one that policy itself names.
    """
    found = {
        "team": case.team if when.team else None,
        "channel": terms.handle.channel.value if when.channel else None,
        "handle": case.handle if when.handle else None,
        "public": _said(terms.public) if when.public is not None else None,
        "vip": _said(case.vip) if when.vip is not None else None,
        "priority": case.priority or "normal" if when.priority is not None else None,
        "labels": ", ".join(when.labels) or None,
        "without_labels": ", ".join(when.without_labels) or None,
        "assigned": _said(bool(case.assignee)) if when.assigned is not None else None,
        "answered": _said(not case.asks) if when.answered is not None else None,
        "word": words.found(when.words, facts.text) if when.words else None,
        "score": str(facts.score) if facts.score else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def fired(case: Case, rule_id: str) -> Fired | None:
    """Return what a rule did in a case so far, or None."""
    return next((one for one in case.fired if one.rule == rule_id), None)


def _waiting(case: Case, terms: Terms) -> Iterator[Due]:
    """Give the next instant of each time rule for the case as it is."""
    since = case.status_since
    for rule in terms.policy.rules if since is not None else ():
        if rule.status is not case.status or not rule.enabled or since is None:
            continue
        done = fired(case, rule.id)
        rounds = done.rounds if done is not None and done.since == since else 0
        over = not rule.repeat_seconds or case.status_depth >= DEEPEST
        if (rounds and over) or not holds(rule.when, case, terms):
            continue
        rounds, at = _next(rule, case, since, rounds)
        yield Due(
            rule,
            at,
            depth=case.status_depth + 1,
            since=since,
            rounds=rounds + 1,
            inputs=_waited(case, since, at) | matched(rule.when, case, terms),
        )


def _next(rule: Rule, case: Case, since: datetime, rounds: int) -> tuple[int, datetime]:
    """Return how many of a rule's instants are over, and the next one.

    Where conditions came to hold after an instant, the rule is due from then on: once, not for each
    instant that passed without them.
    """
    every = timedelta(seconds=rule.repeat_seconds)
    at = since + timedelta(seconds=rule.after_seconds) + rounds * every
    touched = case.touched_at
    if touched is None or touched <= at or rule.when == Condition():
        return rounds, at
    return rounds + ((touched - at) // every if every else 0), touched


def _waited(case: Case, since: datetime, at: datetime) -> dict[str, str]:
    return {
        "status": case.status.value,
        "since": since.isoformat(),
        "seconds": str(int((at - since).total_seconds())),
    }


def _cause(rule: Rule, entries: Collection[Entry]) -> Entry | None:
    """Return the newest entry that may set off an event rule, or None."""
    if rule.on is None:
        return None
    if rule.on is Trigger.STATUS_CHANGED:
        moved = [one for one in entries if one.status]
        last = moved[-1] if moved else None
        wanted = last is not None and rule.to_status in (None, last.status)
        return last if wanted else None
    return next((one for one in reversed([*entries]) if one.kind in KINDS[rule.on]), None)


def _scored(when: Condition, score: int) -> bool:
    most, least = when.score_at_most, when.score_at_least
    if most is None and least is None:
        return True
    return bool(score) and (most is None or score <= most) and (least is None or score >= least)


def _said(fact: bool) -> str:  # noqa: FBT001 - it says yes or no
    return "yes" if fact else "no"
