"""Small rules: who may get a case, what a channel takes, what is promised, what time counts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.domain.calendar import ALWAYS, Calendar
from chalicelib.domain.case import Status
from chalicelib.domain.channel import Capabilities, Channel, LimitUnit
from chalicelib.domain.clock import ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.ident import contact_id, conversation_id, digest, fingerprint, inbound_id
from chalicelib.domain.instant import clamp
from chalicelib.domain.outlook import Phase, deadline, next_moment, outlook, phase
from chalicelib.domain.policy import Handle, Policy, Target, Team
from chalicelib.domain.window import room
from tests.unit.domain.terms import BEGINNING, TERMS, at, opened

FIRST = ClockName.FIRST_RESPONSE


def agent(name: str, **facts: object) -> Agent:
    made = Agent(name, teams=("care",), presence=Presence.PRESENT, capacity=800)
    return replace(made, **facts)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_room_is_never_less_than_none(capacity, load):
    assert agent("ann", capacity=capacity, load=load).spare == max(0, capacity - load)


def test_a_team_is_seen_by_its_people_and_by_admins():
    assert Actor("ann", Role.AGENT, ("care",)).sees("care")
    assert not Actor("ann", Role.LEAD, ("care",)).sees("shop")
    assert Actor("root", Role.ADMIN).sees("shop")


@pytest.mark.parametrize(
    ("unit", "length"),
    [(LimitUnit.CHARACTERS, 3), (LimitUnit.BYTES, 7), (LimitUnit.UTF16, 4)],
)
def test_a_text_is_measured_as_its_channel_counts(unit, length):
    assert Capabilities(100, unit).measure("aé😀") == length


WINDOW = Capabilities(
    2000, window_seconds=86_400, human_window_seconds=604_800, after_window="a template"
)


@pytest.mark.parametrize(
    ("seconds", "is_open", "human_only"),
    [
        (86_399, True, False),
        (86_400, True, True),
        (604_799, True, True),
        (604_800, False, False),
    ],
)
def test_a_window_closes_for_machines_first_and_then_for_people(seconds, is_open, human_only):
    found = room(WINDOW, at(0), at(seconds))
    assert (found.open, found.human_only) == (is_open, human_only)
    assert found.closes_at == at(604_800)
    assert found.instead == ("" if is_open else "a template")
    assert (found.text_limit, found.text_unit) == (2000, "characters")


def test_a_window_that_nobody_opened_is_closed():
    found = room(WINDOW, None, at(0))
    assert (found.open, found.closes_at, found.instead) == (False, None, "a template")


def test_a_channel_without_a_window_is_always_open():
    found = room(Capabilities(8000), None, at(0))
    assert (found.open, found.human_only, found.closes_at) == (True, False, None)


HANDLE = Handle("acme-dm", Channel.MESSENGER, "100", "Acme", "care", calendar="office")


def test_the_most_specific_target_wins_and_the_first_of_equals():
    targets = (
        Target(FIRST, 1),
        Target(FIRST, 2, team="care"),
        Target(FIRST, 3, channel="messenger"),
        Target(FIRST, 4, team="care", public=True),
        Target(FIRST, 5, handle="acme-dm", priority="high"),
        Target(FIRST, 6, team="shop", channel="messenger", priority="high"),
        Target(ClockName.ASSIGN, 7),
    )
    policy = Policy("v1", targets=targets)
    seconds = {
        (public, priority): policy.target(FIRST, HANDLE, public=public, priority=priority).seconds
        for public in (False, True)
        for priority in ("", "high")
    }
    assert seconds == {(False, ""): 2, (True, ""): 4, (False, "high"): 5, (True, "high"): 4}
    assert policy.target(ClockName.RESOLUTION, HANDLE, public=False) is None


def test_a_policy_knows_its_handles_teams_and_calendars():
    office = Calendar("Europe/Berlin")
    policy = Policy("v1", handles=(HANDLE,), teams=(Team("care"),), calendars={"office": office})
    assert policy.handle("acme-dm") is policy.handle_of(Channel.MESSENGER, "100") is HANDLE
    assert policy.handle("gone") is policy.handle_of(Channel.WHATSAPP, "100") is None
    assert policy.team("care") == Team("care")
    assert policy.team("gone") is None
    assert policy.calendar("office") is office
    assert policy.calendar("") is policy.calendar("gone") is ALWAYS


@pytest.mark.parametrize(
    ("behind", "counts"),
    [
        (timedelta(0), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, milliseconds=1), False),
        (-timedelta(minutes=5), True),
        (-timedelta(minutes=5, milliseconds=1), False),
    ],
)
def test_the_platforms_time_counts_unless_it_is_absurd(behind, counts):
    said = BEGINNING - behind
    assert clamp(said, BEGINNING) == ((said, False) if counts else (BEGINNING, True))


def test_a_missing_time_is_ours():
    assert clamp(None, BEGINNING) == (BEGINNING, True)


def test_ids_are_stable_and_differ_for_what_differs():
    channel = Channel.MESSENGER
    ids = {
        conversation_id(channel, "1", "2"),
        conversation_id(channel, "1", "2", "3"),
        conversation_id(channel, "12", ""),
        contact_id(channel, "1", "2"),
        contact_id(channel, "", "2"),
        inbound_id(channel, "1", "2"),
        digest("conversation", channel, "1"),
    }
    assert len(ids) == 7
    assert conversation_id(channel, "1", "2") == "upb7umeydsc7y4zjnpzz7cnqrd"
    assert all(len(one) == 26 and one == one.lower() and one.isalnum() for one in ids)


def test_an_echo_is_recognised_whatever_became_of_the_white_space():
    assert fingerprint(" On its\n way ") == fingerprint("On its way")
    assert fingerprint("On its way") != fingerprint("on its way")


def test_a_case_id_needs_a_case():
    head = Conversation(
        "c", Channel.SMS, "h", "1", public=False, contact_id="p", contact_ref="r", created_at=at(0)
    )
    assert head.case_id == ""
    assert replace(head, case=opened().case).case_id == "c-1"


# What the machine does next.


def test_a_case_belongs_to_the_part_of_the_machine_that_its_status_says():
    case = opened().case
    assert phase(case) is Phase.ASSIGN
    assert phase(replace(case, queued_at=at(1))) is Phase.OPEN
    assert phase(replace(case, assignee="ann")) is Phase.OPEN
    assert phase(replace(case, status=Status.SNOOZED)) is Phase.OPEN
    assert phase(replace(case, status=Status.FOLLOW_UP)) is Phase.RESOLVED
    assert phase(replace(case, status=Status.CLOSED)) is Phase.CLOSED


def test_an_open_case_is_looked_at_when_time_alone_changes_it():
    case = opened().case
    assert next_moment(case, TERMS) == at(225)  # three quarters of the time to assign
    look = outlook(case, TERMS, at(0.5))
    assert (look.look_at, look.wait_seconds, look.survey_seconds) == (at(225), 225, 1)
    snoozed = replace(case, status=Status.SNOOZED, assignee="ann", snoozed_until=at(60))
    assert next_moment(snoozed, TERMS) == at(60)
    assert next_moment(replace(case, clocks=()), TERMS) is None
    assert outlook(replace(case, clocks=()), TERMS, at(0)).look_at == at(86_400 * 30)
    assert next_moment(replace(case, status=Status.CLOSED), TERMS) is None


def test_a_deadline_is_shown_while_somebody_owes_something():
    case = opened().case
    assert deadline(case) == at(300)
    assert deadline(replace(case, status=Status.RESOLVED)) is None
    assert deadline(replace(case, clocks=())) is None
    assert case.unanswered_since == at(0)
    assert replace(case, asks=()).unanswered_since is None
