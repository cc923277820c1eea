"""A day that went exactly as planned, as facts.

What the audit's tests start from and then spoil.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.alert import Severity
from chalicelib.domain.case import Case, FollowUp, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.conversation import Conversation, Side
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.event import Attachment
from chalicelib.domain.ident import conversation_id
from chalicelib.domain.ladder import Medium
from chalicelib.domain.message import (
    Delivery,
    DeliveryState,
    Direction,
    Edit,
    Message,
    Origin,
)
from chalicelib.domain.page import Member, Page, Telling
from infra.local.day.audit import wanted
from infra.local.day.audit_alerts import LOW
from infra.local.day.facts import Facts, Machine, Notice, Paged, Talk
from infra.local.day.render import render
from infra.local.day.story import PUBLIC_ONLY, SURVEY_BEGINS, Does
from infra.local.day.story import told as is_told
from infra.local.simulator.crm import Heard
from infra.local.simulator.ledger import Received
from infra.local.simulator.networks import Enclosed
from infra.local.simulator.post import Delivered, Door, Webhook
from tests.unit.local.world import ACCOUNTS

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
DUE = NOW + timedelta(seconds=20)
KEY, SIZE = "media/c/m/0", 41
PAGE = Page(
    id="page",
    queue="care/breach",
    team="care",
    ladder="day",
    policy_version="v",
    severity=Severity.BREACH,
    opened_at=DUE,
    leaves_at=DUE,
    told=(Telling(0, Medium.TOPIC, "subscribers", DUE, "sent"),),
)
SIDE = Side(Channel.MESSENGER, "h", "1", NOW, "7", "c", NOW)


def facts(plan):
    talks = {customer.ref: (talk(plan, customer),) for customer in plan.customers}
    return Facts(
        talks=talks,
        received=[one for customer in plan.customers for one in heard(customer)],
        delivered=[
            delivered(a) for a in plan.actions if is_told(a) for _ in range(1 + len(a.copies))
        ],
        notices=[one for found in talks.values() for one in told(found[0])],
        pages=[Paged(PAGE, tuple(one for found in talks.values() for one in members(found[0])))],
        machine=Machine({"SUCCEEDED": len(talks)}, 400),
        quarantined=[
            render(a, plan, ACCOUNTS, NOW).body for a in plan.actions if a.does is Does.UNREADABLE
        ],
        dead={"inbox": 0},
        refusals=[(c.ref, code) for c in plan.customers for code in c.ends.refused],
        files={KEY: SIZE},
        enclosed=[
            Enclosed(c.ref, name, b"%PDF") for c in plan.customers for name in c.ends.files_out
        ],
        hooks=[one for found in talks.values() for one in hooks(found[0])],
        spent={"acme-x": 135_000},
        health={"acme-x": "well", "acme-page": "repaired the account was not subscribed"},
        counted={"BudgetSpent": 1},
    )


def hooks(talk):
    """The news of a case: at its first attempt nobody was there."""
    if talk.case is None:
        return
    data = {"case_id": f"{talk.conversation.id}-1", "conversation_id": talk.conversation.id}
    for status in (503, 200):
        yield Heard(f"evt-{talk.conversation.id}", "case.opened", data, status)


def talk(plan, customer):
    where = conversation_id(customer.channel, "1", customer.ref)
    inbound = [
        replace(
            message_of(where, one),
            public=public(customer, number),
            personal=customer.ends.personal if number == 0 else (),
            hidden=customer.ends.hidden and number == 0,
            attachments=files(customer, number) or message_of(where, one).attachments,
            case_number=1,
        )
        for number, one in enumerate(wanted(plan, customer))
    ]
    outbound = [ours(where, one) for one in heard(customer)]
    codes = customer.ends.failures or ("551",) * len(customer.ends.lost_replies)
    lost = [
        failed(where, text, code)
        for text, code in zip(customer.ends.lost_replies, codes, strict=True)
    ]
    native = [native_reply(where, text) for text in customer.ends.native]
    case = case_of(customer)
    conversation = Conversation(
        where,
        customer.channel,
        "h",
        "1",
        customer.channel in PUBLIC_ONLY or bool(customer.ends.invited),
        "contact",
        customer.ref,
        NOW,
        case=case,
        side=SIDE if customer.ends.invited else None,
        opted_out_at=NOW if customer.ends.opted_out else None,
    )
    messages = (*inbound, *outbound, *lost, *native)
    return Talk(conversation, messages, tuple(entries(customer, case)) if case else ())


def public(customer, number):
    """Whether a customer's message was said in public: the first of one who was invited."""
    return bool(customer.ends.invited) and number == 0


def files(customer, number):
    first = number == 0 and customer.ends.files_in
    return (Attachment("image", key=KEY, size=SIZE),) * (customer.ends.files_in if first else 0)


def message_of(where, one):
    text = min(one.texts, key=len, default="the code of a link")
    edits = tuple(Edit("e", other, NOW) for other in one.texts if other != text)
    return Message(
        f"in-{one.id}",
        where,
        Direction.INBOUND,
        False,
        NOW,
        NOW,
        platform_id=one.id,
        text=text,
        edits=edits,
        attachments=() if text else (Attachment("image"),),
        deleted_at=NOW if one.deleted else None,
    )


def heard(customer):
    invited = [f"{customer.ends.invited} https://t.me/x?start=y"] if customer.ends.invited else []
    surveys = [f"{SURVEY_BEGINS} How?"] * customer.ends.surveys
    texts = [*invited, *customer.ends.replies, *surveys]
    return [
        Received(NOW, "1", customer.ref, text, f"out-{customer.ref}-{number}", "t")
        for number, text in enumerate(texts)
    ]


def ours(where, one):
    survey = one.text.startswith(SURVEY_BEGINS)
    return Message(
        f"o-{one.platform_id}",
        where,
        Direction.OUTBOUND,
        False,
        NOW,
        NOW,
        platform_id=one.platform_id,
        text=one.text,
        origin=Origin.SURVEY if survey else Origin.HEARBACK,
        delivery=Delivery(DeliveryState.READ, NOW),
    )


def failed(where, text, code):
    gone = Delivery(DeliveryState.FAILED, NOW, error_code=code)
    return Message("f", where, Direction.OUTBOUND, False, NOW, NOW, text=text, delivery=gone)


def native_reply(where, text):
    sent = Delivery(DeliveryState.SENT, NOW)
    bare = Message("n", where, Direction.OUTBOUND, False, NOW, NOW, platform_id="n", text=text)
    return replace(bare, origin=Origin.NATIVE_APP, delivery=sent)


def case_of(customer):
    ends = customer.ends
    if not ends.case:
        return None
    breached = "first_response" in ends.breaches
    outcome = None if not ends.closed else Outcome.MET
    clock = Clock(ClockName.FIRST_RESPONSE, 1, NOW, 20, "v", "", NOW, DUE)
    clock = replace(clock, outcome=outcome, breached_at=DUE if breached else None)
    exposed = replace(clock, name=ClockName.EXPOSE, outcome=Outcome.MET, breached_at=None)
    return Case(
        number=1,
        status=Status.CLOSED if ends.closed else Status.ASSIGNED,
        handle="h",
        team="care",
        opened_at=NOW,
        policy_version="v",
        clocks=(clock, exposed) if ends.hidden else (clock,),
        reopens=ends.reopens,
        follow_up=FollowUp(score=(ends.scores or (0,))[-1]),
        closed_at=NOW if ends.closed else None,
    )


def entries(customer, case):
    yield Entry(EntryKind.CASE_OPENED, case.opened_at, 1)
    for name in customer.ends.breaches:
        yield Entry(EntryKind.DEADLINE_BREACHED, DUE, 1, clock=ClockName(name), seq=1)
    for score in customer.ends.scores:
        yield Entry(EntryKind.SURVEY_ANSWERED, NOW, 1, score=score)


def members(talk):
    for entry in talk.entries:
        if entry.kind is EntryKind.DEADLINE_BREACHED:
            about = (talk.conversation.id, 1, f"{entry.clock}", Severity.BREACH, "h", "messenger")
            yield Member(f"{talk.conversation.id}-{entry.clock}", *about, due_at=entry.at, said="")


def told(talk):
    for entry in talk.entries:
        clock = {EntryKind.SURVEY_ANSWERED: "survey"}.get(entry.kind, f"{entry.clock}")
        low = entry.kind is EntryKind.SURVEY_ANSWERED and entry.score <= LOW
        if entry.kind is not EntryKind.DEADLINE_BREACHED and not low:
            continue
        for protocol in ("sms", "email"):
            case_id = f"{talk.conversation.id}-1"
            key = f"{case_id}-{clock}"
            text = f"HEARBACK BREACH: Acme: {clock}"
            cases = ((case_id, clock, entry.at.isoformat()),)
            yield Notice(protocol, "ops", "breaches", text, "s", case_id, clock, key, cases)


def delivered(action):
    forged = action.does is Does.FORGED
    webhook = Webhook(f"{action.channel} {action.does}", Door.META, b"", forged=forged)
    return Delivered(webhook, 403 if forged else 200, 1, 0.1)
