"""The dead-letter list of outgoing webhooks, as an operator sees it."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.policy import Endpoint
from chalicelib.workflows.errors import NotFoundError
from infra import hook_letters
from tests.unit.workflows.story import POLICY, Story

CRM = Endpoint("crm", "https://crm.example.com/in", "hook-crm")


@pytest.fixture
def parts():
    made = Story(replace(POLICY, endpoints=(CRM,))).parts
    for endpoint, number in (("crm", 1), ("crm", 2), ("old", 3)):
        order = {"endpoint": endpoint, "event_id": f"e{number}", "body": "{}"}
        made.blobs.put(
            f"hook/{endpoint}/2026-11-0{number}/e{number}", json.dumps(order).encode(), {}
        )
    return made


def test_all_is_listed_and_counted(parts):
    assert list(hook_letters.listed(parts)) == [
        "crm  e1", "crm  e2", "old  e3", "crm: 2 set aside", "old: 1 set aside",
    ]  # fmt: skip


def test_one_endpoint_is_listed_alone(parts):
    assert list(hook_letters.listed(parts, "old")) == ["old  e3", "old: 1 set aside"]


def test_an_empty_list_says_so(parts):
    assert list(hook_letters.listed(parts, "erp")) == ["Every outgoing webhook was taken."]


def test_sending_again_queues_and_forgets(parts):
    assert hook_letters.resent(parts, "crm").startswith("2 events go out to crm again")
    assert [json.loads(body)["event_id"] for body in parts.hooks.take()] == ["e1", "e2"]
    assert list(hook_letters.listed(parts, "crm")) == ["Every outgoing webhook was taken."]


def test_one_event_is_sent_alone(parts):
    assert hook_letters.resent(parts, "crm", "e2").startswith("1 event ")
    assert list(hook_letters.listed(parts, "crm")) == ["crm  e1", "crm: 1 set aside"]


def test_an_endpoint_that_is_not_in_care_yaml_cannot_be_sent_to(parts):
    with pytest.raises(NotFoundError):
        hook_letters.resent(parts, "old")


@pytest.mark.parametrize(
    ("words", "function", "options"),
    [
        ("hooks list", "list_hooks", {"endpoint": ""}),
        ("hooks list crm", "list_hooks", {"endpoint": "crm"}),
        ("hooks resend crm", "resend_hooks", {"endpoint": "crm", "event": ""}),
        ("hooks resend crm e2", "resend_hooks", {"endpoint": "crm", "event": "e2"}),
    ],
)
def test_the_command_line_says_it_in_two_words(words, function, options):
    from infra.commands import _parser

    chosen = _parser().parse_args(["--stage", "prod", *words.split()])
    assert chosen.run.__name__ == function
    assert {name: getattr(chosen, name) for name in options} == options
