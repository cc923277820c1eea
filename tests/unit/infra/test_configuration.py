"""care.yaml: what it says becomes the policy; what is wrong in it is told in words, all at once."""

from datetime import date, time
from pathlib import Path

import pytest
import yaml

from chalicelib.domain.calendar import Frame
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from infra import configuration, shapes
from infra.errors import ConfigurationError
from infra.package import ROOT

CARE = {
    "brand": "Acme",
    "teams": [{"id": "care"}],
    "handles": [
        {"id": "page", "channel": "facebook_page", "account_id": "1", "name": "A", "team": "care"}
    ],
    "targets": [{"clock": "assign", "within": "5m"}],
}
OFFICE = {"zone": "Europe/Berlin", "week": {"monday": ["09:00-17:00"]}}


@pytest.fixture
def loaded(tmp_path: Path):
    def load(**changes):
        path = tmp_path / "care.yaml"
        path.write_text(yaml.safe_dump(CARE | changes), "utf-8")
        return configuration.load(path)

    return load


def handle(**changes):
    return CARE["handles"][0] | changes


def problems(loaded, **changes):
    with pytest.raises(ConfigurationError) as raised:
        loaded(**changes)
    return raised.value.problems


def test_the_example_is_well():
    """The care.yaml that everybody begins with can be published as it stands."""
    policy = configuration.load(ROOT / "care.yaml")
    channels = {one.channel for one in policy.handles}
    assert channels >= {
        Channel.FACEBOOK_PAGE,
        Channel.MESSENGER,
        Channel.INSTAGRAM,
        Channel.WHATSAPP,
        Channel.WEBHOOK,
    }
    assert {target.clock for target in policy.targets} == set(ClockName)
    assert policy.subscribers == ()


def test_settings_become_the_policy(loaded):
    policy = loaded(
        calendars={"office": OFFICE},
        handles=[handle(calendar="office")],
        reopen_window="2d",
        warn_percents=[90, 60],
        survey={"delay": "12h", "reopen_at_most": 1},
    )
    assert policy.targets[0].seconds == 300
    assert policy.handles[0].channel is Channel.FACEBOOK_PAGE
    assert policy.calendars["office"].week == {0: (Frame(time(9), time(17)),)}
    assert (policy.reopen_window_seconds, policy.warn_percents) == (172_800, (60, 90))
    assert (policy.follow_delay_seconds, policy.survey.reopen_at_most) == (43_200, 1)


@pytest.mark.parametrize(
    ("duration", "seconds"), [(90, 90), ("90s", 90), ("5m", 300), ("1h", 3600), ("3 d", 259_200)]
)
def test_durations(duration, seconds):
    assert shapes.seconds(duration) == seconds


@pytest.mark.parametrize("duration", ["", "5", "5 minutes", "-1h", "1.5h", "h"])
def test_other_durations_are_refused(duration):
    with pytest.raises(ValueError, match="is not a duration"):
        shapes.seconds(duration)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"handles": [handle(team="sales")]}, "handle page names the team 'sales'"),
        ({"handles": [handle(calendar="night")]}, "names the calendar 'night'"),
        ({"handles": [handle(account_id="")]}, "handle page has no account_id"),
        ({"handles": [handle(id="My Page")]}, "the handle id 'My Page' must be small letters"),
        ({"handles": [handle(), handle(account_id="2")]}, "handle page stands there twice"),
        ({"handles": [handle(), handle(id="b")]}, "account facebook_page 1 stands there twice"),
        ({"teams": [], "handles": []}, "there is no team"),
        ({"handles": [handle(secret="a/b")]}, "the secret id 'a/b' must be small letters"),
        ({"handles": [handle(channel="webhook", id="meta")]}, "the secret 'meta' belongs to"),
        ({"teams": [{"id": "care"}, {"id": "care"}]}, "team care stands there twice"),
        ({"targets": [{"clock": "assign", "within": "14s"}]}, "is 14 s: it must lie between 15 s"),
        ({"targets": [{"clock": "assign", "within": "400d"}]}, "it must lie between 15 s and"),
        ({"targets": [{"clock": "assign", "within": "soon"}]}, "'soon' is not a duration"),
        ({"targets": [{"clock": "assign", "within": 60, "team": "x"}]}, "names the team 'x'"),
        ({"targets": [{"clock": "assign", "within": 60, "handle": "x"}]}, "the handle 'x'"),
        ({"targets": [{"clock": "assign", "within": 60, "channel": "fax"}]}, "channel 'fax'"),
        ({"warn_percents": [75, 100]}, "warn_percents has 100"),
        ({"warn_percents": [0]}, "warn_percents has 0"),
        ({"warn_percents": [75, 75]}, "warn_percents names one twice"),
        ({"warn_percents": list(range(1, 12))}, "warn_percents has 11"),
        ({"survey": {"reopen_at_most": 6}}, "survey.reopen_at_most is 6"),
        ({"survey": {"delay": 0}}, "survey.delay is 0 s"),
        ({"reopen_window": "never"}, "reopen_window: 'never' is not a duration"),
        ({"calendars": {"o": OFFICE | {"zone": "Mars/Base"}}}, "the zone 'Mars/Base'"),
        ({"calendars": {"o": OFFICE | {"zone": "../etc"}}}, "the zone '../etc'"),
    ],
)
def test_what_is_wrong_is_told_in_words(loaded, changes, words):
    (problem,) = problems(loaded, **changes)
    assert words in problem


@pytest.mark.parametrize(
    ("subscriber", "words"),
    [
        ({"topic": "all"}, "names the topic 'all'"),
        ({"protocol": "fax"}, "has the protocol 'fax'"),
        ({"endpoint": "5550100"}, "has the number '5550100'"),
        ({"protocol": "email", "endpoint": "nobody"}, "'nobody', which is not an email address"),
        ({"severity": "loud"}, "names the severity 'loud'"),
        ({"clock": "lunch"}, "names the clock 'lunch'"),
        ({"team": "sales"}, "names the team 'sales'"),
    ],
)
def test_wrong_subscribers_are_told(loaded, subscriber, words):
    person = {"topic": "breaches", "protocol": "sms", "endpoint": "+15550100"} | subscriber
    (problem,) = problems(loaded, subscribers=[person])
    assert words in problem


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, "unknown field `colour`"),
        ({"handles": [handle(kalender="x")]}, "unknown field `kalender`"),
        ({"handles": [handle(channel="fax")]}, "handles[0].channel"),
        ({"targets": [{"clock": "lunch", "within": 60}]}, "targets[0].clock"),
        ({"warn_percents": 75}, "warn_percents"),
    ],
)
def test_a_misspelt_key_is_told_with_its_place(loaded, changes, words):
    (problem,) = problems(loaded, **changes)
    assert words in problem


def test_all_problems_are_told_at_once(loaded):
    found = problems(loaded, warn_percents=[0], handles=[handle(team="x", calendar="y")])
    assert len(found) == 3


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match=r"there is no care\.yaml"):
        configuration.load(tmp_path / "care.yaml")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"a: [1"])
def test_what_is_not_yaml_is_told(tmp_path, content):
    path = tmp_path / "care.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is not YAML"):
        configuration.load(path)


def test_the_version_is_what_the_file_means(loaded, tmp_path):
    """A comment, or another order of keys, is no new version; a setting is."""
    version = loaded().version
    path = tmp_path / "other.yaml"
    path.write_text("# a comment\n" + yaml.safe_dump(CARE, sort_keys=False), "utf-8")
    assert configuration.load(path).version == version
    assert loaded(brand="Other").version != version


def test_the_version_does_not_depend_on_the_order_of_holidays(loaded):
    days = [date(2026, 12, 25), date(2027, 1, 1), date(2027, 5, 1)]
    first = loaded(calendars={"o": OFFICE | {"holidays": days}})
    second = loaded(calendars={"o": OFFICE | {"holidays": days[::-1]}})
    assert first.version == second.version
