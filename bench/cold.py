"""One cold start, in a process of its own: import a door, call it once, print the CPU it took.

`cold.py floor`: import chalice and make one botocore client for DynamoDB instead.
`cold.py <handler> <event file>`: the handler as the template names it. Imports nothing of the
bench, so that it also runs on what was unpacked from the package.
"""

import importlib
import json
import sys
import time


class Context:
    """Lambda's context, as far as a door looks at it."""

    aws_request_id = "cold"
    function_name = "cold"


def floor():
    """Do what every function of this framework and this SDK has to do."""
    import botocore.session
    import chalice.app  # noqa: F401

    botocore.session.get_session().create_client("dynamodb")


def call(handler, event):
    """Import the handler and call it once."""
    module, _, name = handler.rpartition(".")
    return getattr(importlib.import_module(module), name)(event, Context())


def main(arguments):
    """Measure; print one JSON line, the last of this process."""
    event = None
    if len(arguments) > 1:
        with open(arguments[1], encoding="utf-8") as file:
            event = json.load(file)
    began = time.process_time()
    answer = call(arguments[0], event) if event is not None else floor()
    took = time.process_time() - began
    print(json.dumps({"seconds": took, "modules": len(sys.modules), "answer": answer}))


if __name__ == "__main__":
    main(sys.argv[1:])
