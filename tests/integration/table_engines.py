"""The engines of the store's tests, and the table in them, made from the definition that ships."""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import yaml
from botocore.config import Config

from infra.local import ministack
from tests.integration import dynamodb_local

TEMPLATE = Path(__file__).resolve().parents[2] / "infra" / "table.yaml"
REGION = "us-east-1"
MINISTACK = "ministack"
DYNAMODB_LOCAL = "dynamodb-local"
ENGINES = (MINISTACK, DYNAMODB_LOCAL)

_running: list[Any] = []
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Engine:
    """A running DynamoDB, or why it is not running."""

    name: str
    endpoint: str = ""
    missing: str = ""

    def new_table(self) -> str:
        """Create a table as the template defines it; return its name."""
        name = f"store-{os.getpid()}-{next(_numbers)}"
        client(self.endpoint).create_table(TableName=name, **definition())
        return name


@cache
def engine(name: str) -> Engine:
    """Return the engine of that name, started when it is first asked for."""
    start: dict[str, Callable[[], Any]] = {
        MINISTACK: lambda: ministack.start(settings={"SERVICES": "dynamodb"}),
        DYNAMODB_LOCAL: dynamodb_local.start,
    }
    try:
        running = start[name]()
    except dynamodb_local.MissingError as error:
        return Engine(name, missing=str(error))
    _running.append(running)
    return Engine(name, running.endpoint)


def stop() -> None:
    """Stop every engine that was started. One that is asked for again starts again."""
    while _running:
        _running.pop().stop()
    engine.cache_clear()


@cache
def client(endpoint: str) -> Any:
    """Return a plain client of an engine, for what the store itself never does."""
    session = botocore.session.get_session()
    session.set_credentials("test", "test")
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    return session.create_client("dynamodb", REGION, endpoint_url=endpoint, config=config)


def definition() -> dict[str, Any]:
    """Return what `create_table` takes of the template's table."""
    template = yaml.load(TEMPLATE.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    table = template["Resources"]["Table"]["Properties"]
    wanted = (
        "AttributeDefinitions",
        "KeySchema",
        "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes",
        "BillingMode",
    )
    return {name: table[name] for name in wanted}


class _Loader(yaml.SafeLoader):
    """Reads a template's short functions (!Sub, !If) as plain values.

    None of them is in what defines the table.
    """


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None


_Loader.add_multi_constructor("!", _plain)
