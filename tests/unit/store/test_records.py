"""A conversation is in the lists it belongs to, and in no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import OPEN, Status
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Moderation
from chalicelib.store import keys, records
from chalicelib.store.rows import Row
from tests.contract.store_engines import NOON, case, clock, conversation, entry

LISTS = ("open_pk", "holder_pk", "stuck_pk", "due")


def lists(**more):
    return {
        name: value
        for name, value in records.head(conversation("c", case=case(**more))).items()
        if name in LISTS
    }


def test_a_conversation_without_a_case_is_in_no_list():
    head = records.head(conversation())
    assert not set(LISTS) & set(head)
    assert head["case_number"] is head["generation"] is head["status"] is head["case_id"] is None


@pytest.mark.parametrize("status", Status)
def test_open_cases_are_in_their_teams_list(status):
    of_team = keys.open_cases("care", keys.shard(conversation("c").id))
    assert lists(status=status, assignee="ann").get("open_pk") == (
        of_team if status in OPEN else None
    )


@pytest.mark.parametrize("status", Status)
def test_who_holds_an_open_case(status):
    assert lists(status=status, assignee="ann").get("holder_pk") == (
        "AGENT#ann" if status in OPEN else None
    )
    waits = "QUEUED#care" if status is Status.QUEUED else None
    assert lists(status=status).get("holder_pk") == waits


def test_a_stuck_case_is_listed_even_when_it_is_closed():
    assert set(lists(status=Status.CLOSED, stuck="why")) == {"stuck_pk", "due"}


def test_the_nearest_running_deadline_sorts_a_case():
    soon, later = NOON + timedelta(minutes=1), NOON + timedelta(minutes=9)
    ended = replace(clock(NOON), outcome="met", stopped_at=NOON)
    paused = replace(clock(NOON), paused_at=NOON)
    due = records.head(
        conversation("c", case=replace(case(), clocks=(clock(later), paused, ended, clock(soon))))
    )["due"]
    assert due == keys.at(soon, conversation("c").id)
    assert lists(due_at=None)["due"].startswith("253402214400000#")


def test_what_the_stream_reads_stands_beside_the_body():
    head = records.head(
        conversation(
            "c", token="t", armed_for=NOON, version=7, rev=3, case=case(number=2, generation=5)
        )
    )
    wanted = {
        "case_number": 2,
        "generation": 5,
        "token": "t",
        "status": "new",
        "version": 7,
        "rev": 4,
        "kind": "head",
    }
    assert {name: head[name] for name in wanted} == wanted
    assert head["conversation_id"] == conversation("c").id
    assert '"token"' not in head["body"]


def test_a_log_row_says_what_kinds_of_thing_it_tells():
    """The stream's filter picks the rows that call for an alert by this."""
    head = conversation("c", version=7)
    row = records.log(head, (entry(EntryKind.DEADLINE_BREACHED), entry(), entry()))
    assert row["kinds"] == {"DeadlineBreached", "MessageReceived"}
    assert (row["conversation_id"], row["version"]) == (head.id, 7)


# What the stream reads of a message.

FOLLOWED = ("delivery", "rounds", "files", "moderation", "moderation_rounds", "personal", "follow")


def followed(**facts):
    """Return what the row of a message tells the stream; its ids are there with anything else."""
    facts = {"direction": Direction.INBOUND, "public": True} | facts
    row = records.message(Message("m", "c", sent_at=NOON, received_at=NOON, **facts))
    found = {name: row[name] for name in FOLLOWED if row.get(name) is not None}
    named = {name: row[name] for name in ("conversation_id", "message_id") if name in row}
    assert named == ({"conversation_id": "c", "message_id": "m"} if found else {})
    assert set(row) <= set(Row.get_attributes())
    return found


PHOTO = Attachment("image", url="https://cdn.example.com/1")
WISH = Moderation("hide", DeliveryState.QUEUED, "ann", NOON, rounds=2)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, {}),
        ({"attachments": (PHOTO,)}, {"files": "wanted", "follow": "yes"}),
        ({"attachments": (PHOTO, replace(PHOTO, key="media/c/m/1"))},
         {"files": "wanted", "follow": "yes"}),
        ({"attachments": (replace(PHOTO, key="media/c/m/0"),)}, {}),
        ({"attachments": (replace(PHOTO, refused="gone"),)}, {}),
        ({"attachments": (PHOTO,), "stub": True}, {}),
        ({"attachments": (PHOTO,), "deleted_at": NOON}, {}),
        ({"attachments": (PHOTO,), "direction": Direction.OUTBOUND}, {}),
        ({"attachments": (Attachment("image", key="upload/c/r/a.png"),),
          "direction": Direction.OUTBOUND,
          "delivery": Delivery(DeliveryState.QUEUED, NOON), "rounds": 1},
         {"files": "wanted", "follow": "yes", "delivery": "queued", "rounds": 1}),
        ({"direction": Direction.OUTBOUND, "delivery": Delivery(DeliveryState.SENT, NOON)},
         {"delivery": "sent", "rounds": 0}),
        ({"moderation": WISH}, {"moderation": "queued", "moderation_rounds": 2, "follow": "yes"}),
        ({"moderation": replace(WISH, state=DeliveryState.ACCEPTED)},
         {"moderation": "accepted", "moderation_rounds": 2}),
        ({"personal": ("phone",)}, {"personal": "yes", "follow": "yes"}),
        ({"personal": ("phone",), "public": False}, {}),
        ({"personal": ("phone",), "direction": Direction.OUTBOUND}, {}),
    ],
)  # fmt: skip
def test_a_message_tells_the_stream_what_follows_from_it_and_nothing_else(facts, told):
    assert followed(**facts) == told
