"""A company whose people have telephones, and pages that they were told of."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.agent import Agent, Role
from chalicelib.domain.alert import Severity
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState
from chalicelib.domain.ladder import Medium, Paging
from chalicelib.domain.page import Member, Page, Telling
from chalicelib.domain.policy import Handle, Policy, Team
from chalicelib.workflows.intake.ingest import ingest
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore

NUMBER = "+15550100"
LOU, ANN, CUSTOMER = "+15550100111", "+15550100112", "+15550100199"
MAILBOX = "pages@acme.example"
PAGING = Paging(sms_handle="acme-sms", email_from=MAILBOX, sms_budget_micros=1_000_000)
POLICY = Policy(
    "v1",
    brand="Acme",
    handles=(
        Handle("acme-sms", Channel.SMS, NUMBER, "Acme", "care"),
        Handle("acme-other", Channel.SMS, "+15550101", "Acme", "care"),
    ),
    teams=(
        Team("care", "Customer Care", lead="lou", manager="max", on_call=("duty",)),
        Team("shop"),
    ),
    paging=PAGING,
)


class Paged:
    """Two people, both with telephones, and the page `p1` that lou was told of by SMS."""

    def __init__(self, policy=POLICY):
        self.store = MemoryStore()
        store = self.store
        self.parts = FakeParts(store.conversations, store.agents, store.views, store.policies)
        store.around = self.parts.trail.around
        store.policies.publish(policy)
        store.policies.make_current(policy.version)
        for agent in (
            Agent("lou", "Lou Lead", teams=("care",), role=Role.LEAD, phone="+1 (555) 010-0111"),
            Agent("ann", "Ann", teams=("shop",), phone=ANN, zone="Europe/Berlin"),
        ):
            store.agents.save(agent)
        self.number = 0

    def page(self, page_id="p1", to="lou", *, cases=2, **facts):
        """Open a page that somebody was told of by SMS, and make time go on a little."""
        now = self.parts.now()
        told = (Telling(2, Medium.SMS, to, now, "sent", f"ref-{page_id}"),)
        made = Page(
            page_id,
            f"care/breach-{page_id}",
            "care",
            "usual",
            "v1",
            Severity.BREACH,
            now,
            now,
            rung=3,
            climbs_at=now + timedelta(minutes=10),
            told=told,
            token="waiting",
            armed_for=now + timedelta(minutes=10),
        )
        self.store.pages.open(replace(made, **facts), None)
        for number in range(cases):
            self.store.pages.join(page_id, member(number, now))
        self.store.pages.note_ref(f"ref-{page_id}", page_id)
        self.parts.now.advance(60)
        return self.store.pages.get(page_id)

    def text(self, words, sender=LOU, **facts):
        """Return an SMS as the topic tells it."""
        self.number += 1
        who = Person(sender)
        made = ChannelEvent(
            key=f"in-{self.number}",
            kind=EventKind.MESSAGE,
            channel=Channel.SMS,
            account_id=NUMBER,
            public=False,
            received_at=self.parts.now(),
            occurred_at=self.parts.now(),
            contact=who,
            author=who,
            message_id=f"in-{self.number}",
            text=words,
            subject="text",
        )
        return replace(made, **facts)

    def receipt(self, state, ref="ref-p1", **facts):
        """Return what the carrier tells of a telling."""
        made = ChannelEvent(
            key=f"{ref}-{state}",
            kind=EventKind.RECEIPT,
            channel=Channel.SMS,
            account_id=NUMBER,
            public=False,
            received_at=self.parts.now(),
            occurred_at=self.parts.now(),
            message_id=ref,
            receipt=ReceiptState(state),
        )
        return replace(made, **facts)

    def takes_in(self, event):
        """Take an event in as the inbox does; return what became of it."""
        return ingest(self.parts, event)

    def read(self, page_id="p1"):
        return self.store.pages.get(page_id)


def member(number, now):
    """Return a breach of a case of its own."""
    return Member(
        f"k{number}",
        f"c{number}",
        1,
        "first_response",
        Severity.BREACH,
        "acme-sms",
        "sms",
        now - timedelta(minutes=number),
        "",
    )
