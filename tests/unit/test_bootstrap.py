"""Bootstrap: each part is made when it is first asked for, once, and satisfies its port."""

from types import SimpleNamespace

import pytest

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.config import ConfigError, read_config
from chalicelib.domain.agent import Agent
from chalicelib.domain.ladder import Paging, PagingEndpoint, PagingKind
from chalicelib.domain.policy import Policy
from tests.unit.test_config import ENVIRONMENT

STORE = ("conversations", "agents", "views", "policies")
NAMES = (
    *STORE,
    "now",
    "executions",
    "inbox",
    "outbox",
    "alerts",
    "sender",
    "blobs",
    "meter",
    "secrets",
    "pages",
    "pager",
    "links",
    "ladders",
)


@pytest.fixture(autouse=True)
def _region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    yield
    bootstrap.install(None)


@pytest.mark.parametrize("name", NAMES)
def test_a_part_is_made_once(name):
    parts = Parts(read_config(ENVIRONMENT))
    assert name not in vars(parts)
    assert getattr(parts, name) is getattr(parts, name)


def test_the_processs_parts_are_made_from_its_environment_at_the_first_call(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    bootstrap.install(None)
    assert bootstrap.parts().config.stage == "a stage"
    assert bootstrap.parts() is bootstrap.parts()


def test_without_an_environment_the_error_names_what_is_missing(monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    bootstrap.install(None)
    with pytest.raises(ConfigError):
        bootstrap.parts()


def test_links_have_no_double_slash():
    parts = Parts(read_config(ENVIRONMENT | {"HEARBACK_DESK_URL": "https://desk.example.com/"}))
    assert parts.desk_url == "https://desk.example.com"


@pytest.mark.parametrize(("stage", "allowed"), [("local", True), ("dev", False), ("prod", False)])
def test_replies_go_to_private_addresses_on_the_local_stage_only(stage, allowed):
    parts = Parts(read_config(ENVIRONMENT | {"HEARBACK_STAGE": stage}))
    assert parts.sender._places.private_urls is allowed


def test_a_page_leaves_by_its_own_carriers_each_made_when_it_is_needed():
    parts = Parts(read_config(ENVIRONMENT | {"HEARBACK_PLATFORM_URLS": '{"opsgenie": "http://x"}'}))
    carriers = parts.pager._carriers
    assert parts.pager is parts.pager
    assert carriers.urls == {"opsgenie": "http://x"}
    assert carriers.hooks() is parts.hook_sender
    assert carriers.sender()._purse is None  # the handle's budget for customers stops no page
    assert carriers.sns().meta.config.retries == {"total_max_attempts": 1, "mode": "standard"}
    assert carriers.mail()._configuration == "hearback-a stage"
    assert carriers.poster()._places is parts.places


def test_a_link_may_be_for_our_people_our_paging_systems_and_the_subscribers():
    duty = PagingEndpoint("duty", PagingKind.PAGERDUTY, "paging-duty")
    policy = Policy("v1", public_url="https://acme.example/api", paging=Paging(endpoints=(duty,)))
    parts = Parts(read_config(ENVIRONMENT))
    vars(parts)["agents"] = SimpleNamespace(all=lambda: [Agent("ann")])
    vars(parts)["policies"] = SimpleNamespace(current=lambda: policy)
    vars(parts)["secrets"] = SimpleNamespace(get=lambda _: {"key": "k" * 32})
    for person in ("ann", "duty", "subscribers"):
        made = parts.links.link("p1", person)
        assert made.startswith("https://acme.example/api/p/p1.")
        assert parts.links.person(made.rpartition("/")[2]) == ("p1", person)
    assert parts.links.person(parts.links.link("p1", "gone").rpartition("/")[2]) is None
