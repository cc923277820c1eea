"""The audit.

What the plan says must be, compared with what the table, the queues and the customers say is.

Pure. Every finding is a sentence that names the customer and what is wrong; no finding means
nothing was lost, doubled or wrong.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import Message
from infra.local.day import audit_alerts, audit_replies, audit_ways
from infra.local.day.facts import Facts, Talk
from infra.local.day.finding import Finding, Kind
from infra.local.day.story import Customer, Does, Plan, told
from infra.local.simulator.post import Delivered

TAKEN = range(200, 300)
REFUSED = (401, 403)
ENDED_WELL = ("RUNNING", "SUCCEEDED")
SAYS = (Does.SAY, Does.TALK, Does.START, Does.AWAY)
"""What becomes a message in the table."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message of a customer as it must stand in the table. `shown` None: whatever it says."""

    id: str
    shown: str | None
    texts: frozenset[str]
    deleted: bool = False


def audit(plan: Plan, facts: Facts) -> Sequence[Finding]:
    """Return everything that is lost, doubled or wrong."""
    findings = [*_strangers(plan, facts), *_webhooks(plan, facts), *_aside(plan, facts)]
    for customer in plan.customers:
        talks = facts.talks.get(customer.ref, ())
        if len(talks) != 1:
            kind = Kind.DUPLICATED if talks else Kind.LOST
            findings.append(Finding(kind, customer, f"has {len(talks)} conversations, must have 1"))
            continue
        findings += _messages(plan, customer, talks[0])
        findings += _case(customer, talks[0])
        findings += audit_replies.replies(customer, talks[0], facts)
        findings += audit_alerts.clocks(customer, talks[0])
        findings += audit_ways.ways(customer, talks[0], facts)
    told = (*audit_alerts.pages(facts), *audit_alerts.notices(facts))
    return [*findings, *told, *audit_ways.whole(plan, facts)]


def wanted(plan: Plan, customer: Customer) -> Sequence[Wanted]:
    """Return the messages that the plan makes this customer write.

    Reactions included, as they must be shown in the end.
    """
    doings = [a for a in plan.actions if a.customer == customer.ref] + [
        action for reaction in customer.reactions for action in reaction.actions
    ]
    said = [a for a in doings if a.does in SAYS]
    rows = []
    for one in said:
        edits = [a.text for a in doings if a.does is Does.EDIT and a.id == one.id]
        gone = any(a.does is Does.REMOVE and a.id == one.id for a in doings)
        shown = "" if gone else (edits[-1] if edits else one.text)
        if one.does is Does.START:  # the code of the link, which nobody knows before
            rows.append(Wanted(one.id, None, frozenset()))
        else:
            rows.append(Wanted(one.id, shown, frozenset((one.text, *edits)), gone))
    return rows


def _messages(plan: Plan, customer: Customer, talk: Talk) -> Iterator[Finding]:
    stored = Counter(message.platform_id for message in talk.inbound())
    expected = {one.id: one for one in wanted(plan, customer)}
    for platform_id in expected.keys() - stored.keys():
        yield Finding(Kind.LOST, customer, f"message {platform_id} is not in the table")
    for platform_id in stored.keys() - expected.keys():
        yield Finding(Kind.WRONG, customer, f"message {platform_id} was never written")
    for platform_id, times in stored.items():
        if times > 1:
            what = f"message {platform_id} is in the table {times} times"
            yield Finding(Kind.DUPLICATED, customer, what)
    for message in talk.inbound():
        if message.platform_id in expected:
            yield from _shown(customer, message, expected[message.platform_id])


def _shown(customer: Customer, message: Message, one: Wanted) -> Iterator[Finding]:
    deleted = message.deleted_at is not None
    shown = one.shown in (None, message.shown)
    if not shown or message.stub or deleted is not one.deleted:
        yield Finding(Kind.WRONG, customer, f"message {one.id} is not shown as it was left")
    if not one.texts <= {message.text, *(edit.text for edit in message.edits)}:
        yield Finding(Kind.LOST, customer, f"message {one.id} lost one of its texts")


def _case(customer: Customer, talk: Talk) -> Iterator[Finding]:
    case, ends = talk.case, customer.ends
    if not ends.case:
        if case is not None:
            yield Finding(Kind.WRONG, customer, f"has case number {case.number}, must have none")
        return
    if case is None or case.number != 1:
        yield Finding(
            Kind.WRONG, customer, f"has case number {case.number if case else 0}, must have 1"
        )
        return
    if (case.closed_at is not None) is not ends.closed:
        yield Finding(
            Kind.WRONG,
            customer,
            f"case is {case.status}, must be {'closed' if ends.closed else 'open'}",
        )
    if case.reopens != ends.reopens:
        yield Finding(
            Kind.WRONG, customer, f"case was reopened {case.reopens} times, must be {ends.reopens}"
        )
    scores = tuple(e.score for e in talk.entries if e.kind is EntryKind.SURVEY_ANSWERED)
    if scores != ends.scores or case.follow_up.score != (ends.scores or (0,))[-1]:
        what = f"survey answers are {scores} and {case.follow_up.score}, must be {ends.scores}"
        yield Finding(Kind.WRONG, customer, what)
    if case.stuck:
        yield Finding(Kind.WRONG, customer, f"case is stuck: {case.stuck}")


def _strangers(plan: Plan, facts: Facts) -> Iterator[Finding]:
    known = plan.by_ref()
    for ref in facts.talks.keys() - known.keys():
        yield Finding(
            Kind.WRONG, None, f"somebody who never wrote has a conversation: {ref or 'nobody'}"
        )


def _webhooks(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Check that every webhook was taken in the end, and every forgery refused as what it is."""
    for one in facts.delivered:
        if _expected_status(one):
            continue
        kind = Kind.WRONG if one.webhook.forged else Kind.LOST
        yield Finding(
            kind,
            None,
            f"webhook {one.webhook.name} ended with {one.status} after {one.attempts} attempts",
        )
    planned = sum(1 + len(a.copies) for a in plan.actions if told(a))
    if len(facts.delivered) < planned:
        yield Finding(
            Kind.LOST, None, f"{planned} webhooks were planned, {len(facts.delivered)} were sent"
        )


def _expected_status(one: Delivered) -> bool:
    return one.status in REFUSED if one.webhook.forged else one.status in TAKEN


def _aside(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Check what ends beside the table.

    The quarantine, the dead-letter queues, failed executions.
    """
    unreadable = [a for a in plan.actions if a.does is Does.UNREADABLE]
    for action in unreadable:
        kept = sum(action.id.encode() in body for body in facts.quarantined)
        if kept != 1:
            yield Finding(
                Kind.LOST,
                None,
                f"the unreadable body {action.id} is kept {kept} times, must be once",
            )
    for queue, count in facts.dead.items():
        if count:
            yield Finding(Kind.LOST, None, f"{count} messages lie in {queue}")
    for status, count in facts.machine.executions.items():
        if count and status not in ENDED_WELL:
            yield Finding(Kind.WRONG, None, f"{count} executions ended as {status}")
