"""Executions: starting and waking twice is harmless, and an outage is taken for neither."""

import json

import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.executions import Executions
from tests.unit.gateways.clients import stubbed

ARN = "arn:aws:states:eu-west-1:000000000000:stateMachine:hearback-test-care"
NAME = "r2cmyeop5ltvfmwypwpma6y4n3-1-1"
STARTED = {"executionArn": ARN.replace("stateMachine", "execution") + f":{NAME}", "startDate": 1}


@pytest.fixture
def machine():
    client, stubber = stubbed("stepfunctions")
    yield Executions(client, ARN), stubber
    stubber.assert_no_pending_responses()


def test_an_execution_is_started_with_ids_only(machine):
    executions, stubber = machine
    payload = {"conversation_id": "c", "case_number": 1, "generation": 1}
    wanted = {"stateMachineArn": ARN, "name": NAME, "input": json.dumps(payload)}
    stubber.add_response("start_execution", STARTED, wanted)
    assert executions.start(NAME, payload) is True


def test_an_execution_that_was_there_is_not_started_again(machine):
    executions, stubber = machine
    stubber.add_client_error("start_execution", "ExecutionAlreadyExists")
    assert executions.start(NAME, {}) is False


@pytest.mark.parametrize("code", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"])
def test_a_token_that_is_over_wakes_nobody(machine, code):
    executions, stubber = machine
    stubber.add_client_error("send_task_success", code)
    assert executions.wake("token", {}) is False


def test_a_waiting_task_is_answered(machine):
    executions, stubber = machine
    stubber.add_response("send_task_success", {}, {"taskToken": "t", "output": '{"phase": "open"}'})
    assert executions.wake("t", {"phase": "open"}) is True


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "AccessDeniedException", "StateMachineDoesNotExist"]
)
def test_an_outage_is_an_outage(machine, code):
    executions, stubber = machine
    stubber.add_client_error("start_execution", code)
    stubber.add_client_error("send_task_success", code)
    with pytest.raises(ClientError):
        executions.start(NAME, {})
    with pytest.raises(ClientError):
        executions.wake("t", {})
