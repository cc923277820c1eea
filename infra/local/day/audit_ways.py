"""The audit of the ways beside question and answer.

From public to private, personal data, wishes, money, files, and what the company's own system was
told.
"""

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Direction, Message
from infra.local.day.facts import Facts, Talk
from infra.local.day.finding import Finding, Kind
from infra.local.day.story import Customer, Plan

CASE_OPENED = "case.opened"
"""The one event that the local policy's endpoint wants."""

TAKEN = range(200, 300)


def ways(customer: Customer, talk: Talk, facts: Facts) -> Iterator[Finding]:
    """Check what this customer's conversation went through besides being answered."""
    yield from _side(customer, talk)
    yield from _personal(customer, talk)
    yield from _wishes(customer, talk, facts)
    yield from _files(customer, talk, facts)


def whole(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Check what belongs to nobody alone: money, outgoing webhooks, connections."""
    failures = {code for customer in plan.customers for code in customer.ends.failures}
    if "budget_spent" in failures and facts.counted.get("BudgetSpent") == 0:
        yield Finding(Kind.WRONG, None, "a budget is spent, and nobody was told")
    for handle, state in sorted(facts.health.items()):
        if state.startswith("broken"):
            yield Finding(Kind.WRONG, None, f"the connection of {handle} is {state}")
    yield from _hooks(facts)


def _side(customer: Customer, talk: Talk) -> Iterator[Finding]:
    """Check that who was invited is in a private talk of the same case, and nobody else is."""
    side, wanted = talk.conversation.side, bool(customer.ends.invited)
    joined = side is not None and side.joined_at is not None
    if joined is not wanted:
        what = "was not" if wanted else "was"
        yield Finding(Kind.WRONG, customer, f"{what} joined to a private talk")
    private = [m for m in talk.inbound() if not m.public]
    if wanted and not (private and len(private) < len(talk.inbound())):
        yield Finding(Kind.LOST, customer, "the case has no messages on one of its two sides")
    if wanted and {m.case_number for m in talk.inbound()} != {1}:
        yield Finding(Kind.WRONG, customer, "the two sides are not one case")


def _personal(customer: Customer, talk: Talk) -> Iterator[Finding]:
    found = tuple(sorted({kind for m in talk.inbound() for kind in m.personal}))
    if found != customer.ends.personal:
        what = f"personal data found is {found}, must be {customer.ends.personal}"
        yield Finding(Kind.WRONG, customer, what)
    if not customer.ends.hidden:
        return
    if any(m.personal and not m.hidden for m in talk.inbound()):
        yield Finding(Kind.WRONG, customer, "what shows personal data is not hidden")
    clock = talk.case.clock(ClockName.EXPOSE) if talk.case else None
    if clock is None or clock.outcome is not Outcome.MET:
        how = clock.outcome if clock else "missing"
        yield Finding(Kind.WRONG, customer, f"the expose clock is {how}, must be met")


def _wishes(customer: Customer, talk: Talk, facts: Facts) -> Iterator[Finding]:
    if (talk.conversation.opted_out_at is not None) is not customer.ends.opted_out:
        yield Finding(Kind.WRONG, customer, "the wish for no messages is not kept as it was said")
    refused = tuple(code for ref, code in facts.refusals if ref == customer.ref)
    if refused != customer.ends.refused:
        what = f"replies were refused with {refused}, must be {customer.ends.refused}"
        yield Finding(Kind.WRONG, customer, what)
    lost = {m.delivery.error_code for m in talk.outbound() if m.delivery} - {""}
    for code in customer.ends.failures:
        if code not in lost:
            yield Finding(Kind.WRONG, customer, f"no reply failed with {code}, but {sorted(lost)}")


def _files(customer: Customer, talk: Talk, facts: Facts) -> Iterator[Finding]:
    kept = [one for m in talk.inbound() for one in _kept(m, facts)]
    if len(kept) < customer.ends.files_in:
        what = f"{len(kept)} files are in the bucket, must be {customer.ends.files_in}"
        yield Finding(Kind.LOST, customer, what)
    got = sorted(one.name for one in facts.enclosed if one.customer == customer.ref)
    if got != sorted(customer.ends.files_out):
        what = f"got the files {got}, must get {customer.ends.files_out}"
        yield Finding(Kind.WRONG, customer, what)


def _kept(message: Message, facts: Facts) -> Iterator[Attachment]:
    for one in message.attachments:
        if one.key and facts.files.get(one.key) == one.size:
            yield one


def _hooks(facts: Facts) -> Iterator[Finding]:
    """Check that the company's own system took the news of each case once, signed."""
    taken = [one for one in facts.hooks if one.status in TAKEN]
    for event_id, times in Counter(one.event_id for one in taken).items():
        if times > 1:
            yield Finding(Kind.DUPLICATED, None, f"the event {event_id} was taken {times} times")
    told = Counter(str(one.data.get("case_id", "")) for one in taken)
    cases = {
        f"{talk.conversation.id}-{number}"
        for found in facts.talks.values()
        for talk in found
        for number in range(1, (talk.case.number if talk.case else 0) + 1)
    }
    for case_id in sorted(cases - told.keys()):
        yield Finding(Kind.LOST, None, f"nobody told the company's system of {case_id}")
    for case_id in sorted(told.keys() - cases):
        yield Finding(Kind.WRONG, None, f"the company's system was told of {case_id}")
    if any(one.kind != CASE_OPENED for one in taken):
        yield Finding(Kind.WRONG, None, "the company's system was told what it did not ask for")


def files_kept(facts: Facts) -> int:
    """Return how many files of customers were fetched into the bucket."""
    messages = [m for found in facts.talks.values() for talk in found for m in talk.messages]
    inbound = [m for m in messages if m.direction is Direction.INBOUND]
    return sum(1 for m in inbound for _ in _kept(m, facts))
