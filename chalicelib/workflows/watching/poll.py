"""Poll: look at networks that have no webhooks, and for words where nobody named the brand.

A look is claimed before it is made, so that two pollers never make it twice, and its cursor is kept
only once all it brought is on the queue: what dies in between is looked at again, and the table
knows what it has already.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import budget
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.policy import Handle, Search
from chalicelib.workflows.networks import Polled, PollError, Wanted
from chalicelib.workflows.ports import BudgetError, Mark, Parts, StaleError

FOUND_BY_SEARCH = "search"
"""The flag of a message that nobody addressed to the brand."""

LONGEST_PAUSE = timedelta(hours=6)
LONGEST_ASKED = timedelta(days=1)
"""However long a network asks us to wait: a day's quota is the longest there is."""

FIRST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One claimed look. `reserved` is what of the budget was set aside for it (micro-dollars)."""

    wanted: Wanted
    mark: Mark
    every: int
    reserved: int = 0

    @property
    def name(self) -> str:
        """Return what is looked at: a handle's id, or handle and search."""
        return self.mark.name.removeprefix("poll#")


@dataclass(frozen=True, slots=True)
class NextLook:
    """When a handle is looked at next (None: at once), and why the last look failed, if it did."""

    next_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    handle: Handle
    every: int
    search: Search | None = None


def due(parts: Parts) -> Iterator[Look]:
    """Claim and return the looks whose time has come, one by one."""
    for source in _sources(parts):
        look = _claimed(parts, source)
        if look is not None:
            yield look


def look(parts: Parts, claimed: Look) -> Polled | None:
    """Make a look. None when the network could not be read: it is made again later."""
    try:
        found = parts.network.poll(claimed.wanted)
    except PollError as error:
        _give_back(parts, claimed, 0)
        _postponed(parts, claimed, error)
        return None
    _give_back(parts, claimed, found.cost_micros)
    if claimed.wanted.words:
        found = replace(found, events=tuple(_searched(event) for event in found.events))
    return found


def keep(parts: Parts, claimed: Look, found: Polled) -> bool:
    """Keep how far a look has come; returns whether there is more to see at once.

    Call it once everything the look brought is safe. Another poller that was faster stands.
    """
    at_once = 0 < found.again_seconds <= 1
    wait = 0 if at_once else found.again_seconds or claimed.every
    at = parts.now() + timedelta(seconds=wait)
    value = _written(cursor=found.cursor, next_at=at)
    try:
        parts.marks.put(replace(claimed.mark, value=value))
    except StaleError:
        return False
    parts.meter.count("Polled", handle=claimed.wanted.handle.id)
    return at_once


def next_look(parts: Parts, handle: Handle) -> NextLook:
    """Return what is known of the looks at a handle."""
    told = json.loads(parts.marks.get(f"poll#{handle.id}").value or "{}")
    at = datetime.fromisoformat(told["next_at"]) if told.get("next_at") else None
    return NextLook(at, told.get("problem", ""))


def _sources(parts: Parts) -> Iterator[_Source]:
    policy = parts.policies.current()
    for handle in policy.handles:
        every = parts.network.polls(handle)
        if every:
            yield _Source(handle.id, handle, every)
    for search in policy.searches:
        searched = policy.handle(search.handle)
        if search.enabled and searched is not None:
            yield _Source(f"{searched.id}#{search.id}", searched, search.every_seconds, search)


def _claimed(parts: Parts, source: _Source) -> Look | None:
    mark = parts.marks.get(f"poll#{source.name}")
    told = json.loads(mark.value or "{}")
    now = parts.now()
    if told.get("next_at") and datetime.fromisoformat(told["next_at"]) > now:
        return None
    lease = now + timedelta(seconds=max(source.every, 60))
    value = _written(
        cursor=told.get("cursor", ""),
        next_at=lease,
        failures=int(told.get("failures", 0)),
        problem=told.get("problem", ""),
    )
    try:
        claimed = parts.marks.put(replace(mark, value=value))
    except StaleError:
        return None  # another poller has it
    wanted = Wanted(source.handle, cursor=told.get("cursor", ""))
    look = Look(wanted, claimed, source.every)
    return look if source.search is None else _afforded(parts, look, source.search)


def _afforded(parts: Parts, look: Look, search: Search) -> Look | None:
    """Set aside what a search may cost at most; None when the month's budget does not allow it."""
    handle = look.wanted.handle
    cost = parts.network.search_cost(handle, search.most)
    wanted = replace(look.wanted, words=search.words, most=search.most)
    if cost:
        limit = budget.monthly_limit(handle) or 0  # what costs needs a limit
        try:
            parts.budgets.spend(handle.id, budget.month(parts.now()), cost, limit)
        except BudgetError:
            parts.meter.count("BudgetSpent", handle=handle.id)
            return None
    return replace(look, wanted=wanted, reserved=cost)


def _give_back(parts: Parts, claimed: Look, cost_micros: int) -> None:
    if claimed.reserved != cost_micros:
        change = cost_micros - claimed.reserved
        month = budget.month(parts.now())
        parts.budgets.spend(claimed.wanted.handle.id, month, change, None)


def _postponed(parts: Parts, claimed: Look, error: PollError) -> None:
    """Note the failure: the next look waits twice as long as the one before, or as asked."""
    told = json.loads(claimed.mark.value)
    failures = int(told["failures"]) + 1
    own = min(FIRST_PAUSE * 2 ** min(failures, 12), LONGEST_PAUSE)
    asked = min(timedelta(seconds=error.wait_seconds), LONGEST_ASKED)
    at = parts.now() + max(own, asked)
    value = _written(cursor=told["cursor"], next_at=at, failures=failures, problem=error.reason)
    parts.meter.count("PollFailed", handle=claimed.wanted.handle.id, reason=error.reason)
    if error.lasting:
        parts.meter.count("ChannelBroken", handle=claimed.wanted.handle.id)
    try:
        parts.marks.put(replace(claimed.mark, value=value))
    except StaleError:
        return  # another poller has looked since


def _written(*, cursor: str, next_at: datetime, failures: int = 0, problem: str = "") -> str:
    told = {
        "cursor": cursor,
        "next_at": next_at.isoformat(),
        "failures": failures,
        "problem": problem,
    }
    return json.dumps(told)


def _searched(event: ChannelEvent) -> ChannelEvent:
    return replace(event, flags=(*event.flags, FOUND_BY_SEARCH))
