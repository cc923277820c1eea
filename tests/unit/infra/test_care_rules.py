"""care.yaml's networks: what would not work is told before it is published, in words."""

from pathlib import Path

import pytest
import yaml

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Endpoint, Privacy, Search
from infra import configuration
from infra.errors import ConfigurationError

X = {
    "id": "acme-x",
    "channel": "x",
    "account_id": "123",
    "name": "@acme",
    "team": "care",
    "settings": {"monthly_budget_usd": "25"},
}
CARE = {"brand": "Acme", "teams": [{"id": "care"}], "handles": [X], "targets": []}
SEARCH = {"id": "brand", "handle": "acme-x", "words": "acme broken", "enabled": True}
ENDPOINT = {"id": "crm", "url": "https://crm.example.com/hooks"}


@pytest.fixture
def load(tmp_path: Path):
    def loaded(**changes):
        path = tmp_path / "care.yaml"
        path.write_text(yaml.safe_dump(CARE | changes), "utf-8")
        return configuration.load(path)

    return loaded


@pytest.fixture
def problem(load):
    def told(**changes) -> str:
        with pytest.raises(ConfigurationError) as raised:
            load(**changes)
        (line,) = raised.value.problems
        return line

    return told


def handle(**changes):
    return [X | changes]


@pytest.mark.parametrize(
    ("channel", "account", "settings"),
    [
        ("sms", "+15550100", {}),
        ("sms", "+15550100", {"provider": "twilio"}),
        ("whatsapp", "+15550100", {"provider": "twilio"}),
        ("email", "care@example.com", {}),
        ("telegram", "123456", {}),
        ("line", "U" + "0a" * 16, {}),
        ("mastodon", "77", {"instance": "https://social.example"}),
        ("bluesky", "did:plc:acme", {}),
    ],
)
def test_each_network_has_its_own_kind_of_account(load, channel, account, settings):
    policy = load(handles=handle(channel=channel, account_id=account, settings=settings))
    assert policy.handle_of(Channel(channel), account) is not None


@pytest.mark.parametrize(
    ("channel", "account", "settings", "says"),
    [
        ("sms", "5550100", {}, "write the number like +15550100"),
        ("whatsapp", "1555", {"provider": "twilio"}, "write the number like +15550100"),
        ("sms", "+15550100", {"provider": "carrier-pigeon"}, "no room serves sms"),
        ("email", "Care@example.com", {}, "in small letters"),
        ("email", "a-very-long-local-part-indeed@example.com", {}, "at most 21 characters"),
        ("email", "care", {}, "write the address"),
        ("telegram", "@acme_bot", {}, "write the numeric id"),
        ("bluesky", "@acme.example", {}, "write the account's DID"),
        ("mastodon", "77", {}, "instance is '': write an https address"),
        ("mastodon", "77", {"instance": "social.example"}, "write an https address"),
        ("line", "@acme", {}, "write the bot's user id"),
        ("x", "@acme", {}, "write the numeric id"),
        ("x", "1", {"monthly_budget_usd": "ten"}, "monthly_budget_usd is 'ten'"),
        ("sms", "+15550100", {"price_per_segment_usd": "-1"}, "price_per_segment_usd is '-1'"),
    ],
)
def test_what_cannot_be_an_account_is_told(problem, channel, account, settings, says):
    wrong = handle(channel=channel, account_id=account, settings=settings)
    assert says in problem(handles=wrong)


def test_metas_secret_is_metas_alone(problem):
    assert "belongs to the Meta app" in problem(handles=handle(secret="meta"))


def test_searches_become_part_of_the_policy(load):
    policy = load(searches=[SEARCH | {"every": "1h", "most": 50}])
    assert policy.searches == (Search("brand", "acme-x", "acme broken", True, 3600, 50),)


def test_a_search_is_off_until_it_says_otherwise(load):
    quiet = {name: SEARCH[name] for name in ("id", "handle", "words")}
    assert load(searches=[quiet]).searches[0].enabled is False


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"handle": "nobody"}, "names the handle 'nobody'"),
        ({"words": "  "}, "has no words"),
        ({"most": 0}, "between 1 and 100"),
        ({"most": 101}, "between 1 and 100"),
        ({"every": "30s"}, "between 60 s"),
        ({"id": "Brand!"}, "the search id"),
    ],
)
def test_a_search_that_would_not_work_is_told(problem, changes, says):
    assert says in problem(searches=[SEARCH | changes])


def test_a_search_that_costs_needs_a_budget(problem, load):
    assert "monthly_budget_usd" in problem(handles=handle(settings={}), searches=[SEARCH])
    assert load(handles=handle(settings={}), searches=[SEARCH | {"enabled": False}])


def test_endpoints_become_part_of_the_policy_and_have_a_secret_of_their_own(load):
    policy = load(endpoints=[ENDPOINT | {"events": ["CaseOpened"], "team": "care"}])
    wanted = Endpoint("crm", ENDPOINT["url"], "hook-crm", ("CaseOpened",), "care")
    assert policy.endpoints == (wanted,)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "http://crm.example.com"}, "write an https address"),
        ({"url": "https://me:pass@crm.example.com"}, "write an https address"),
        ({"url": "https://crm.example.com?key=1"}, "write an https address"),
        ({"events": ["CaseOpend"]}, "asks for the event 'CaseOpend'"),
        ({"team": "sales"}, "names the team 'sales'"),
        ({"handle": "nobody"}, "names the handle 'nobody'"),
        ({"channel": "fax"}, "names the channel 'fax'"),
    ],
)
def test_an_endpoint_that_would_not_work_is_told(problem, changes, says):
    assert says in problem(endpoints=[ENDPOINT | changes])


def test_two_of_one_name_are_told(problem):
    assert "stands there twice" in problem(endpoints=[ENDPOINT, ENDPOINT])


def test_the_privacy_rule_becomes_part_of_the_policy(load):
    said = {"region": "DE", "hide": True, "invite": " Write to us in private: ", "allowed": ["+49"]}
    wanted = Privacy(region="DE", hide=True, invite="Write to us in private:", allowed=("+49",))
    assert load(privacy=said).privacy == wanted


def test_a_region_that_does_not_exist_is_told(problem):
    assert "two capitals" in problem(privacy={"region": "Germany"})


def test_platforms_call_an_https_address(load, problem):
    assert load(public_url="https://care.example.com/").public_url == "https://care.example.com"
    assert "write an https address" in problem(public_url="http://care.example.com")
