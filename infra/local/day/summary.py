"""The summary of a day.

Every figure counted from the facts, none from what the player believes it did.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.delivery import REACHED
from chalicelib.domain.message import Message, Origin
from infra.local.day.audit_alerts import verdicts
from infra.local.day.audit_ways import TAKEN, files_kept
from infra.local.day.facts import Facts, Notice, Talk
from infra.local.day.finding import Finding, Kind


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a day.

    `files_in` were fetched into the bucket, `files_out` left with mails. `hooks` are events that
    the company's own system took, `hooks_repeated` the attempts before that it did not take.
    `spent` is in millionths of a dollar, by handle. `exposed` are messages that show personal data,
    `hidden` those of them that were hidden; `moved` cases went from public to private. `pages` told
    people of breaches and warnings, `taken` of them were acknowledged.
    """

    webhooks: int
    taken_again: int
    channels: Sequence[tuple[str, int, int]]
    cases: Sequence[tuple[str, int]]
    clocks: Sequence[tuple[str, int, int, int]]
    scores: Sequence[tuple[int, int]]
    notices: Sequence[Notice]
    invocations: int
    executions: int
    transitions: int
    refused: int
    files_in: int
    files_out: int
    hooks: int
    hooks_repeated: int
    spent: Sequence[tuple[str, int]]
    exposed: int
    hidden: int
    moved: int
    pages: int
    taken: int
    connections: Sequence[tuple[str, int]]
    lost: int
    duplicated: int
    wrong: int

    @property
    def well(self) -> bool:
        """Return whether nothing was lost, duplicated or wrong."""
        return not (self.lost or self.duplicated or self.wrong)


def summarise(facts: Facts, findings: Sequence[Finding]) -> Summary:
    """Return the figures of the facts, and how much the audit found."""
    talks = [talk for found in facts.talks.values() for talk in found]
    kinds = Counter(finding.kind for finding in findings)
    return Summary(
        webhooks=len(facts.delivered),
        taken_again=sum(one.attempts - 1 for one in facts.delivered),
        channels=_channels(talks),
        cases=sorted(Counter(talk.case.status.value for talk in talks if talk.case).items()),
        clocks=_clocks(facts),
        scores=sorted(
            Counter(
                t.case.follow_up.score for t in talks if t.case and t.case.follow_up.score
            ).items()
        ),
        notices=facts.notices,
        invocations=sum(facts.invocations.values()),
        executions=sum(facts.machine.executions.values()),
        transitions=facts.machine.transitions,
        refused=len(facts.refused),
        files_in=files_kept(facts),
        files_out=len(facts.enclosed),
        hooks=sum(one.status in TAKEN for one in facts.hooks),
        hooks_repeated=sum(one.status not in TAKEN for one in facts.hooks),
        spent=sorted(facts.spent.items()),
        exposed=sum(bool(m.personal) for t in talks for m in t.inbound()),
        hidden=sum(bool(m.personal) and m.hidden for t in talks for m in t.inbound()),
        moved=sum(t.conversation.side is not None for t in talks),
        pages=len(facts.pages),
        taken=sum(one.page.acknowledged_at is not None for one in facts.pages),
        connections=sorted(Counter(s.split()[0] for s in facts.health.values()).items()),
        lost=kinds[Kind.LOST],
        duplicated=kinds[Kind.DUPLICATED],
        wrong=kinds[Kind.WRONG],
    )


def _channels(talks: Sequence[Talk]) -> Sequence[tuple[str, int, int]]:
    """Return channel, messages in, and messages out that reached somebody.

    Surveys and replies of the platform's own app are included.
    """
    arrived: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for talk in talks:
        for message in talk.inbound():
            arrived[channel_of(talk, message)] += 1
        for message in talk.outbound():
            left[channel_of(talk, message)] += _reached(message)
    return [
        (channel, arrived[channel], left[channel])
        for channel in sorted(arrived.keys() | left.keys())
    ]


def channel_of(talk: Talk, message: Message) -> str:
    """Return where a message was said: on the private side of a public case, or where that is."""
    conversation = talk.conversation
    if conversation.side is not None and conversation.public and not message.public:
        return conversation.side.channel.value
    return conversation.channel.value


def _reached(message: Message) -> bool:
    if message.origin is Origin.NATIVE_APP:
        return True
    return message.delivery is not None and message.delivery.state in REACHED


def _clocks(facts: Facts) -> Sequence[tuple[str, int, int, int]]:
    """Return (clock, met, breached, neither: still running or ended without a verdict)."""
    counted = verdicts(facts)
    names = sorted({name for name, _ in counted})
    return [
        (
            name,
            counted[(name, "met")],
            counted[(name, "breached")],
            sum(
                n
                for (clock, how), n in counted.items()
                if clock == name and how not in ("met", "breached")
            ),
        )
        for name in names
    ]
