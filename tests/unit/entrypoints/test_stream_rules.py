"""The stream's door sets rules off for new log rows, told by their top-level attributes."""

from dataclasses import replace

import pytest

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.rule import Act, Action, Rule, Trigger
from chalicelib.store import records
from tests.fakes.house import POLICY
from tests.fakes.outside import BEGINNING
from tests.unit.domain.terms import opened
from tests.unit.entrypoints.test_stream import record, tell

MARK = Rule("mark", (Action(Act.LABEL, "seen"),), on=Trigger.MESSAGE_RECEIVED)


@pytest.fixture
def talk(house):
    """Return a conversation whose case began under a policy with one rule, and its log row."""
    house.store.policies.publish(replace(POLICY, version="ruled", rules=(MARK,)))
    case = replace(opened().case, policy_version="ruled")
    place = POLICY.handles[0]
    made = Conversation(
        "c" * 26,
        place.channel,
        place.id,
        place.account_id,
        public=False,
        contact_id="k" * 26,
        contact_ref="ana",
        created_at=BEGINNING,
        case=case,
        version=1,
    )
    house.store.heads[made.id] = made
    entry = Entry(EntryKind.CASE_OPENED, BEGINNING, 1, version=1)
    house.store.logs[made.id] = {1: (entry,)}
    return made, (entry,)


def test_a_log_row_tells_which_policy_its_case_began_under(talk):
    conversation, entries = talk
    assert records.log(conversation, entries)["policy"] == "ruled"
    assert records.log(replace(conversation, case=None), entries)["policy"] is None


def test_a_new_log_row_sets_the_rules_of_its_policy_off_once(house, talk):
    conversation, entries = talk
    row = {name: one for name, one in records.log(conversation, entries).items() if name != "body"}
    tell(record(None, row))
    tell(record(None, row))
    tell(record(row, row | {"announced_at": "2026-11-02T09:00:00+00:00"}))
    head = house.store.heads[conversation.id]
    assert head.case.labels == ("seen",)
    assert head.version == 2


def test_a_log_row_without_a_case_sets_nothing_off(house, talk):
    conversation, entries = talk
    row = {name: one for name, one in records.log(conversation, entries).items() if name != "body"}
    tell(record(None, row | {"policy": None}))
    assert house.store.heads[conversation.id].version == 1
