"""Bootstrap: each part is made when it is first asked for, once, and satisfies its port."""

import pytest

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.config import ConfigError, read_config
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
