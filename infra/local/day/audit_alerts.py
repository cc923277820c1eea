"""The audit of clocks and alerts.

Breaches are recorded at their deadline, announced once, and said without a customer's word.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from chalicelib.domain.alert import GSM, SMS_LENGTH
from chalicelib.domain.clock import Outcome
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.page import ASSIGNEE_PERCENT, PageState
from infra.local.day.facts import Facts, Notice, Talk
from infra.local.day.finding import Finding, Kind
from infra.local.day.story import Customer

What = tuple[str, str, str]
"""What an alert is about: (case id, clock, deadline as ISO 8601)."""

GRACE = timedelta(minutes=1)
"""What is settled so soon after it happened need not be told: its page may not have left."""

SETTLES = frozenset(
    {
        EntryKind.CLOCK_MET,
        EntryKind.CLOCK_CANCELLED,
        EntryKind.CLOCK_PAUSED,
        EntryKind.CLOCK_SUPERSEDED,
        EntryKind.BREACH_WITHDRAWN,
        EntryKind.CASE_RESOLVED,
        EntryKind.REPLY_SENT,
        EntryKind.CASE_CLOSED,
    }
)
"""The entries after which nobody need be told of a clock any more."""

LOW = 2
"""The local policy's `survey.reopen_at_most`."""

SHORT = 8
"""Texts this short (a score) may stand in an alert by chance."""

TOLD = {EntryKind.DEADLINE_BREACHED: "breaches", EntryKind.DEADLINE_WARNED: "warnings"}
"""Which entries people are told of, and on which topic."""


def clocks(customer: Customer, talk: Talk) -> Iterator[Finding]:
    """Check this case's clocks.

    The planned breaches happened, and each is recorded at its deadline to the millisecond.
    """
    number = talk.case.number if talk.case else 0
    breached = [
        entry
        for entry in talk.entries
        if entry.kind is EntryKind.DEADLINE_BREACHED and entry.case_number == number
    ]
    for name in customer.ends.breaches:
        if name not in {entry.clock for entry in breached}:
            yield Finding(Kind.LOST, customer, f"the {name} clock never ran out in the log")
    withdrawn = Counter(
        (entry.clock, entry.seq)
        for entry in talk.entries
        if entry.kind is EntryKind.BREACH_WITHDRAWN and entry.case_number == number
    )
    for (clock, seq), times in Counter((entry.clock, entry.seq) for entry in breached).items():
        if times - withdrawn[clock, seq] > 1:
            yield Finding(
                Kind.DUPLICATED, customer, f"the breach of {clock} {seq} is recorded {times} times"
            )
    for one in talk.case.clocks if talk.case else ():
        late = [
            e for e in breached if (e.clock, e.seq) == (one.name, one.seq) and e.at != one.due_at
        ]
        if late or (one.breached_at is not None and one.breached_at != one.due_at):
            yield Finding(
                Kind.WRONG, customer, f"the breach of {one.name} is not recorded at its deadline"
            )
        if customer.ends.closed and one.outcome is None:
            yield Finding(Kind.WRONG, customer, f"the {one.name} clock of a closed case still runs")


def notices(facts: Facts) -> Iterator[Finding]:
    """Check that each subscriber was told of each entry to be told of, and of nothing else.

    A page tells of a case again while it is not settled, but no message comes twice.
    """
    expected = list(_expected(facts))
    for topic, protocol, endpoint in sorted(
        {(one.topic, one.protocol, one.endpoint) for one in facts.notices}
    ):
        got = [
            n
            for n in facts.notices
            if (n.topic, n.protocol, n.endpoint) == (topic, protocol, endpoint)
        ]
        wanted = {what: must for told, what, must in expected if told == topic}
        yield from _compare(f"{protocol} to {endpoint}", wanted, got)
    topics = {one.topic for one in facts.notices}
    for topic in sorted({told for told, _, must in expected if must} - topics):
        yield Finding(Kind.LOST, None, f"nobody was told anything on {topic}")
    yield from _texts(facts)


def pages(facts: Facts) -> Iterator[Finding]:
    """Check that each breach is on a page, and each page told, acknowledged or settled."""
    paged = {
        (member.conversation_id, member.clock, member.due_at)
        for one in facts.pages
        for member in one.members
    }
    for talk, entry in _entries(facts):
        about = (talk.conversation.id, f"{entry.clock}", entry.at)
        if entry.kind is EntryKind.DEADLINE_BREACHED and about not in paged:
            text = f"the breach of {entry.clock} of {talk.conversation.id} is on no page"
            yield Finding(Kind.LOST, None, text)
    for one in facts.pages:
        if not (one.page.told or one.page.acknowledged_at or one.page.state is PageState.OVER):
            text = f"the page {one.page.id} of {one.page.queue} told nobody"
            yield Finding(Kind.LOST, None, text)


def _compare(who: str, wanted: Mapping[What, bool], got: Sequence[Notice]) -> Iterator[Finding]:
    for key, times in Counter(one.key for one in got).items():
        if times > 1:
            yield Finding(Kind.DUPLICATED, None, f"{who}: {times} times the alert {key}")
    told = {what for one in got for what in one.cases}
    needed = {what for what, must in wanted.items() if must}
    for case_id, clock, due in sorted(needed - told):
        yield Finding(Kind.LOST, None, f"{who}: no alert about {clock} of {case_id} due {due}")
    for case_id, clock, due in sorted(told - set(wanted)):
        text = f"{who}: an alert about {clock} of {case_id} due {due} that no entry calls for"
        yield Finding(Kind.WRONG, None, text)


def verdicts(facts: Facts) -> Counter[tuple[str, str]]:
    """Return how many clocks ended how, as (clock, met | breached | cancelled | running)."""
    counted: Counter[tuple[str, str]] = Counter()
    for talks in facts.talks.values():
        for talk in talks:
            for one in talk.case.clocks if talk.case else ():
                breached = one.breached_at is not None or one.outcome is Outcome.BREACHED
                counted[
                    (one.name.value, "breached" if breached else (one.outcome or "running"))
                ] += 1
    return counted


def _entries(facts: Facts) -> Iterator[tuple[Talk, Entry]]:
    for talks in facts.talks.values():
        for talk in talks:
            yield from ((talk, entry) for entry in talk.entries)


def _expected(facts: Facts) -> Iterator[tuple[str, What, bool]]:
    """Yield (topic, what, whether somebody must be told of it) of each entry.

    What stands on a page that somebody acknowledged, or that is over, is known to somebody.
    """
    known = {
        (member.conversation_id, member.clock, member.due_at)
        for one in facts.pages
        if one.page.acknowledged_at or one.page.state is PageState.OVER
        for member in one.members
    }
    for talk, entry in _entries(facts):
        case_id = f"{talk.conversation.id}-{entry.case_number}"
        about = (talk.conversation.id, f"{entry.clock}", entry.until or entry.at)
        must = not _settled_soon(talk, entry) and about not in known
        if entry.kind in TOLD and not 0 < entry.percent < ASSIGNEE_PERCENT:
            due_at = entry.until or entry.at
            yield TOLD[entry.kind], (case_id, f"{entry.clock}", due_at.isoformat()), must
        if entry.kind is EntryKind.SURVEY_ANSWERED and entry.score <= LOW:
            yield "breaches", (case_id, "survey", entry.at.isoformat()), must


def _settled_soon(talk: Talk, entry: Entry) -> bool:
    ends = SETTLES | {EntryKind.DEADLINE_BREACHED} if entry.percent else SETTLES
    return any(one.kind in ends and entry.at <= one.at <= entry.at + GRACE for one in talk.entries)


def _texts(facts: Facts) -> Iterator[Finding]:
    words = {
        m.text
        for talks in facts.talks.values()
        for talk in talks
        for m in talk.messages
        if len(m.text) > SHORT
    }
    for one in facts.notices:
        if any(text in one.text for text in words):
            yield Finding(
                Kind.WRONG, None, f"an alert about {one.case_id} holds a customer's words"
            )
        if one.protocol == "sms" and (len(one.text) > SMS_LENGTH or set(one.text) - GSM):
            yield Finding(
                Kind.WRONG,
                None,
                f"an SMS about {one.case_id} does not fit in one: {len(one.text)} characters",
            )
