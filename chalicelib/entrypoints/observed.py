"""Observed: the one decorator that every door wears.

It gives log lines their format and keys, counts errors and flushes the metrics. Chalice's
middleware would not run in Lambda for functions that are not routes; this does the same work in
tests and in Lambda.

No text of a customer and no secret may reach a log line: an error is logged by its type and the
places it passed, never by its message, which may quote the data that caused it.
"""

import logging
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from chalice.app import BaseLambdaEvent, Request

from chalicelib import bootstrap
from chalicelib.gateways.clients import error_code

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

P = ParamSpec("P")
R = TypeVar("R")

ROOT = "chalicelib"
"""The inner floors log by stdlib `logging` below this name: one logger formats them all.
"""

WITHHELD = "The message is withheld; the log line of this invocation tells type and places."

_started: list[bool] = []


@lru_cache(maxsize=1)
def logger() -> "Logger":
    """Return Powertools' JSON logger, whose format all of Hearback has from the first call on."""
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
    from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers

    class Formatter(LambdaPowertoolsFormatter):
        def formatException(self, ei: Any) -> str:  # noqa: N802  (the stdlib's name)
            return places(ei[1])

    logging.getLogger(ROOT)  # so that it is registered
    made = Logger(service="hearback", logger_formatter=Formatter(serialize_stacktrace=False))
    copy_config_to_registered_loggers(made, include={ROOT})
    return made


def places(error: BaseException) -> str:
    """Return an error's type and where it passed, innermost first, and the same of what caused it.

    No message, no values.
    """
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        frames = reversed(traceback.extract_tb(current.__traceback__))
        code = error_code(current) if isinstance(current, Exception) else ""
        where = [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames]  # noqa: PTH119
        lines.append(" < ".join([f"{type(current).__name__} {code}".strip(), *where]))
        current = current.__cause__ or current.__context__
    return "; caused by ".join(lines[:4])


def silenced(error: Exception) -> Exception:
    """Return an error of the same class that does not tell what happened.

    Lambda's runtime writes the message of whatever a door raises into the log, and Step Functions
    keeps it in an execution's history: both outlive what may be quoted in it. The class stays,
    because the machine's retries and catches are written for its name.
    """
    kind = type(error)
    try:
        same = kind.__new__(kind)
        same.args = (WITHHELD,)
        told = str(same)
    except Exception:  # noqa: BLE001  (a class of somebody else's may refuse to be made like this)
        told = ""
    if WITHHELD not in told:
        same = type(kind.__name__, (Exception,), {})(WITHHELD)
    return same


def noted(**keys: str | int | None) -> None:
    """Add keys such as conversation_id and channel to the log lines of this invocation.

    Never message text.
    """
    logger().append_keys(**{name: value for name, value in keys.items() if value})


def observed(door: Callable[P, R]) -> Callable[P, R]:
    """Wrap a door: log keys, cold start, errors counted, metrics flushed.

    What the door returns passes unchanged; what it raises passes without its message.
    """

    @wraps(door)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with _observation(door.__name__, _correlation_id(args)):
            return door(*args, **kwargs)

    return wrapped


@contextmanager
def _observation(door: str, correlation_id: str) -> Iterator[None]:
    log = logger()
    log.append_keys(
        name="%(name)s", door=door, correlation_id=correlation_id, cold_start=not _started
    )
    _started[:] = [True]
    began = time.perf_counter()
    try:
        yield
    except Exception as error:
        log.exception("The door failed.")
        count("DoorFailed", door=door)
        raise silenced(error).with_traceback(error.__traceback__) from None
    finally:
        log.debug("Done.", extra={"duration_ms": round((time.perf_counter() - began) * 1000)})
        _flush()
        log.clear_state()


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Count something. Never raises: parts that cannot be made are an error of their own."""
    try:
        bootstrap.parts().meter.count(name, value, **dimensions)
    except Exception:  # counting must not turn a success into a failure
        logging.getLogger(__name__).exception("Could not count %s.", name)


def _flush() -> None:
    try:
        bootstrap.parts().meter.flush()
    except Exception:
        logging.getLogger(__name__).exception("Could not write the metrics.")


def _correlation_id(args: tuple[Any, ...]) -> str:
    """Return the id of the event or request, of Chalice's objects or Lambda's own."""
    first: Any = args[0] if args else None
    if isinstance(first, Request):
        return str(first.context.get("requestId", ""))
    chalices = isinstance(first, BaseLambdaEvent)
    event = first.to_dict() if chalices else first
    context = first.context if chalices else args[-1] if args else None
    event_id = event.get("id", "") if isinstance(event, dict) else ""
    return str(event_id or getattr(context, "aws_request_id", ""))
