"""The care machine's definition: sound, in JSONata, bounded, and taken by a real engine."""

import json
import re

import pytest

from infra import machines
from infra.local import ministack
from infra.local.stack import connect

STATES = ("Assign", "Respond", "Breach", "FollowUp", "Survey", "Close", "Stuck")
WAITS = ("Respond", "FollowUp", "Survey")
LAMBDA = ("Lambda.ServiceException", "Lambda.TooManyRequestsException")


@pytest.fixture(scope="module")
def definition():
    return json.loads((machines.MACHINES / "care.asl.json").read_text("utf-8"))


def tasks(definition):
    return {name: one for name, one in definition["States"].items() if one["Type"] == "Task"}


def test_it_has_no_faults(definition):
    """Language, reachability, and a timeout, retries and a catch on every task."""
    assert machines.faults(definition) == []


def test_every_step_is_a_state_and_every_task_a_step(definition):
    """A Lambda, its step and its state bear one name."""
    assert set(tasks(definition)) == set(STATES)
    for name, task in tasks(definition).items():
        assert task["Arguments"]["FunctionName"] == f"${{{name}Arn}}"


def test_it_is_jsonata_throughout(definition):
    """No JSONPath field and no Pass state: each would be a transition for nothing."""
    assert definition["QueryLanguage"] == "JSONata"
    text = json.dumps(definition)
    old = re.findall(
        r'"(InputPath|OutputPath|ResultPath|Parameters|ResultSelector|\w+\.\$)":', text
    )
    assert old == []
    kinds = {state["Type"] for state in definition["States"].values()}
    assert kinds <= {"Task", "Choice", "Succeed", "Fail"}
    assert all("QueryLanguage" not in state for state in definition["States"].values())


def test_only_ids_numbers_and_tokens_travel(definition):
    """Payloads stay far below the limit, and no customer text is in them."""
    sent = {key for task in tasks(definition).values() for key in task["Arguments"]["Payload"]}
    assert sent <= {
        "conversation_id", "case_number", "generation", "token", "wait_seconds", "loops", "error",
    }  # fmt: skip


@pytest.mark.parametrize("name", WAITS)
def test_waits_end_by_themselves(definition, name):
    """A wait has its time from the step before it, and a time-out is not a failure."""
    state = definition["States"][name]
    assert state["Resource"].endswith(":lambda:invoke.waitForTaskToken")
    assert state["TimeoutSeconds"].startswith("{%")
    caught = {error: one["Next"] for one in state["Catch"] for error in one["ErrorEquals"]}
    assert caught["States.Timeout"] not in ("Stuck", name)
    retried = {error for one in state["Retry"] for error in one["ErrorEquals"]}
    assert "States.Timeout" not in retried


@pytest.mark.parametrize("name", STATES)
def test_a_busy_lambda_is_tried_again(definition, name):
    retried = {error for one in definition["States"][name]["Retry"] for error in one["ErrorEquals"]}
    assert set(LAMBDA) <= retried


@pytest.mark.parametrize("name", [name for name in STATES if name != "Stuck"])
def test_every_failure_ends_where_a_person_sees_it(definition, name):
    caught = {
        error: one["Next"]
        for one in definition["States"][name]["Catch"]
        for error in one["ErrorEquals"]
    }
    assert caught["States.ALL"] == "Stuck"


def test_a_stuck_case_fails_its_execution(definition):
    """So that the alarm on failed executions sees it too."""
    stuck = definition["States"]["Stuck"]
    ends = {stuck["Next"], *(one["Next"] for one in stuck["Catch"])}
    assert {definition["States"][name]["Type"] for name in ends} == {"Fail"}


def test_a_real_engine_takes_it(definition):
    """MiniStack parses, validates and stores the definition with its functions put in."""
    text = re.sub(
        r"\$\{(\w+)Arn\}",
        r"arn:aws:lambda:us-east-1:000000000000:function:\1",
        json.dumps(definition),
    )
    with ministack.start() as server:
        states = connect(server.endpoint).stepfunctions
        assert states.validate_state_machine_definition(definition=text)["result"] == "OK"
        made = states.create_state_machine(
            name="care", definition=text, roleArn="arn:aws:iam::000000000000:role/any"
        )
        held = states.describe_state_machine(stateMachineArn=made["stateMachineArn"])
        assert json.loads(held["definition"]) == json.loads(text)


@pytest.fixture(scope="module")
def ladder():
    return json.loads((machines.MACHINES / "ladder.asl.json").read_text("utf-8"))


def test_the_ladder_has_no_faults(ladder):
    assert machines.faults(ladder) == []
    for name, task in tasks(ladder).items():
        assert task["Arguments"]["FunctionName"] == f"${{{name}Arn}}"
        retried = {error for one in task["Retry"] for error in one["ErrorEquals"]}
        assert set(LAMBDA) <= retried


def test_only_ids_numbers_and_tokens_travel_up_the_ladder(ladder):
    sent = {key for task in tasks(ladder).values() for key in task["Arguments"]["Payload"]}
    assert sent == {"page_id", "generation", "token", "wait_seconds", "loops"}


def test_the_end_of_a_pages_wait_is_a_look_and_no_failure(ladder):
    hold = ladder["States"]["Hold"]
    caught = {error: one["Next"] for one in hold["Catch"] for error in one["ErrorEquals"]}
    assert (caught["States.Timeout"], hold["Next"]) == ("Climb", "Climb")
    retried = {error for one in hold["Retry"] for error in one["ErrorEquals"]}
    assert "States.Timeout" not in retried


def test_a_page_that_cannot_climb_fails_its_execution(ladder):
    """So that the alarm sees it, and the sweep starts the page again."""
    for name in ("Hold", "Climb"):
        caught = {
            error: one["Next"]
            for one in ladder["States"][name]["Catch"]
            for error in one["ErrorEquals"]
        }
        assert ladder["States"][caught["States.ALL"]]["Type"] == "Fail"
