"""Which pages a person sees, and what somebody is told of one."""

from dataclasses import replace

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.ladder import Ladder
from chalicelib.domain.page import PageState
from chalicelib.workflows.errors import ForbiddenError, NotFoundError
from chalicelib.workflows.ladder import reading
from chalicelib.workflows.ladder.calls import call, name_of
from tests.unit.workflows.paged import POLICY, Paged

ADMIN = Actor("ada", Role.ADMIN)
LOU = Actor("lou", Role.LEAD, ("care",))
MAX = Actor("max", Role.AGENT)
ANN = Actor("ann", Role.AGENT, ("shop",))


@pytest.fixture
def paged():
    made = Paged()
    made.page("p1")
    made.page("p2")
    made.page("p3", state=PageState.OVER)
    return made


@pytest.mark.parametrize("actor", [ADMIN, LOU, MAX, Actor("duty", Role.AGENT)])
def test_a_team_and_those_it_names_see_its_pages_newest_first(paged, actor):
    found = reading.pages(paged.parts, actor, "", 10)
    assert [page.id for page in found] == ["p2", "p1"]
    assert [page.id for page in reading.pages(paged.parts, actor, "care", 1)] == ["p2"]
    assert reading.page(paged.parts, actor, "p3").id == "p3"


def test_another_team_sees_none_of_them(paged):
    assert reading.pages(paged.parts, ANN, "", 10) == []
    with pytest.raises(ForbiddenError):
        reading.pages(paged.parts, ANN, "care", 10)
    for page_id in ("p1", "nothing"):
        with pytest.raises(NotFoundError):
            reading.page(paged.parts, ANN, page_id)


def test_who_was_told_of_a_page_sees_it_whatever_the_team(paged):
    paged.page("p4", to="ann", team="gone")
    assert reading.page(paged.parts, ANN, "p4").team == "gone"


def test_a_call_holds_what_this_person_needs(paged):
    made = call(paged.parts, paged.read(), "ann")
    assert (made.team, made.link, made.zone) == (
        "Customer Care", "https://acme.example/p/p1.ann", "Europe/Berlin",
    )  # fmt: skip
    assert (len(made.members), made.answerable, made.desk_url) == (
        2, True, "https://desk.example.com",
    )  # fmt: skip
    assert made.following.to == ("manager",)


def test_a_call_to_nobody_has_no_link_and_a_system_reads_utc(paged):
    assert call(paged.parts, paged.read()).link == ""
    made = call(paged.parts, paged.read(), "duty")
    assert (made.link, made.zone) == ("https://acme.example/p/p1.duty", "UTC")


def test_what_follows_is_the_next_rung_then_the_last_again_then_nothing(paged):
    now, page = paged.parts.now(), paged.read()
    last = replace(page, rung=5, climbs_at=None, repeats_at=now)
    assert call(paged.parts, last).following.to == ("on_call",)
    assert call(paged.parts, replace(page, rung=5)).following is None
    assert call(paged.parts, replace(last, repeats_at=None)).following is None


def test_a_ladder_without_rungs_leads_nowhere():
    empty = Paged(
        replace(
            POLICY, ladders=(Ladder("none", ()),), teams=(replace(POLICY.teams[0], ladder="none"),)
        )
    )
    page = empty.page(climbs_at=None, repeats_at=empty.parts.now())
    assert call(empty.parts, page).following is None


def test_people_are_called_by_their_names_and_others_by_their_ids(paged):
    assert [name_of(paged.parts, one) for one in ("lou", "duty", "")] == ["Lou Lead", "duty", ""]
    assert call(paged.parts, replace(paged.read(), team="gone")).team == "gone"
