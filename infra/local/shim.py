"""Start MiniStack with three corrections. Run as a program by `ministack.py`.

They make MiniStack 1.5.33 do what AWS does; nothing here does what AWS would not:

1. `TimeoutSeconds` of a task may be a JSONata expression. MiniStack takes only a number and raises
   TypeError for anything else.
2. A Lambda that fails in a `.waitForTaskToken` task fails the task at once. MiniStack swallows the
   error and waits for a callback until the time-out.
3. A Lambda's error is named by its exception's class, which Retry and Catch are written for.
   MiniStack names every error of a Python function Runtime.HandlerError.

Besides, a function has two processes at most, since this machine is not AWS: a further call waits
for a free one instead of starting a process that takes the cores from the others. And MiniStack
ends when the process that started it is gone.

tests/contract/test_ministack_shim.py holds these promises, and fails when a newer MiniStack makes
one of them needless.
"""

import contextvars
import functools
import importlib.metadata
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

VERSION = "1.5.33"
"""The one version that these corrections were written for and tested with."""

WATCHED = "HEARBACK_WATCHED"
"""Set by the process that starts us when it holds the other end of our standard input."""

WORKERS_PER_FUNCTION = 2
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.01

NAMELESS = "Runtime.HandlerError"

_waiting: contextvars.ContextVar[str] = contextvars.ContextVar("waiting", default="")


def correct() -> None:
    """Put the corrections into MiniStack.

    Raises RuntimeError on another version than the one they were written for.
    """
    installed = importlib.metadata.version("ministack")
    if installed != VERSION:
        raise RuntimeError(
            f"MiniStack {installed} is installed, but infra/local/shim.py is for {VERSION}"
        )
    from ministack.services import lambda_svc, stepfunctions  # noqa: PLC0415 - now it is known

    stepfunctions._execute_task = _with_evaluated_timeout(stepfunctions)  # noqa: SLF001
    stepfunctions._invoke_with_callback = _with_token(stepfunctions)  # noqa: SLF001
    stepfunctions._call_lambda = _with_failing_callback(stepfunctions)  # noqa: SLF001
    lambda_svc._execute_function_with_config_scope = _with_error_names(lambda_svc)  # noqa: SLF001
    lambda_svc.acquire_worker = _with_patience(lambda_svc)


def _with_evaluated_timeout(stepfunctions: Any) -> Callable[..., Any]:
    original = stepfunctions._execute_task  # noqa: SLF001

    @functools.wraps(original)
    def execute_task(state: dict[str, Any], raw_input: Any, execution: Any, context: Any) -> Any:
        if isinstance(state.get("TimeoutSeconds"), str):
            seconds = stepfunctions._jsonata_state_field(  # noqa: SLF001
                state, "TimeoutSeconds", "number", raw_input, context
            )
            state = {**state, "TimeoutSeconds": int(seconds)}
        return original(state, raw_input, execution, context)

    return execute_task


def _with_token(stepfunctions: Any) -> Callable[..., Any]:
    original = stepfunctions._invoke_with_callback  # noqa: SLF001

    @functools.wraps(original)
    def invoke_with_callback(
        resource: str, input_data: Any, token: str, state: dict[str, Any]
    ) -> Any:
        marked = _waiting.set(token)
        try:
            return original(resource, input_data, token, state)
        finally:
            _waiting.reset(marked)

    return invoke_with_callback


def _with_failing_callback(stepfunctions: Any) -> Callable[..., Any]:
    original = stepfunctions._call_lambda  # noqa: SLF001

    @functools.wraps(original)
    def call_lambda(function: str, event: Any) -> Any:
        try:
            return original(function, event)
        except stepfunctions._ExecutionError as error:  # noqa: SLF001
            waiting = stepfunctions._task_tokens.get(_waiting.get())  # noqa: SLF001
            if waiting is not None and not waiting["event"].is_set():
                waiting["error"] = {"Error": error.error, "Cause": error.cause}
                waiting["event"].set()
            raise

    return call_lambda


def _with_error_names(lambda_svc: Any) -> Callable[..., Any]:
    original = lambda_svc._execute_function_with_config_scope  # noqa: SLF001

    @functools.wraps(original)
    def execute(*arguments: Any, **options: Any) -> Any:
        result = original(*arguments, **options)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict):
            name = error_name(str(result.get("log", "")))
            if name and body.get("errorType") == NAMELESS:
                body["errorType"] = name
        return result

    return execute


def _with_patience(lambda_svc: Any) -> Callable[..., Any]:
    original = lambda_svc.acquire_worker

    @functools.wraps(original)
    def acquire_worker(*arguments: Any, **options: Any) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = original(*arguments, **{**options, "max_concurrency": WORKERS_PER_FUNCTION})
            if found[0] is not None or time.monotonic() > until:
                return found
            time.sleep(PAUSE_SECONDS)

    return acquire_worker


def error_name(log: str) -> str:
    """Return the class of the exception whose traceback ends the log; empty when there is none.

    It stands on the first line after the last frame that is not indented: what follows it is the
    rest of a message of several lines.
    """
    lines = log.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    after = lines[frames[-1] + 1 :] if frames else []
    last = next((line for line in after if line and not line.startswith(" ")), "")
    return last.partition(":")[0].strip().rpartition(".")[2]


def _end_with_parent() -> None:
    """End when whoever started us is gone: then the other end of our standard input is closed."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Correct MiniStack and serve until the process is told to end."""
    if os.environ.pop(WATCHED, ""):
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    correct()
    from ministack.app import main as serve  # noqa: PLC0415 - it reads the environment when it is imported

    sys.argv[1:] = []
    serve()


if __name__ == "__main__":
    main()
