"""One deployed local stack for all end-to-end tests, with the simulated platforms around it."""

import time
from dataclasses import dataclass
from io import StringIO
from threading import Event

import pytest
import yaml
from rich.console import Console

from infra.cloud import lent_environment
from infra.local.day import cast, collect
from infra.local.day.desk import Desk
from infra.local.day.performance import doors
from infra.local.run import local
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Post
from infra.local.stack import Stack, publish_here

ARCHIVE, LATE = "104500000000077", "104500000000078"
"""Two more Messenger pages: one whose team has long targets, one whose team never comes to work."""

STORMY, TAKEN, CLIMBED = "104500000000079", "104500000000080", "104500000000081"
"""Three more whose teams have ladders of their own, and promise nothing but a first response."""

STORM = 200
GATHER = "100s"
"""How long a storm gathers: the local AWS plays two hundred cases one after the other."""

CLOCKS = ("assign", "first_response", "next_response", "resolution", "follow_up")
LOUD = {"by": ["sms"], "severities": ["breach", "critical"]}
TOPIC = {"to": ["subscribers"], "by": ["topic"], "severities": ["breach", "critical"]}
STEPS = [
    {"after": 10 * step, "to": [who], **LOUD} for step, who in enumerate(("lena", "adam", "omar"))
]

MORE = {
    "teams": [
        {"id": "archive"},
        {"id": "late"},
        *({"id": team, "ladder": team} for team in ("storm", "taken", "climbed")),
    ],
    "handles": [
        {"id": team, "channel": "messenger", "account_id": account, "team": team}
        for team, account in (
            ("archive", ARCHIVE),
            ("late", LATE),
            ("storm", STORMY),
            ("taken", TAKEN),
            ("climbed", CLIMBED),
        )
    ],
    "targets": [
        {"clock": clock, "within": "30d", "team": team}
        for team in ("archive", "storm", "taken", "climbed")
        for clock in CLOCKS
        if team == "archive" or clock != "first_response"
    ],
    "ladders": [
        {"id": "storm", "gather": GATHER, "rungs": [TOPIC, {"to": ["lena"], **LOUD}]},
        {"id": "taken", "gather": "1s", "rungs": STEPS},
        {"id": "climbed", "gather": "1s", "rungs": STEPS},
    ],
}
PATIENCE = 120.0


@dataclass(frozen=True)
class House:
    """The stack under test and the world around it."""

    stack: Stack
    platforms: Platforms

    def post(self, **settings):
        found = doors(self.stack, self.platforms)
        return Post(found, self.platforms.world.accounts, **settings)

    def desk(self, username=""):
        return Desk(self.stack.api_url, self.stack.id_token(username) if username else "")

    def desk_with(self, token):
        return Desk(self.stack.api_url, token)

    def talks(self):
        client = self.stack.cloud.client("dynamodb")
        return collect.talks(client, self.stack.outputs["TableName"])


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    with local(Console(file=StringIO())) as (stack, platforms):
        publish_more(stack, platforms, tmp_path_factory.mktemp("care") / "care.yaml")
        yield House(stack, platforms)


def publish_more(stack, platforms, path):
    """Publish the local policy with the two teams of these tests in it."""
    care = yaml.safe_load(cast.CARE.read_text("utf-8"))
    for section, rows in MORE.items():
        named = section in ("teams", "handles")
        care.setdefault(section, [])
        care[section] += [{"name": row["id"], **row} if named else row for row in rows]
    care.setdefault("paging", {})["person"] = 0  # what one test tells somebody holds up no other
    path.write_text(yaml.safe_dump(care), "utf-8")
    with lent_environment(stack.environment()):
        endpoints = {"crm": platforms.crm_url}
        publish_here(stack.cloud, stack.outputs, path, stack.api_url, endpoints)


@pytest.fixture(scope="session")
def wait_for():
    """Return a function that asks until the answer is true and returns it.

    Or fails after a while.
    """

    def wait(question, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        pause = Event()
        while not (answer := question()):
            assert time.monotonic() < deadline, "it did not come true in time"
            pause.wait(0.3)
        return answer

    return wait
