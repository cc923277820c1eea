"""The words of a page: what fits, what is left out first, and what is never said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import page_answer, paging
from chalicelib.domain.alert import GSM, GSM_EXTENSION, SMS_LENGTH, Severity, septets
from chalicelib.domain.ladder import Medium, Rung
from chalicelib.domain.page import Member, Page, PageState
from chalicelib.domain.paging import Call

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
LINK = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api/p/k7m2p4q9xa." + "a" * 24
PAGE = Page(
    "k7m2p4q9xa",
    "care/breach",
    "care",
    "usual",
    "v1",
    Severity.BREACH,
    NOW - timedelta(minutes=5),
    NOW,
)


def member(number=1, late=300, severity=Severity.BREACH, clock="first_response", said=""):
    return Member(
        key=f"k{number}",
        conversation_id=f"c{number}",
        case_number=1,
        clock=clock,
        severity=severity,
        handle="acme-help",
        channel="whatsapp",
        due_at=NOW - timedelta(seconds=late),
        said=said,
    )


def call(*members, **more):
    facts = {"link": LINK, "answerable": True, "desk_url": "https://desk.example.com"} | more
    return Call(PAGE, tuple(members), "Care", NOW, **facts)


def test_one_case_is_told_by_its_clock_its_handle_and_its_link():
    assert paging.text(call(member(), link="https://acme.example/p/x")) == (
        "HEARBACK BREACH Care: first response ran out 5 min ago on acme-help (whatsapp)."
        " Ack: https://acme.example/p/x or answer OK"
    )


def test_many_cases_are_told_by_their_count():
    told = paging.text(call(*(member(n, late=n * 60) for n in range(1, 13))))
    assert told == f"BREACH Care: 12 cases. Ack: {LINK} or answer OK"


def test_a_short_link_leaves_room_for_the_worst_of_many():
    told = paging.text(call(member(1, 60), member(2, 600), link="https://acme.example/p/x"))
    assert "2 cases, worst: first response ran out 10 min ago." in told


def test_nobody_is_asked_to_answer_where_no_answer_would_arrive():
    assert "answer" not in paging.text(call(member(), answerable=False))
    assert paging.text(call(member(), link="")).endswith(" Answer OK to ack.")
    assert "Ack" not in paging.text(call(member(), link="", answerable=False))


def test_a_link_that_does_not_fit_is_left_out_whole():
    told = paging.text(call(member(), link="https://acme.example/" + "x" * 150))
    assert "https" not in told
    assert told.endswith("Answer OK to ack.")
    assert "https" not in paging.text(call(member(), link="https://acme.example/\N{SNOWMAN}"))


def test_a_long_team_name_is_cut_before_the_link_is_left_out():
    told = paging.text(replace(call(member(), member(2)), team="Team of the long name" * 5))
    assert LINK in told
    assert told.startswith("BREACH Team o")


TEXTS = st.text(max_size=200)


@given(
    team=TEXTS,
    link=TEXTS,
    said=st.text(max_size=300),
    count=st.integers(0, 30),
    answerable=st.booleans(),
    late=st.integers(-(10**7), 10**7),
)
def test_every_text_is_one_sms_of_gsm_characters_with_its_severity(  # noqa: PLR0917
    team, link, said, count, answerable, late
):
    members = [member(n, late, said=said) for n in range(count)]
    made = replace(call(*members, link=link, answerable=answerable), team=team)
    for told in (
        paging.text(made),
        page_answer.taken(made),
        page_answer.held(made, team),
        page_answer.helped(made),
    ):
        assert septets(told) <= SMS_LENGTH
        assert set(told) <= GSM | GSM_EXTENSION
    assert "BREACH" in paging.text(made)


@pytest.mark.parametrize("answerable", [True, False])
def test_a_team_and_words_without_end_still_leave_one_sms(answerable):
    endless = member(said="x" * 400)
    told = paging.text(replace(call(endless, link="", answerable=answerable), team="t" * 200))
    assert septets(told) <= SMS_LENGTH
    assert told.startswith("BREACH xxx")


def test_the_subject_is_one_line_of_a_hundred_characters_at_most():
    assert paging.subject(call(member())) == (
        "[Hearback breach] Care: first response ran out 5 min ago on acme-help (whatsapp)"
    )
    assert len(paging.subject(replace(call(member()), team="a\r\nb " * 60))) == 100
    assert "\n" not in paging.subject(replace(call(member()), team="a\r\nb"))


def test_the_email_lists_the_worst_ten_with_deadlines_and_links():
    members = [member(n, late=n * 60) for n in range(1, 15)]
    body = paging.body(call(*members))
    assert "14 cases, the worst first:" in body
    assert body.index("https://desk.example.com/c/c14") < body.index("/c/c13\n")
    assert "/c/c4\n" not in body
    assert "due 2026-11-02 09:16 UTC" in body
    assert f"{LINK}?ask" in body
    assert "Or answer OK to the SMS" in body


def test_the_email_says_who_is_told_next_and_when():
    page = replace(PAGE, climbs_at=NOW + timedelta(minutes=10), rung=3)
    rung = Rung(900, ("manager", "on_call"), (Medium.SMS, Medium.EMAIL))
    body = paging.body(replace(call(member(), following=rung), page=page))
    assert (
        "If nobody acknowledges: manager and on-call by SMS and email at 2026-11-02 09:40 UTC."
        in body
    )
    again = replace(PAGE, repeats_at=NOW + timedelta(minutes=20))
    assert "at 2026-11-02 09:50 UTC" in paging.then(replace(call(following=rung), page=again))
    assert "Nobody else is told after this" in paging.body(call(member()))
    assert "Nobody else" in paging.then(call(member(), following=rung))


def test_the_email_says_who_had_acknowledged_it():
    page = replace(PAGE, acknowledged_by="lou", acknowledged_at=NOW)
    assert "lou acknowledged it at 2026-11-02 09:30 UTC" in paging.body(
        replace(call(member()), page=page)
    )
    assert "acknowledged it at" not in paging.body(call(member(), link="", answerable=False))


def test_times_are_those_of_the_reader():
    assert "due 2026-11-02 10:25 CET" in paging.body(call(member(), zone="Europe/Berlin"))
    for unknown in ("Nowhere/Land", "../etc", "\0"):
        assert "UTC" in paging.body(call(member(), zone=unknown))


def test_a_later_telling_says_how_late_it_is_by_then():
    later = replace(call(member()), now=NOW + timedelta(minutes=25))
    assert "ran out 30 min ago" in paging.text(later)
    assert paging.phrase(member(late=-120), NOW) == "first response runs out in 2 min"
    assert paging.phrase(member(clock="expose"), NOW).startswith("time to hide personal data")


def test_what_is_no_clock_is_told_in_its_own_words():
    assert paging.phrase(member(said="survey score 1,\n case reopened"), NOW) == (
        "survey score 1, case reopened"
    )


def test_the_loudest_come_first_and_of_those_the_longest_overdue():
    quiet, late, loud = (
        member(1, 900, Severity.WARNING),
        member(2, 60),
        member(3, 5, Severity.CRITICAL),
    )
    later = member(4, 600)
    assert paging.worst((quiet, late, loud, later)) == (loud, later, late, quiet)


def test_several_clocks_of_one_case_are_one_case():
    both = (member(1), replace(member(1, clock="resolution"), key="other"))
    assert paging.size(both) == "1 case"
    assert "first response ran out" in paging.text(call(*both))
    assert paging.size(()) == "0 cases"


def test_a_thousand_read_members_are_called_a_thousand_and_more():
    assert paging.size(tuple(member(n) for n in range(1000))) == "1000+ cases"


def test_a_page_without_members_still_says_something():
    assert "something needs you" in paging.text(call(link=""))


def test_a_paging_system_gets_every_fact_as_text():
    facts = paging.facts(call(member(), member(2)))
    assert facts | {"body": ""} == {
        "page": "k7m2p4q9xa",
        "summary": "Care: 2 cases, worst: first response ran out 5 min ago",
        "severity": "breach",
        "team": "care",
        "count": "2",
        "link": LINK,
        "body": "",
        "at": "2026-11-02T09:25:00.000+00:00",
    }
    assert paging.facts(call(member(), link=""))["link"] == "https://desk.example.com"


def test_who_answered_reads_whose_it_is_and_until_when():
    page = replace(PAGE, state=PageState.ACKNOWLEDGED, frozen_until=NOW + timedelta(minutes=15))
    mine = replace(call(member(), zone="Europe/Berlin"), page=page)
    assert page_answer.taken(mine) == f"Yours until 10:45 CET. 1 case. {LINK}"
    assert page_answer.taken(call(member())) == f"Yours. 1 case. {LINK}"
    assert page_answer.held(mine, "Lou") == f"Lou has it until 10:45 CET. 1 case. {LINK}"
    assert page_answer.held(call(member()), "Lou") == f"Lou has it. 1 case. {LINK}"
    assert page_answer.helped(call(member())) == f"Answer OK to take the page of Care. {LINK}"
    assert page_answer.helped(call(member(), link="")) == "Answer OK to take the page of Care."
