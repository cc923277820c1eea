"""The validator of state machines passes a sound machine and names each fault of an unsound one."""

import pytest

from infra import machines


def task(**changes):
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": "${RespondArn}", "Payload": "{% $states.input %}"},
        "TimeoutSeconds": "{% $wait_seconds %}",
        "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Stuck"}],
        "Next": "Done",
    }
    return {key: value for key, value in (state | changes).items() if value is not None}


def machine(**states):
    last = {"Done": {"Type": "Succeed"}, "Stuck": {"Type": "Fail"}}
    return {"QueryLanguage": "JSONata", "StartAt": "Respond", "States": states | last}


def test_a_sound_machine_has_no_faults():
    assert machines.faults(machine(Respond=task())) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (task(TimeoutSeconds=None), "Respond: a task without TimeoutSeconds"),
        (task(Retry=None), "Respond: a task without Retry"),
        (task(Retry=[]), "Respond: a task without Retry"),
        (task(Catch=[{"ErrorEquals": ["A"], "Next": "Stuck"}]), "does not end with States.ALL"),
        (task(Catch=None), "Stuck: no path leads to it"),
        (task(Next="Gone"), "Respond: leads to Gone, which is not there"),
        (task(InputPath="$.x"), "'InputPath' was unexpected"),
        (task(TimeoutSeconds="soon"), "'soon' is not of type 'number'"),
    ],
)
def test_each_fault_is_named(state, words):
    assert words in "\n".join(machines.faults(machine(Respond=state)))


def test_a_state_that_nothing_leads_to_is_named():
    found = machines.faults(machine(Respond=task(), Forgotten={"Type": "Succeed"}))
    assert found == ["Forgotten: no path leads to it"]
