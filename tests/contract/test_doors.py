"""The doors as AWS finds them: function names, handlers, and `observed` on each."""

import importlib
import inspect

import pytest

from app import app
from tests.contract.test_pages_contract import page
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
    "hold": "chalicelib.entrypoints.ladder_tasks.hold",
    "climb": "chalicelib.entrypoints.ladder_tasks.climb",
}
"""Every function besides `api_handler`, with the handler that Chalice writes into the template."""

WAITS = {"generation": 1, "token": "t", "wait_seconds": 1, "loops": 0}
CASE = WAITS | {"conversation_id": "a" * 26, "case_number": 1}
PAGE = WAITS | {"page_id": "a" * 26}
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
CARE = ("assign", "respond", "breach", "follow_up", "survey", "close", "stuck")
LADDER = ("hold", "climb")
STEPS = dict.fromkeys(CARE, CASE) | dict.fromkeys(LADDER, PAGE)
"""What each step of a machine is called with."""


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


def test_every_door_is_called_here():
    assert set(EMPTY) | set(STEPS) == set(FUNCTIONS)
    assert not set(EMPTY) & set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_for_what_is_gone_tells_the_machine_so(name):
    """The machine's retries are written for this class name, and not for those below it."""
    with open_house(), pytest.raises(LookupError) as raised:
        handler(name)(STEPS[name], FakeContext())
    assert raised.type is LookupError


@pytest.mark.parametrize("name", CARE)
def test_a_step_answers_the_machine_with_what_it_routes_by(name):
    with open_house() as house:
        found = house.customer_writes()
        answer = handler(name)(CASE | {"conversation_id": found.id}, FakeContext())
    if name in ("respond", "follow_up", "survey"):
        assert answer is None
    else:
        assert answer["phase"]


@pytest.mark.parametrize("name", LADDER)
def test_a_step_of_the_ladder_answers_its_machine_with_what_it_routes_by(name):
    with open_house() as house:
        house.store.pages.open(page(PAGE["page_id"], climbs_at=house.parts.now()), None)
        answer = handler(name)(PAGE, FakeContext())
    if name == "hold":
        assert answer is None
    else:
        assert answer["phase"]


def test_no_route_sends_cors_headers_and_binary_bodies_stay_bytes():
    assert app.api.cors is False
    assert "application/octet-stream" in app.api.binary_types
