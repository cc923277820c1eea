"""Checks state machines before AWS does: `faults(definition)` says in words what is wrong with one.

cfn-lint knows the language itself (its rule E3601). What is ours on top of it: every state is
reached and leads to one that is there, and every task has a timeout, retries by error class, and
a catch that leads to where a person sees it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cfnlint.api import lint
from cfnlint.config import ManualArgs

MACHINES = Path(__file__).parent.parent / "chalicelib" / "workflows"
NUMBERS = ("TimeoutSeconds", "HeartbeatSeconds")

State = Mapping[str, Any]


def faults(definition: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a machine, one sentence each."""
    return [
        *language(definition),
        *lost(definition),
        *unreached(definition),
        *unguarded(definition),
    ]


def language(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks the language, after cfn-lint."""
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::111122223333:role/machine",
            "Definition": _plain(definition),
        },
    }
    template = json.dumps({"Resources": {"Machine": machine}})
    for found in lint(template, config=ManualArgs(regions=["us-east-1"])):
        place = "/".join(str(part) for part in (found.path or [])[4:])
        yield f"{place}: {found.message}" if place else found.message


def lost(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield the states that lead to one that is not there (cfn-lint looks at StartAt only)."""
    states = definition["States"]
    for name, state in states.items():
        for target in sorted(set(_nexts(state)) - set(states)):
            yield f"{name}: leads to {target}, which is not there"


def unreached(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield the states that no path leads to."""
    states = definition["States"]
    seen: set[str] = set()
    ahead = [definition["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name in seen or name not in states:
            continue
        seen.add(name)
        ahead.extend(_nexts(states[name]))
    yield from (f"{name}: no path leads to it" for name in sorted(set(states) - seen))


def unguarded(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield the tasks that could wait for ever, give up at a hiccup, or fail unseen."""
    for name, state in definition["States"].items():
        if state.get("Type") != "Task":
            continue
        missing = [key for key in ("TimeoutSeconds", "Retry", "Catch") if not state.get(key)]
        if missing:
            yield f"{name}: a task without {', '.join(missing)}"
        caught = {error for catcher in state.get("Catch", ()) for error in catcher["ErrorEquals"]}
        if "Catch" not in missing and "States.ALL" not in caught and not _last_resort(state):
            yield f"{name}: its Catch does not end with States.ALL"


def _last_resort(state: State) -> bool:
    """Tell whether this is the task that other catches lead to: it may only fail."""
    return all(not list(_nexts(catcher)) for catcher in state.get("Catch", ()))


def _nexts(state: State) -> Iterator[str]:
    """Yield where a state can lead."""
    yield from (state[key] for key in ("Next", "Default") if key in state)
    for key in ("Choices", "Catch"):
        yield from (branch["Next"] for branch in state.get(key, ()) if "Next" in branch)


def _plain(value: Any) -> Any:
    """Return the definition with numbers for JSONata timeouts.

    The language allows an expression there and AWS evaluates it; cfn-lint 1.58 wants a number.
    """
    if isinstance(value, Mapping):
        return {
            key: 60 if _expression(key, inner) else _plain(inner) for key, inner in value.items()
        }
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _expression(key: str, value: Any) -> bool:
    return key in NUMBERS and isinstance(value, str) and value.startswith("{%")


def main() -> int:
    """Check every machine and print what is wrong; return 1 if anything is, or none is there."""
    paths = sorted(MACHINES.glob("*.asl.json"))
    wrong = [f"{p.name}: {fault}" for p in paths for fault in faults(json.loads(p.read_text()))]
    print("\n".join(wrong) or f"{len(paths)} machines checked")
    if not paths:
        print(f"no *.asl.json in {MACHINES.relative_to(MACHINES.parent.parent)}")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    raise SystemExit(main())
