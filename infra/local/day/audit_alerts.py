"""The audit of clocks and alerts.

Breaches are recorded at their deadline, announced once, and said without a customer's word.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from chalicelib.domain.alert import GSM, SMS_LENGTH
from chalicelib.domain.clock import Outcome
from chalicelib.domain.entry import Entry, EntryKind
from infra.local.day.facts import Facts, Notice, Talk
from infra.local.day.finding import Finding, Kind
from infra.local.day.story import Customer

What = tuple[str, str]
"""What an alert is about: (case id, clock)."""

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
    for (clock, seq), times in Counter((entry.clock, entry.seq) for entry in breached).items():
        if times > 1:
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
    """Check that each subscriber was told once of each entry to be told of, and of nothing else."""
    expected = Counter(_expected(facts))
    for topic, protocol, endpoint in sorted(
        {(one.topic, one.protocol, one.endpoint) for one in facts.notices}
    ):
        got = [
            n
            for n in facts.notices
            if (n.topic, n.protocol, n.endpoint) == (topic, protocol, endpoint)
        ]
        wanted = Counter({what: times for (told, what), times in expected.items() if told == topic})
        yield from _compare(f"{protocol} to {endpoint}", wanted, got)
    topics = {one.topic for one in facts.notices}
    for topic in sorted({told for told, _ in expected} - topics):
        yield Finding(Kind.LOST, None, f"nobody was told anything on {topic}")
    yield from _texts(facts)


def _compare(who: str, wanted: Counter[What], got: Sequence[Notice]) -> Iterator[Finding]:
    for key, times in Counter(one.key for one in got).items():
        if times > 1:
            yield Finding(Kind.DUPLICATED, None, f"{who}: {times} times the alert {key}")
    told = Counter(what for what, _ in {((one.case_id, one.clock), one.key) for one in got})
    for (case_id, clock), times in (wanted - told).items():
        yield Finding(
            Kind.LOST, None, f"{who}: {times} alerts about {clock} of {case_id} are missing"
        )
    for (case_id, clock), times in (told - wanted).items():
        yield Finding(
            Kind.WRONG,
            None,
            f"{who}: {times} alerts about {clock} of {case_id} that no entry calls for",
        )


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


def _expected(facts: Facts) -> Iterator[tuple[str, What]]:
    for talk, entry in _entries(facts):
        case_id = f"{talk.conversation.id}-{entry.case_number}"
        if entry.kind in TOLD:
            yield TOLD[entry.kind], (case_id, f"{entry.clock}")
        if entry.kind is EntryKind.SURVEY_ANSWERED and entry.score <= LOW:
            yield "breaches", (case_id, "survey")


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
