"""The doors as AWS finds them: function names, handlers, and `observed` on each."""

import importlib
import inspect

import pytest

from app import app
from tests.fakes.gateway import FakeContext
from tests.fakes.house import open_house

FUNCTIONS = {
    "inbox": "chalicelib.entrypoints.inbox.inbox",
    "outbox": "chalicelib.entrypoints.outbox.outbox",
    "files": "chalicelib.entrypoints.files.files",
    "hooks": "chalicelib.entrypoints.hooks.hooks",
    "notices": "chalicelib.entrypoints.notices.notices",
    "stream": "chalicelib.entrypoints.stream.stream",
    "sweep": "chalicelib.entrypoints.schedules.sweep",
    "poll": "chalicelib.entrypoints.schedules.poll",
    "watch": "chalicelib.entrypoints.schedules.watch",
    "assign": "chalicelib.entrypoints.tasks.assign",
    "respond": "chalicelib.entrypoints.tasks.respond",
    "breach": "chalicelib.entrypoints.tasks.breach",
    "follow_up": "chalicelib.entrypoints.tasks.follow_up",
    "survey": "chalicelib.entrypoints.tasks.survey",
    "close": "chalicelib.entrypoints.tasks.close",
    "stuck": "chalicelib.entrypoints.tasks.stuck",
}
"""Every function besides `api_handler`, with the handler that Chalice writes into the template."""

CASE = {"conversation_id": "a" * 26, "case_number": 1, "generation": 1}
WAITS = CASE | {"token": "t", "wait_seconds": 1, "loops": 0}
TICK = {
    "id": "e", "version": "0", "account": "1", "region": "r", "detail": {}, "detail-type": "t",
    "source": "aws.events", "time": "t", "resources": [],
}  # fmt: skip
EMPTY = {
    "inbox": {"Records": []},
    "outbox": {"Records": []},
    "files": {"Records": []},
    "hooks": {"Records": []},
    "notices": {"Records": []},
    "stream": {"Records": []},
    "sweep": TICK,
    "poll": TICK,
    "watch": TICK,
}


def handler(name):
    module, _, attribute = FUNCTIONS[name].rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def test_the_functions_are_these_and_no_others():
    registered = {source.name: source.handler_string for source in app.event_sources}
    registered |= {one.name: one.handler_string for one in app.pure_lambda_functions}
    assert registered == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_is_found_where_lambda_looks_for_it(name):
    assert callable(handler(name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_door_wears_observed(name):
    """Chalice's middleware does not run in Lambda for these: a door has what it wears."""
    door = handler(name).func
    door = getattr(door, "_original_func", door)
    code = inspect.unwrap(door, stop=lambda f: f.__code__.co_qualname.startswith("observed."))
    assert code.__code__.co_qualname == "observed.<locals>.wrapped"
    assert code.__name__ == name


@pytest.mark.parametrize("name", EMPTY)
def test_a_door_called_as_lambda_calls_it_works(name):
    with open_house():
        answer = handler(name)(EMPTY[name], FakeContext())
    assert answer in (None, {"batchItemFailures": []})


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - set(EMPTY)))
def test_a_step_for_a_case_that_is_gone_tells_the_machine_so(name):
    """The machine's retries are written for this class name."""
    with open_house(), pytest.raises(LookupError):
        handler(name)(WAITS, FakeContext())


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - set(EMPTY)))
def test_a_step_answers_the_machine_with_what_it_routes_by(name):
    with open_house() as house:
        found = house.customer_writes()
        answer = handler(name)(WAITS | {"conversation_id": found.id}, FakeContext())
    if name in ("respond", "follow_up", "survey"):
        assert answer is None
    else:
        assert answer["phase"]


def test_no_route_sends_cors_headers_and_binary_bodies_stay_bytes():
    assert app.api.cors is False
    assert "application/octet-stream" in app.api.binary_types
