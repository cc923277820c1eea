"""Whatever the limits, the people and the replies: nothing leaves without authority."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Presence, Role
from chalicelib.domain.authority import Limit, Promised, PromiseKind, Review
from chalicelib.domain.message import Direction
from chalicelib.workflows.answering import reply
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.approving import decide
from chalicelib.workflows.approving.decide import Changed
from chalicelib.workflows.change import Ask
from chalicelib.workflows.errors import RefusedError
from tests.unit.workflows.story import POLICY, Story

PEOPLE = {
    "ann": Actor("ann", Role.AGENT, ("care",)),
    "tim": Actor("tim", Role.AGENT, ("care",)),
    "lou": Actor("lou", Role.LEAD, ("care",)),
    "lea": Actor("lea", Role.LEAD, ("care",)),
    "sue": Actor("sue", Role.LEAD, ("shop",)),
    "ada": Actor("ada", Role.ADMIN),
}
RANK = {Role.AGENT: 0, Role.LEAD: 1, Role.ADMIN: 2}
KINDS = st.sampled_from([PromiseKind.REFUND, PromiseKind.LEGAL])
CURRENCIES = st.sampled_from(["EUR", "USD"])


@st.composite
def limits(draw):
    kind = draw(KINDS)
    role, team = draw(st.sampled_from(list(Role))), draw(st.sampled_from(["", "care", "shop"]))
    cents = draw(st.none() | st.integers(1, 40))
    money = kind is PromiseKind.REFUND and cents is not None
    currency = draw(CURRENCIES) if money else ""
    return Limit(kind, role.value, team, cents if money else None, currency)


@st.composite
def promises(draw):
    kind = draw(KINDS)
    if kind is PromiseKind.LEGAL:
        return Promised(kind)
    return Promised(kind, draw(st.integers(1, 50)), draw(CURRENCIES))


WISHES = st.lists(promises(), max_size=3).map(tuple)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(sorted(PEOPLE)), WISHES),
    st.tuples(st.just("approve"), st.sampled_from(sorted(PEOPLE)), st.none() | WISHES),
    st.tuples(st.just("resend"), st.sampled_from(sorted(PEOPLE)), st.none()),
)


def may(policy, who, total):
    """Return what the documentation says, in other words than the code."""
    of_kind = [one for one in policy.limits if one.kind is total.kind]
    for one in of_kind:
        mine = RANK[Role(one.role)] <= RANK[who.role] and one.team in ("", "care")
        mine = mine and (who.role is Role.ADMIN or "care" in who.teams)
        enough = one.cents is None or (one.currency == total.currency and total.cents <= one.cents)
        if mine and (enough or total.kind is PromiseKind.LEGAL):
            return True
    return not of_kind


def act(story, step, number):
    what, name, wanted = step
    head = story.conversation
    ask = Ask(PEOPLE[name], head.id, head.version, f"key-{number}")
    waiting = story.case.approvals
    if what == "write":
        reply.reply(story.parts, ask, Draft(f"Words {number}", promised=wanted))
    elif what == "approve" and waiting:
        decide.approve(story.parts, ask, waiting[0].id, Changed(promised=wanted))
    elif what == "resend":
        for message in story.messages:
            if message.direction is Direction.OUTBOUND:
                reply.resend(story.parts, ask, message.id)


@settings(max_examples=150, deadline=None)
@given(
    held=st.lists(limits(), max_size=5).map(tuple),
    reviewed=st.sampled_from([(), (Review(),), (Review(trainees=False),)]),
    steps=st.lists(STEPS, min_size=1, max_size=8),
)
def test_nothing_leaves_without_authority(held, reviewed, steps):
    policy = replace(POLICY, limits=held, reviews=reviewed)
    story = Story(policy)
    story.joins("tim", presence=Presence.AWAY, trainee=True)
    story.writes()
    story.loop.rest()
    sums: dict[tuple[PromiseKind, str], int] = {}
    left = 0
    for number, step in enumerate(steps):
        try:
            act(story, step, number)
        except RefusedError:
            continue
        finally:
            story.loop.rest()
        new = story.parts.sender.sent[left:]
        left = len(story.parts.sender.sent)
        for sent in new:
            message = next(one for one in story.messages if one.id == sent.token)
            for one in message.promised:
                place = one.kind, one.currency
                sums[place] = sums.get(place, 0) + one.cents
            who = PEOPLE[message.approved.by if message.approved else message.author_id]
            for one in message.promised:
                total = replace(one, cents=sums[one.kind, one.currency])
                assert may(policy, who, total), (who, total)
            read = any(not one.trainees or message.author_id == "tim" for one in reviewed)
            assert not read or (message.approved and who.role is not Role.AGENT)
            assert not message.approved or who.id != message.author_id
            assert who.id != "sue"
