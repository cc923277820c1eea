"""Why: each decision of one case in order, from what it was made, and how a deadline comes about.

Told from the log as it was recorded; the arithmetic of a deadline from a replay of it, which knows
target and calendar of each clock. Holds no word of a customer's: entries carry none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.domain.alert import span
from chalicelib.domain.calendar import Calendar, open_spans
from chalicelib.domain.clock import Clock, ClockName
from chalicelib.domain.entry import ANNOUNCED, MACHINE, Entry, EntryKind
from chalicelib.domain.fold import ABOUT_CLOCKS, Terms
from chalicelib.domain.page import ASSIGNEE_PERCENT, What, queue
from chalicelib.domain.replay import LogError, View, walk

PLANNED = frozenset({EntryKind.CLOCK_STARTED, EntryKind.CLOCK_RESUMED, EntryKind.CLOCK_REOPENED})
"""After what a clock has a new deadline."""

MOST_SPANS = 4
"""How many open stretches of a deadline are told one by one; of more the first and the last."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that happened or was decided.

    `what` says it in words, `how` the arithmetic of a deadline, `told` who has to hear of it.
    """

    at: datetime
    kind: str
    actor: str
    what: str
    how: str = ""
    told: str = ""
    policy_version: str = ""
    rule: str = ""
    version: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)


def explain(entries: Sequence[Entry], view: View) -> Iterator[Decision]:
    """Give every decision of a case, oldest first; `view` is that of the log as it was recorded.

    A log that cannot be replayed is told without arithmetic.
    """
    plans = _plans(entries, view)
    version = ""
    for entry in entries:
        version = entry.policy_version or version
        plan = plans.get(_key(entry), [])
        clock, terms = plan.pop(0) if plan else (None, None)
        yield Decision(
            at=entry.at,
            kind=entry.kind.value,
            actor=entry.actor,
            what=_what(entry),
            how=arithmetic(clock, terms) if clock is not None and terms is not None else "",
            told=_told(entry, terms),
            policy_version=version,
            rule=entry.rule,
            version=entry.version,
            inputs=entry.inputs,
        )


def _key(entry: Entry) -> tuple[EntryKind, datetime, ClockName | None, int]:
    return entry.kind, entry.at, entry.clock, entry.seq


def _plans(
    entries: Sequence[Entry], view: View
) -> dict[tuple[EntryKind, datetime, ClockName | None, int], list[tuple[Clock | None, Terms]]]:
    """Return for each clock event of a replay the clock as it was after it, and its terms."""
    found: dict[
        tuple[EntryKind, datetime, ClockName | None, int], list[tuple[Clock | None, Terms]]
    ] = {}
    try:
        for step in walk(entries, view):
            case = step.fold.case
            terms = view.terms(case.policy_version)
            clocks = {(clock.name, clock.seq): clock for clock in case.clocks}
            for entry in step.fold.entries:
                if entry.kind in ABOUT_CLOCKS and entry.clock is not None:
                    clock = clocks.get((entry.clock, entry.seq))
                    planned = clock if entry.kind in PLANNED else None
                    found.setdefault(_key(entry), []).append((planned, terms))
    except (LogError, LookupError):
        return {}
    return found


def arithmetic(clock: Clock, terms: Terms) -> str:
    """Return in plain words how a clock's deadline follows from its start, target and calendar.

    `started Fri 6 Mar 16:30 (Europe/London), 1 h of open time: open until Fri 6 Mar 17:00, from Mon
    9 Mar 09:00, so due Mon 9 Mar 09:30`.
    """
    calendar = terms.policy.calendar(clock.calendar)
    zone = "UTC" if calendar.always else calendar.zone
    target = span(clock.target_seconds)
    begun = _local(clock.started_at, zone)
    parts = [f"started {begun} ({zone}), {target} of open time, calendar {_name(clock)}"]
    if clock.used_ms:
        used = span(clock.used_ms / 1000)
        parts.append(f"{used} of it used before {_local(clock.resumed_at, zone)}")
    parts += _stretches(calendar, clock, zone)
    parts.append(f"so due {_local(clock.due_at, zone)}")
    return ", ".join(parts)


def _name(clock: Clock) -> str:
    return clock.calendar or "always open"


def _stretches(calendar: Calendar, clock: Clock, zone: str) -> Iterator[str]:
    """Give when the calendar is open on the way to the deadline, where that is not all the time."""
    begin, due = clock.resumed_at, clock.due_at
    spans = [] if calendar.always else list(open_spans(calendar, begin, due))
    if spans and spans[0][0] > begin:
        yield f"closed until {_local(spans[0][0], zone)}"
    shown = spans if len(spans) <= MOST_SPANS else [spans[0], spans[-1]]
    for (opens, closes), (again, _) in pairwise(shown):
        took, until = span((closes - opens).total_seconds()), _local(again, zone)
        yield f"{took} until {_local(closes, zone)}, then closed until {until}"
    if len(shown) < len(spans):
        between = sum((closes - opens for opens, closes in spans[1:-1]), timedelta(0))
        yield f"with {span(between.total_seconds())} of open time in between"


def _local(at: datetime, zone: str) -> str:
    there = at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    seconds = f":{there:%S}" if there.second else ""
    return f"{there:%a} {there.day} {there:%b %H:%M}{seconds}"


def _what(entry: Entry) -> str:
    """Return in a sentence what an entry tells."""
    by = entry.actor if entry.actor != MACHINE else ""
    facts = (
        (entry.clock, f"{entry.clock.value} #{entry.seq}" if entry.clock else ""),
        (entry.percent, f"at {entry.percent} %"),
        (entry.agent_id, f"agent {entry.agent_id}"),
        (entry.value, f"-> {entry.value}"),
        (entry.score, f"score {entry.score}"),
        (entry.until, f"until {entry.until:%Y-%m-%d %H:%M:%S} UTC" if entry.until else ""),
        (entry.rule or by, f"by rule {entry.rule}" if entry.rule else f"by {by}"),
        (entry.reason, f"because: {entry.reason}"),
    )
    said = [words for fact, words in facts if fact]
    return " ".join([_spoken(entry.kind.value), *said])


def _spoken(kind: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind)
    return words.strip()


def _told(entry: Entry, terms: Terms | None) -> str:
    """Return on which page people hear of an entry, and why; empty where nobody is told."""
    if entry.kind not in ANNOUNCED or terms is None:
        return ""
    breach = entry.kind is EntryKind.DEADLINE_BREACHED
    if not breach and entry.percent < ASSIGNEE_PERCENT:
        return "shown on dashboards alone: nobody is told below 75 %"
    team = terms.handle.team
    kind = What.BREACH if breach else What.WARNING
    ladder = terms.policy.ladder(team).id
    return f"goes on the page {queue(team, kind)}, which climbs the ladder {ladder}"


def as_json(decision: Decision) -> dict[str, object]:
    """Return a decision as JSON holds it: what is empty is left out."""
    facts: dict[str, object] = {
        "at": decision.at.isoformat(),
        "kind": decision.kind,
        "actor": decision.actor,
        "what": decision.what,
        "version": decision.version,
    }
    more = {
        "how": decision.how,
        "told": decision.told,
        "policy_version": decision.policy_version,
        "rule": decision.rule,
        "inputs": dict(decision.inputs),
    }
    return facts | {name: value for name, value in more.items() if value}


def as_text(decisions: Sequence[Decision]) -> Iterator[str]:
    """Give the decisions as lines that people read."""
    for decision in decisions:
        yield f"{decision.at:%Y-%m-%d %H:%M:%S} UTC  {decision.what}"
        facts = "; ".join(f"{name} {value}" for name, value in sorted(decision.inputs.items()))
        policy = f"policy {decision.policy_version}" if decision.policy_version else ""
        for line in (decision.how, decision.told, facts, policy):
            if line:
                yield f"    {line}"
