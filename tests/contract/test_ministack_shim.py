"""The shim makes MiniStack do what AWS does, and is still needed for the version that is pinned."""

import inspect
import io
import json
import re
import time
import zipfile

import pytest
from ministack.services import lambda_svc, stepfunctions

from infra.local import ministack, shim
from infra.local.stack import connect
from infra.package import ROOT

CODE = """
def waits(event, context):
    return None

class UnluckyError(Exception):
    pass

def fails(event, context):
    try:
        raise ValueError("first: no")
    except ValueError as error:
        raise UnluckyError("no\\nOther: not this") from error
"""


@pytest.fixture(scope="module")
def cloud():
    """A local AWS with two functions: one that never calls back, one that fails."""
    with ministack.start() as server:
        cloud = connect(server.endpoint)
        for name in ("waits", "fails"):
            cloud.client("lambda").create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role="arn:aws:iam::000000000000:role/any",
                Handler=f"steps.{name}",
                Code={"ZipFile": zipped("steps.py", CODE)},
            )
        yield cloud


def zipped(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def waiting(function, seconds):
    """A machine that waits for a token, and says which error it caught."""
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Wait",
        "States": {
            "Wait": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Arguments": {
                    "FunctionName": function,
                    "Payload": {"token": "{% $states.context.Task.Token %}"},
                },
                "TimeoutSeconds": seconds,
                "Catch": [
                    {
                        "ErrorEquals": ["States.ALL"],
                        "Output": "{% $states.errorOutput.Error %}",
                        "Next": "Caught",
                    }
                ],
                "Next": "Answered",
            },
            "Caught": {"Type": "Succeed"},
            "Answered": {"Type": "Succeed"},
        },
    }


def run(cloud, definition, payload, seconds=10.0):
    """Run a machine to its end; return its output and how long it took."""
    states = cloud.stepfunctions
    name = f"machine-{time.monotonic_ns()}"
    arn = states.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/any"
    )["stateMachineArn"]
    began = time.monotonic()
    execution = states.start_execution(stateMachineArn=arn, input=json.dumps(payload))[
        "executionArn"
    ]
    while time.monotonic() - began < seconds:
        seen = states.describe_execution(executionArn=execution)
        if seen["status"] != "RUNNING":
            return json.loads(seen["output"]), time.monotonic() - began
    raise AssertionError(f"the execution did not end within {seconds} s")


def test_a_timeout_may_be_an_expression(cloud):
    """The wait ends after the seconds that the expression gives, as on AWS."""
    output, took = run(cloud, waiting("waits", "{% $states.input.seconds %}"), {"seconds": 1})
    assert output == "States.Timeout"
    assert took >= 1


def test_a_timeout_may_still_be_a_number(cloud):
    output, _ = run(cloud, waiting("waits", 1), {})
    assert output == "States.Timeout"


def test_a_failing_function_fails_the_wait_at_once(cloud):
    """Its error is caught by its class, and nobody waits for a callback that cannot come."""
    output, took = run(cloud, waiting("fails", 300), {})
    assert output == "UnluckyError"
    assert took < 10


def test_ministack_alone_takes_no_expression(monkeypatch):
    """When this fails, MiniStack evaluates the expression itself: drop that part of the shim."""
    monkeypatch.setattr(stepfunctions, "_call_lambda", lambda function, event: None)
    monkeypatch.setattr(stepfunctions, "_resolve_lambda_function_ref", lambda ref, **_: ref)
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    with pytest.raises(TypeError):
        stepfunctions._invoke_with_callback(
            resource, {"FunctionName": "f"}, "token-1", {"TimeoutSeconds": "{% 1 %}"}
        )
    stepfunctions._task_tokens.pop("token-1", None)


def test_ministack_alone_swallows_the_failure(monkeypatch):
    """When this fails, MiniStack fails the task itself: drop that part of the shim."""

    def fails(function, event):
        raise stepfunctions._ExecutionError("ValueError", "no")

    monkeypatch.setattr(stepfunctions, "_call_lambda", fails)
    monkeypatch.setattr(stepfunctions, "_resolve_lambda_function_ref", lambda ref, **_: ref)
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    with pytest.raises(stepfunctions._ExecutionError) as raised:
        stepfunctions._invoke_with_callback(
            resource, {"FunctionName": "f"}, "token-2", {"TimeoutSeconds": 0.01}
        )
    assert raised.value.error == "States.Timeout"


def test_ministack_alone_names_no_error():
    """When this fails, MiniStack has another way to name errors: look at that part of the shim."""
    source = inspect.getsource(lambda_svc)
    assert source.count(f'error_type = "{shim.NAMELESS}"') == 1


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ('Traceback\n  File "a.py", line 1\n    f()\n    ~^^\nValueError: no\n', "ValueError"),
        ('  File "a.py", line 1\n    f()\nchalicelib.errors.BusyError: a\nb: c', "BusyError"),
        ('  File "a.py", line 1\nKeyError\n', "KeyError"),
        ("no traceback at all: nothing", ""),
        ("", ""),
    ],
)
def test_the_class_is_read_from_the_traceback(log, name):
    assert shim.error_name(log) == name


def test_the_shim_is_for_the_version_that_is_locked():
    locked = re.search(
        r"^ministack==(\S+)", (ROOT / "requirements-local.txt").read_text(), re.MULTILINE
    )
    assert locked is not None
    assert locked[1] == shim.VERSION


def test_another_version_is_refused(monkeypatch):
    """A newer MiniStack is not corrected blindly."""
    monkeypatch.setattr(shim.importlib.metadata, "version", lambda name: "9.9.9")
    with pytest.raises(RuntimeError, match=r"9\.9\.9"):
        shim.correct()


def test_it_ends_with_who_started_it():
    """When the starter is gone, its end of the pipe closes, and the local AWS ends by itself."""
    server = ministack.start()
    try:
        server._process.stdin.close()
        assert server._process.wait(10) == 0
    finally:
        server._process.stdin = None
        server.stop()


def test_it_leaves_nothing_behind():
    server = ministack.start()
    home = server.log.parent
    assert home.is_dir()
    server.stop()
    assert not server.running
    assert not home.exists()
    server.stop()  # stopping twice is harmless


def test_it_listens_on_loopback_only(cloud):
    assert cloud.endpoint.startswith("http://127.0.0.1:")
