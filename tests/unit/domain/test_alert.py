"""Alerts: an SMS is one SMS, says what matters, and never cuts its link."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain import alert
from chalicelib.domain.alert import GSM, GSM_EXTENSION, Alert, Occasion, Severity, Topic
from tests.unit.domain.terms import at

OCCASION = Occasion(
    handle="acme-dm",
    handle_name="Acme Help",
    channel="facebook_page",
    team="care",
    clock="first_response",
    case_id="abc-1",
    assignee="ann",
    priority="",
    link="https://desk.example.com/c/abc",
    now=at(3600 + 600),
    due_at=at(3600),
)


def made(**facts: object) -> tuple[Alert, ...]:
    from dataclasses import replace

    occasion = replace(OCCASION, **facts)
    return (
        alert.alone(occasion, "k", Severity.WARNING, "first response runs out in 15 min"),
        alert.alone(occasion, "k", Severity.BREACH, "first response ran out 10 min ago"),
        alert.alone(occasion, "k", Severity.BREACH, "survey score 1, case reopened"),
        alert.alone(occasion, "k", Severity.CRITICAL, "case is stuck, restart it"),
    )


def test_the_words_of_each_alert():
    warning, breach, low, stuck = made()
    assert breach.sms == (
        "HEARBACK BREACH: Acme Help (facebook page): first response ran out 10 min ago."
        " https://desk.example.com/c/abc"
    )
    assert warning.subject == "[Hearback warning] Acme Help: first response runs out in 15 min"
    assert "survey score 1, case reopened." in low.sms
    assert "HEARBACK CRITICAL: Acme Help (facebook page): case is stuck, restart it." in stuck.sms
    assert [one.topic for one in (warning, breach, low, stuck)] == [
        Topic.WARNINGS,
        Topic.BREACHES,
        Topic.BREACHES,
        Topic.BREACHES,
    ]
    assert [one.severity for one in (warning, breach, low, stuck)] == [
        Severity.WARNING,
        Severity.BREACH,
        Severity.BREACH,
        Severity.CRITICAL,
    ]
    assert "Deadline  2026-11-02T10:00:00+00:00" in breach.body
    assert "Priority  normal" in breach.body


def test_a_case_nobody_has_says_so_in_the_email():
    assert "Assignee  nobody" in made(assignee="")[1].body


def test_a_long_name_is_shortened_before_the_link_is():
    sms = made(handle_name="Acme Customer Care for Northern and Southern Europe " * 3)[1].sms
    assert sms.startswith("HEARBACK BREACH: Acme Customer Care")
    assert sms.endswith(OCCASION.link)
    assert alert.septets(sms) == 160


def test_the_brand_of_the_alert_goes_before_the_link_does():
    link = f"https://desk.example.com/{'x' * 60}"
    sms = made(link=link)[1].sms
    assert sms == f"BREACH: Acme Help (facebook page): first response ran out 10 min ago. {link}"


@pytest.mark.parametrize("link", ["https://desk.example.com/" + "x" * 120, "https://例え.jp/c/1"])
def test_a_link_that_does_not_fit_is_left_out_whole(link):
    assert made(link=link)[1].sms == (
        "HEARBACK BREACH: Acme Help (facebook page): first response ran out 10 min ago."
    )


def test_a_link_with_signs_of_the_extension_table_is_kept_and_counted_double():
    sms = made(link="https://desk.example.com/~care")[1].sms
    assert sms.endswith("/~care")
    assert alert.septets(sms) == len(sms) + 1


def test_words_that_fit_nowhere_still_say_what_and_which_case():
    sms = made(channel="c" * 200)[1].sms
    assert sms == "BREACH: first response ran out 10 min ago. abc-1"


names = st.text(max_size=80) | st.sampled_from(
    ["Łódź", "Acme €uro", "株式会社", "a\r\nb", "[]{}^~|"]
)


@given(
    names,
    st.sampled_from(["messenger", "facebook_page", "whatsapp"]),
    st.text(max_size=150),
    st.integers(0, 10**9),
)
@example("€" * 50, "facebook_page", "https://desk.example.com/~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~", 0)
def test_every_sms_is_one_sms(name, channel, link, ago):
    for one in made(
        handle_name=name, channel=channel, link=link, now=OCCASION.due_at + timedelta(seconds=ago)
    ):
        assert set(one.sms) <= GSM | GSM_EXTENSION
        assert alert.septets(one.sms) <= 160
        assert len(one.subject) <= 100
        assert "\n" not in one.subject
        if link.strip() and link in one.sms:
            assert one.sms.endswith(link)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7860, "2 h 11 min"),
        (86_400, "1 d"),
        (86_400 * 3 + 3600 * 5, "3 d 5 h"),
    ],
)
def test_lengths_of_time_are_said_as_people_say_them(seconds, words):
    assert alert.span(seconds) == words


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Łukasz", "?ukasz"), ("čaj", "caj"), ("ñ ü é", "ñ ü é"), ("€~", "€~"), ("你", "?")],
)
def test_accents_go_where_an_sms_has_none(text, plain):
    assert alert.gsm(text) == plain
