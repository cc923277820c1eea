"""The machine against its model: random lives of a case, each event fresh, doubled or stale."""

import contextlib
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Status
from chalicelib.domain.outlook import Phase, phase
from chalicelib.workflows import assign, breach, close, resolve, wait
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.errors import ConflictError, RefusedError
from tests.fakes.loop import MACHINE
from tests.unit.workflows.story import Story

S = Status
ASIDE = {S.WAITING_CUSTOMER, S.WAITING_THIRD_PARTY, S.SNOOZED}
LEGAL = {
    S.NEW: {S.QUEUED, S.ASSIGNED, S.RESPONDED, S.RESOLVED} | ASIDE,
    S.QUEUED: {S.ASSIGNED, S.RESPONDED, S.RESOLVED} | ASIDE,
    S.ASSIGNED: {S.RESPONDED, S.RESOLVED} | ASIDE,
    S.RESPONDED: {S.ASSIGNED, S.RESOLVED} | ASIDE,
    **{aside: {S.NEW, S.QUEUED, S.ASSIGNED, S.RESPONDED, S.RESOLVED} | ASIDE for aside in ASIDE},
    S.RESOLVED: {S.FOLLOW_UP, S.QUEUED, S.CLOSED},
    S.FOLLOW_UP: {S.RESOLVED, S.QUEUED, S.CLOSED},
    S.CLOSED: {S.QUEUED},
}
"""Which status a case may go to from which; a later case of the conversation begins as new."""

WAITS_IN = {Phase.OPEN: {"Respond"}, Phase.RESOLVED: {"FollowUp", "Survey"}, Phase.CLOSED: set()}
"""In which states of the definition a case of each phase waits."""

ACTIONS = {
    "writes": lambda s: s.loop.ingest(s.message()),
    "thanks": lambda s: s.loop.ingest(s.message("Thank you!")),
    "scores low": lambda s: s.loop.ingest(s.message("1")),
    "scores high": lambda s: s.loop.ingest(s.message("5")),
    "replies": lambda s: s.replies(),
    "waits": lambda s: wait.wait(s.parts, s.ask(), "customer", "their turn"),
    "asks others": lambda s: wait.wait(s.parts, s.ask(), "third_party", "the carrier"),
    "snoozes": lambda s: wait.snooze(s.parts, s.ask(), s.parts.now() + timedelta(hours=2)),
    "resumes": lambda s: wait.resume(s.parts, s.ask()),
    "resolves": lambda s: s.resolves(),
    "reopens": lambda s: resolve.reopen(s.parts, s.ask(), "not settled"),
    "takes": lambda s: assign.take(s.parts, s.ask()),
}
FROM_CUSTOMERS = {"writes", "thanks", "scores low", "scores high"}
PASSES = {"a minute": 1, "an hour": 60, "half a day": 720, "five days": 7200}


def watched(story):
    """Note every step of the case that is no legal one, and every head that skips a version."""
    faults = []

    def changed(old, new):
        if old is None or old.case is None or new.case is None:
            return
        if new.version - old.version not in (0, 1):
            faults.append((old.version, new.version))
        before, after = old.case, new.case
        if before.number == after.number and before.status is not after.status:
            if after.status not in LEGAL[before.status]:
                faults.append((before.status, after.status))
        elif before.number != after.number and after.status is not S.NEW:
            faults.append(("later case", after.status))

    story.store.changed.append(changed)
    return faults


def doubled(story, action):
    """Do it, and the same request once more: the second time changes nothing."""
    number = story.number
    version = story.conversation.version
    ACTIONS[action](story)
    after = story.conversation
    story.number = number
    asked = story.ask
    story.ask = lambda *a, **k: replace(asked(*a, **k), version=version)
    try:
        ACTIONS[action](story)
    finally:
        story.ask = asked
    assert story.conversation.version == after.version, action


def stale(story, action):
    """Ask on the base of an older version: refused, and nothing changes."""
    before, asked = story.conversation, story.ask
    story.ask = lambda *a, **k: replace(asked(*a, **k), version=before.version - 1)
    try:
        with contextlib.suppress(ConflictError):
            ACTIONS[action](story)
            assert action in FROM_CUSTOMERS, f"{action} on the base of an older version was taken"
    finally:
        story.ask = asked


def old_steps(story):
    """Let the steps of an execution that is over run late, twice: they decide nothing."""
    here = story.conversation
    ref = CaseRef(here.id, here.case.number, here.case.generation - 1)
    for step in (breach.breach, assign.assign, close.close, breach.breach):
        assert step(story.parts, ref)["phase"] == "superseded"
    assert story.conversation == here


HOW = {"fresh": lambda s, a: ACTIONS[a](s), "doubled": doubled, "stale": stale}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(HOW)), st.sampled_from(sorted(ACTIONS)))
        | st.tuples(st.just("pass"), st.sampled_from(sorted(PASSES)))
        | st.tuples(st.just("old steps"), st.just("")),
        max_size=14,
    ),
    st.booleans(),
)
@settings(max_examples=150)
def test_every_life_takes_legal_steps_and_always_has_a_machine_that_waits(life, staffed):
    story = Story(agents=("ann",) if staffed else ())
    faults = watched(story)
    story.loop.ingest(story.message())
    story.loop.rest()
    for how, what in life:
        with contextlib.suppress(RefusedError):
            if how == "pass":
                story.loop.run(minutes=PASSES[what])
            elif how == "old steps":
                old_steps(story)
            else:
                HOW[how](story, what)
        story.loop.rest()
        assert faults == []
        here = story.conversation
        now = phase(here.case)
        states = {one.state for one in story.loop.executions.values() if one.token == here.token}
        assert bool(here.token) == (now is not Phase.CLOSED)
        assert now is Phase.CLOSED or states <= WAITS_IN[now]
        assert now is Phase.CLOSED or here.armed_for is not None


def test_the_definition_sends_each_phase_where_the_model_says():
    choices = {
        word: choice["Next"]
        for choice in MACHINE["States"]["Route"]["Choices"]
        for word in (*(p.value for p in Phase), "superseded")
        if f"'{word}'" in choice["Condition"]
    }
    assert choices == {
        "resolved": "FollowUp",
        "assign": "Assign",
        "closed": "Done",
        "superseded": "Done",
    }
    assert MACHINE["States"]["Route"]["Default"] == "Breach"
