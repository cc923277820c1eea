"""The audit of what the brand said.

Every reply reached its customer exactly once, and the table knows it.
"""

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.delivery import REACHED
from chalicelib.domain.message import DeliveryState, Message, Origin
from infra.local.day.facts import Facts, Talk
from infra.local.day.finding import Finding, Kind
from infra.local.day.story import SURVEY_BEGINS, Customer


def replies(customer: Customer, talk: Talk, facts: Facts) -> Iterator[Finding]:
    """Compare what this customer received, and what the table says was sent, with the plan."""
    heard = [one for one in facts.received if one.customer == customer.ref]
    surveys = [one for one in heard if one.text.startswith(SURVEY_BEGINS)]
    invited = [one for one in heard if _invites(customer, one.text)]
    if len(invited) != bool(customer.ends.invited):
        kind = _kind(len(invited), bool(customer.ends.invited))
        yield Finding(kind, customer, f"was invited {len(invited)} times")
    aside = (*surveys, *invited)
    yield from _heard(customer, Counter(one.text for one in heard if one not in aside))
    if len(surveys) != customer.ends.surveys:
        yield Finding(
            _kind(len(surveys), customer.ends.surveys),
            customer,
            f"got {len(surveys)} surveys, must get {customer.ends.surveys}",
        )
    yield from _stored(customer, talk, {one.platform_id for one in heard})
    yield from _native(customer, talk)


def _invites(customer: Customer, text: str) -> bool:
    """Return whether a text is the planned invitation; a link may follow its words."""
    return bool(customer.ends.invited) and text.startswith(customer.ends.invited)


def _heard(customer: Customer, heard: Counter[str]) -> Iterator[Finding]:
    for text in customer.ends.replies:
        if heard[text] != 1:
            yield Finding(
                _kind(heard[text], 1), customer, f"received the reply {text!r} {heard[text]} times"
            )
    for text in heard.keys() - set(customer.ends.replies):
        yield Finding(Kind.WRONG, customer, f"received a reply nobody planned: {text!r}")


def _stored(customer: Customer, talk: Talk, heard_ids: set[str]) -> Iterator[Finding]:
    ours = [m for m in talk.outbound() if m.origin in (Origin.HEARBACK, Origin.SURVEY)]
    for message in ours:
        if _state(message) in REACHED and message.platform_id not in heard_ids:
            yield Finding(
                Kind.WRONG,
                customer,
                f"the table says {message.platform_id or message.id} was sent; nobody got it",
            )
        if _state(message) not in REACHED and _state(message) is not DeliveryState.FAILED:
            yield Finding(Kind.WRONG, customer, f"reply {message.id} is left {_state(message)}")
    for text in customer.ends.lost_replies:
        states = [_state(m) for m in ours if m.text == text]
        if states != [DeliveryState.FAILED]:
            yield Finding(
                Kind.WRONG, customer, f"the reply that cannot arrive is {states}, must be failed"
            )
    if len({m.platform_id for m in ours if m.platform_id}) != sum(1 for m in ours if m.platform_id):
        yield Finding(Kind.DUPLICATED, customer, "two replies in the table have one platform id")


def _native(customer: Customer, talk: Talk) -> Iterator[Finding]:
    found = sorted(m.text for m in talk.outbound() if m.origin is Origin.NATIVE_APP)
    if found != sorted(customer.ends.native):
        yield Finding(
            Kind.WRONG,
            customer,
            f"{len(found)} replies of the platform's own app are imported, not as planned",
        )


def _state(message: Message) -> DeliveryState | None:
    return message.delivery.state if message.delivery else None


def _kind(found: int, expected: int) -> Kind:
    return Kind.LOST if found < expected else Kind.DUPLICATED
