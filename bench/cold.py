"""One cold start, in a process of its own: import a door, call it once, print the CPU it took.

`cold.py floor`: import chalice and make one botocore client for DynamoDB instead.
`cold.py <handler> <event file>`: the handler as the template names it. Imports nothing of the
bench, so that it also runs on what was unpacked from the package.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any


class Context:
    """Lambda's context, as far as a door looks at it."""

    aws_request_id = "cold"
    function_name = "cold"


def floor() -> None:
    """Do what every function of this framework and this SDK has to do."""
    import botocore.session  # noqa: PLC0415  (importing it is what is measured)
    import chalice.app  # noqa: F401, PLC0415

    botocore.session.get_session().create_client("dynamodb")


def call(handler: str, event: Any) -> Any:
    """Import the handler and call it once."""
    module, _, name = handler.rpartition(".")
    return getattr(importlib.import_module(module), name)(event, Context())


def main(arguments: list[str]) -> None:
    """Measure; print one JSON line, the last of this process."""
    event = json.loads(Path(arguments[1]).read_text("utf-8")) if arguments[1:] else None
    answer = None
    began = time.process_time()
    if event is None:
        floor()
    else:
        answer = call(arguments[0], event)
    took = time.process_time() - began
    print(json.dumps({"seconds": took, "modules": len(sys.modules), "answer": answer}))


if __name__ == "__main__":
    main(sys.argv[1:])
