"""People say how urgent a case is and who its customer is, and every promise follows."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.policy import Target
from chalicelib.workflows import qualify
from chalicelib.workflows.change import Ask
from chalicelib.workflows.errors import ConflictError, NotNowError, RefusedError
from chalicelib.workflows.history.log import entries
from tests.unit.workflows.story import POLICY, Story

FIRST, RESOLUTION = ClockName.FIRST_RESPONSE, ClockName.RESOLUTION
URGENT = replace(
    POLICY,
    targets=(
        *POLICY.targets,
        Target(FIRST, 600, priority="high"),
        Target(FIRST, 300, vip=True),
        Target(FIRST, 14_400, priority="low"),
    ),
)


@pytest.fixture
def story():
    """A customer has written, and the machine waits."""
    found = Story(URGENT)
    found.writes()
    found.loop.rest()
    return found


def test_a_higher_priority_brings_the_deadline_nearer_and_wakes_the_machine_for_it(story):
    began = story.clock(FIRST).started_at
    story.loop.run(minutes=2)
    armed = story.conversation.armed_for
    qualify.prioritise(story.parts, story.ask(), "High")
    story.loop.rest()
    clock = story.clock(FIRST)
    assert story.case.priority == "high"
    assert (clock.started_at, (clock.due_at - began).total_seconds()) == (began, 600)
    assert story.conversation.armed_for == clock.warn_at < armed
    story.loop.run(minutes=9)
    (breach,) = [e for e in story.told(EntryKind.DEADLINE_BREACHED) if e.clock is FIRST]
    assert (breach.at, breach.seq) == (clock.due_at, clock.seq)


def test_what_was_promised_before_is_kept_as_superseded(story):
    story.loop.run(minutes=61)
    (breach,) = [e for e in story.told(EntryKind.DEADLINE_BREACHED) if e.clock is FIRST]
    qualify.prioritise(story.parts, story.ask(), "low")
    story.loop.rest()
    old, new = (clock for clock in story.case.clocks if clock.name is FIRST)
    assert (old.outcome, old.breached_at) == (Outcome.SUPERSEDED, breach.at)
    assert (new.started_at, new.outcome, new.breached_at) == (old.started_at, None, None)
    assert (new.due_at - new.started_at).total_seconds() == 14_400
    (told,) = story.told(EntryKind.CLOCK_SUPERSEDED)
    assert (told.clock, told.seq, told.until) == (FIRST, old.seq, old.due_at)
    assert story.told(EntryKind.PRIORITY_CHANGED)[0].inputs == {"old": "", "new": "low"}
    assert story.conversation.armed_for == new.warn_at


def test_a_nearer_deadline_that_has_passed_is_breached_at_once_at_its_own_instant(story):
    began = story.clock(FIRST).started_at
    story.loop.run(minutes=30)
    qualify.prioritise(story.parts, story.ask(), "high")
    (breach,) = [e for e in story.told(EntryKind.DEADLINE_BREACHED) if e.clock is FIRST]
    assert (breach.at - began).total_seconds() == 600


def test_clocks_that_come_out_the_same_are_left_alone(story):
    before = story.clock(RESOLUTION)
    qualify.prioritise(story.parts, story.ask(), "high")
    assert story.clock(RESOLUTION) == before


def test_the_same_again_changes_nothing_and_a_repeated_request_is_done_once(story):
    first = qualify.prioritise(story.parts, story.ask(), "high")
    ask = story.ask(key="only-once")
    again = qualify.prioritise(story.parts, ask, "high")
    repeated = qualify.prioritise(story.parts, ask, "HIGH")
    assert first.conversation.version == again.conversation.version == story.conversation.version
    assert (again.repeated, repeated.repeated) == (False, True)
    assert len(story.told(EntryKind.PRIORITY_CHANGED)) == 1


def test_a_long_history_is_read_whole(story):
    story.store.snapshots.clear()
    for number in range(120):
        story.writes(f"message {number}")
    qualify.prioritise(story.parts, story.ask(), "high")
    found = entries(story.parts, story.conversation.id, 1)
    assert (found[0].kind, len(found)) == (EntryKind.CASE_OPENED, len(story.log))


def test_only_the_cases_own_log_counts(story):
    story.resolves()
    story.loop.run(hours=80)
    story.writes("Another thing")
    assert story.case.number == 2
    qualify.prioritise(story.parts, story.ask(), "high")
    assert {e.case_number for e in entries(story.parts, story.conversation.id, 2)} == {2}
    assert story.clock(FIRST).target_seconds == 600


def test_a_conversation_that_nobody_knows_has_no_log(story):
    assert entries(story.parts, "other", 1) == ()


def test_somebody_who_was_faster_is_not_overwritten(story):
    ask = story.ask()
    story.replies()
    with pytest.raises(ConflictError):
        qualify.prioritise(story.parts, ask, "high")
    assert story.case.priority == ""


def test_later_cases_of_a_vip_begin_so(story):
    qualify.mark_vip(story.parts, story.ask(), vip=True)
    assert (story.case.vip, story.clock(FIRST).target_seconds) == (True, 300)
    story.resolves()
    story.loop.run(hours=80)
    story.writes("Another thing")
    assert (story.case.number, story.case.vip) == (2, True)
    assert story.clock(FIRST).target_seconds == 300
    qualify.mark_vip(story.parts, story.ask(), vip=False)
    assert (story.case.vip, story.clock(FIRST).target_seconds) == (False, 3600)
    assert story.store.contacts[story.conversation.contact_id].vip is False


def test_a_vip_is_known_in_a_conversation_that_had_no_case(story):
    qualify.mark_vip(story.parts, story.ask(), vip=True)
    head = story.conversation
    story.store.heads[head.id] = replace(head, case=None, token="", armed_for=None)
    story.writes("Hello again")
    assert story.case.vip is True


def test_somebody_new_is_not_looked_up():
    story = Story(URGENT)
    story.writes()
    assert "before views.contact" not in story.parts.trail.steps
    assert story.case.vip is False


def test_vip_may_be_said_of_a_case_that_is_over_which_it_leaves_as_it_is(story):
    story.resolves()
    before = story.case.clocks
    qualify.mark_vip(story.parts, story.ask(), vip=True)
    assert story.case.clocks == before
    assert story.store.contacts[story.conversation.contact_id].vip is True


def test_labels_and_language_are_kept_and_move_no_clock(story):
    before = story.case.clocks
    qualify.label(story.parts, story.ask(), ["Late", "parcel"], [])
    qualify.label(story.parts, story.ask(), ["gift "], ["LATE", "unknown"])
    qualify.speak(story.parts, story.ask(), "pt-BR")
    case = story.case
    assert (case.labels, case.language, case.clocks) == (("gift", "parcel"), "pt-br", before)
    assert [e.value for e in story.told(EntryKind.LABELS_CHANGED)] == [
        "late, parcel",
        "gift, parcel",
    ]
    assert story.told(EntryKind.LANGUAGE_CHANGED)[0].actor == "ann"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: qualify.prioritise(s.parts, s.ask(), "very high"), "bad_priority"),
        (lambda s: qualify.label(s.parts, s.ask(), ["a,b"], []), "bad_label"),
        (lambda s: qualify.label(s.parts, s.ask(), [], [" "]), "bad_label"),
        (
            lambda s: qualify.label(s.parts, s.ask(), [f"l{n}" for n in range(21)], []),
            "too_many_labels",
        ),
        (lambda s: qualify.speak(s.parts, s.ask(), "german"), "bad_language"),
    ],
)
def test_what_cannot_be_is_refused(story, change, code):
    version = story.conversation.version
    with pytest.raises(RefusedError) as refused:
        change(story)
    assert (refused.value.code, story.conversation.version) == (code, version)


def test_a_case_that_is_over_has_no_priority_to_change(story):
    story.resolves()
    with pytest.raises(NotNowError) as refused:
        qualify.prioritise(story.parts, story.ask(), "high")
    assert refused.value.code == "not_open"
    assert story.case.status is Status.RESOLVED


def test_without_a_case_there_is_nothing_to_say_anything_of(story):
    head = story.conversation
    story.store.heads[head.id] = replace(head, case=None)
    for change in (
        lambda: qualify.mark_vip(story.parts, story.ask(), vip=True),
        lambda: qualify.label(story.parts, story.ask(), ["a"], []),
        lambda: qualify.speak(story.parts, story.ask(), "de"),
    ):
        with pytest.raises(NotNowError) as refused:
            change()
        assert refused.value.code == "no_case"
    assert isinstance(story.ask(), Ask)
