"""Pages in any weather: each ends or climbs to the last rung, and nobody is told too often."""

import itertools
from collections import defaultdict
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import PageState
from chalicelib.workflows.ladder.ports import Carried
from tests.unit.workflows.pages import PAGING, Paged
from tests.unit.workflows.test_ladder_crashes import answers

PAUSE = timedelta(seconds=PAGING.person_seconds)
STEPS = st.one_of(
    st.tuples(st.just("writes"), st.integers(1, 3)),
    st.tuples(st.just("waits"), st.sampled_from([1, 9, 11, 61, 290, 301, 899, 901, 1805])),
    st.tuples(st.just("takes"), st.just(0)),
    st.tuples(st.just("answers"), st.integers(0, 5)),
    st.tuples(st.just("refuses"), st.booleans()),
    st.tuples(st.just("breaks"), st.integers(1, 3)),
)


def play(story, steps):
    for what, value in steps:
        if what == "writes":
            story.number += 10
            story.storm_of(value)
        elif what == "waits":
            story.loop.run(seconds=value)
        elif what == "takes" and story.pages:
            story.takes()
        elif what == "answers" and story.store.heads:
            ids = sorted(story.store.heads)
            answers(story, ids[value % len(ids)])
        elif what == "refuses":
            story.parts.pager.answers.append(Carried(taken=False, again=value))
        elif what == "breaks":
            story.parts.alerts.failures = value


class Weather(Paged):
    def storm_of(self, count):
        from chalicelib.domain.event import Person

        for _ in range(count):
            self.writes(contact=Person(f"customer-{self.number}", "Some Customer"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=14))
def test_every_page_is_settled_or_acknowledged_or_at_its_last_rung_and_nobody_is_told_too_often(
    steps,
):
    story = Weather()
    story.storm_of(1)
    story.loop.run(seconds=3601)
    play(story, steps)
    story.loop.run(hours=3)
    for page in story.pages:
        ended = page.state is PageState.OVER or page.rung == 5
        assert ended or page.state is PageState.ACKNOWLEDGED
        assert "sending" not in {one.state for one in page.told}
        by_whom = defaultdict(list)
        for one in page.told:
            if one.state == "sent" and one.medium in (Medium.SMS, Medium.EMAIL, Medium.TOPIC):
                by_whom[one.medium, one.to].append(one.at)
        for times in by_whom.values():
            gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
            assert all(gap >= PAUSE for gap in gaps)
    raised = [member for page in story.pages for member in story.store.pages.members(page.id)]
    assert {one.conversation_id for one in raised} <= set(story.store.heads)
