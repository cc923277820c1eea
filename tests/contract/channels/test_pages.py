"""Every channel's page in docs/channels has the same parts, and what is to be copied from it works.

Other parts may stand between these: what only one channel has.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

from chalicelib.channels.registry import room_of
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle

PAGES = Path(__file__).parents[3] / "docs" / "channels"
OTHERS = {"README", "adding", "attachments", "outgoing-webhooks"}
NAMES = sorted({path.stem for path in PAGES.glob("*.md")} - OTHERS)
PARTS = (
    "What you need",
    "Steps",
    "What arrives",
    "Limits",
    "Costs",
    "When something goes wrong",
    "What it cannot do",
)
SHARED = {"messenger"}
"""Pages that leave the secret to the page they name: one app serves both."""

every = pytest.mark.parametrize("name", NAMES)


def page(name):
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def part(name, title):
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page(name), re.MULTILINE | re.DOTALL
    )
    assert found, title
    return found[1]


def blocks(name, language):
    """Return the blocks of code of a page, without what indents them in a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", page(name), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


@every
def test_every_page_has_the_same_parts_in_the_same_order(name):
    titles = re.findall(r"^## (.+)$", page(name), re.MULTILINE)
    assert [title for title in titles if title in PARTS] == list(PARTS)


@every
def test_every_page_says_how_to_try_it(name):
    assert re.search(r"\bTest it\b", page(name))


@every
def test_the_handles_of_a_page_are_as_care_yaml_wants_them(name):
    handles = [one for text in blocks(name, "yaml") for one in yaml.safe_load(text)["handles"]]
    assert handles
    for told in handles:
        assert {"id", "channel", "account_id", "name", "team"} <= set(told)
        assert isinstance(told["account_id"], str)
        settings = told.get("settings", {})
        assert all(isinstance(value, str) for value in settings.values())
        channel = Channel(told["channel"])
        handle = Handle(
            told["id"], channel, told["account_id"], told["name"], "care", settings=settings
        )
        assert room_of(handle)


@every
def test_the_secrets_of_a_page_are_json(name):
    found = [json.loads(text) for text in blocks(name, "json")]
    assert found or name in SHARED
    assert all(isinstance(one, dict) for one in found)


@every
def test_what_something_costs_is_said_with_a_year_unless_it_is_our_own(name):
    assert re.search(r"\b202\d\b", part(name, "Costs")) or name == "webhook"
