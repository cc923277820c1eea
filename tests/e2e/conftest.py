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

MORE = {
    "teams": [{"id": "archive"}, {"id": "late"}],
    "handles": [
        {"id": "archive", "channel": "messenger", "account_id": ARCHIVE, "team": "archive"},
        {"id": "late", "channel": "messenger", "account_id": LATE, "team": "late"},
    ],
    "targets": [
        {"clock": clock, "within": "30d", "team": "archive"}
        for clock in ("assign", "first_response", "next_response", "resolution", "follow_up")
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
        care[section] += [{"name": row["id"], **row} if "id" in row else row for row in rows]
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
