"""The ladder's machine on the fakes: its executions, played from ladder.asl.json.

Plays the role of AWS only: next states, time-outs, retries, where a caught error leads.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from chalicelib.domain.page import Page
from chalicelib.workflows.ladder import climb, hold
from chalicelib.workflows.ladder.following import PageKeys, page_changed
from chalicelib.workflows.ladder.hold import PageRef
from chalicelib.workflows.ports import BusyError
from tests.fakes.outside import CrashError, FakeParts, OutageError
from tests.fakes.store import MemoryStore

MACHINE: Mapping[str, Any] = json.loads(
    (resources.files("chalicelib.workflows") / "ladder.asl.json").read_text("utf-8")
)
FAULTS = (CrashError, OutageError, BusyError, LookupError)


@dataclass
class Execution:
    """One execution: the state it is in, its input, and the token and time it waits for."""

    ref: PageRef
    state: str
    input: dict[str, Any]
    token: str = ""
    ends_at: datetime | None = None
    entered: list[str] = field(default_factory=list)


class LadderLoop:
    """Plays the executions of the ladder's machine. `records` takes what the stream tells."""

    def __init__(
        self,
        parts: FakeParts,
        store: MemoryStore,
        told: Callable[[Callable[[], object]], object],
    ) -> None:
        self.parts = parts
        self.executions: dict[str, Execution] = {}
        self.ended: dict[str, str] = {}
        self.tokens = self.woken = 0
        self._told = told
        store.page_changed.append(self._changed)

    def step(self) -> bool:
        """Start or wake one execution; return whether there was one."""
        return self._start() or self._wake()

    def moments(self) -> list[datetime]:
        """Return when the waits end."""
        return [one.ends_at for one in self.executions.values() if one.ends_at is not None]

    def time_out(self) -> None:
        """End the waits whose time is over."""
        for name, execution in list(self.executions.items()):
            if execution.ends_at is not None and execution.ends_at <= self.parts.now():
                self.parts.ladders.over.add(execution.token)
                self._catch(name, "States.Timeout")

    def _changed(self, old: Page | None, new: Page) -> None:
        before, after = _keys(old) if old else None, _keys(new)
        if before is None or before != after:
            self._told(lambda: page_changed(self.parts, before, after))

    def _start(self) -> bool:
        new = [name for name in self.parts.ladders.started if name not in self.executions]
        for name in new:
            given = dict(self.parts.ladders.started[name])
            ref = PageRef(str(given["page_id"]), int(str(given["generation"])))
            self.executions[name] = Execution(ref, "", given)
            self._enter(name, MACHINE["StartAt"])
        return bool(new)

    def _wake(self) -> bool:
        for wake in self.parts.ladders.woken[self.woken :]:
            self.woken += 1
            running = self.executions.items()
            name = next((name for name, one in running if one.token == wake.token), None)
            if name is not None:
                self._succeed(name, dict(wake.output))
                return True
        return False

    def _enter(self, name: str, state: str) -> None:
        execution, made = self.executions[name], MACHINE["States"][state]
        execution.state, execution.token, execution.ends_at = state, "", None
        execution.entered.append(state)
        if made["Type"] in ("Succeed", "Fail"):
            self.ended[name] = state
        elif made["Type"] == "Choice":
            (choice,) = made["Choices"]
            over = execution.input["phase"] in re.findall(r"'(\w+)'", choice["Condition"])
            self._enter(name, choice["Next"] if over else made["Default"])
        else:
            self._task(name, made)

    def _task(self, name: str, made: Mapping[str, Any]) -> None:
        execution = self.executions[name]
        waits = made["Resource"].endswith(".waitForTaskToken")
        tries = max(one["MaxAttempts"] for one in made["Retry"]) + 1
        for _ in range(tries):
            if waits:
                self.tokens += 1
                execution.token = f"ladder-token-{self.tokens}"
                wait = timedelta(seconds=execution.input["wait_seconds"])
                execution.ends_at = self.parts.now() + wait
            try:
                result = self._call(execution)
            except FAULTS:
                continue
            if not waits:
                self._succeed(name, dict(result or {}))
            return
        self._catch(name, "States.TaskFailed")

    def _call(self, execution: Execution) -> Mapping[str, object] | None:
        given = execution.input
        if execution.state == "Climb":
            return climb.climb(self.parts, execution.ref)
        hold.hold(self.parts, execution.ref, execution.token, given["wait_seconds"], given["loops"])
        return None

    def _succeed(self, name: str, result: dict[str, Any]) -> None:
        execution, made = self.executions[name], MACHINE["States"][self.executions[name].state]
        execution.input = self._output(execution, made["Output"], result)
        self._enter(name, made["Next"])

    def _catch(self, name: str, error: str) -> None:
        execution, made = self.executions[name], MACHINE["States"][self.executions[name].state]
        found = (one for one in made["Catch"] if {error, "States.ALL"} & set(one["ErrorEquals"]))
        catch = next(found)
        execution.input = self._output(execution, catch.get("Output", {}), {})
        self._enter(name, catch["Next"])

    def _output(
        self, execution: Execution, shown: Mapping[str, str], result: Mapping[str, Any]
    ) -> dict[str, Any]:
        loops = execution.input.get("loops", 0) + ("loops + 1" in shown.get("loops", ""))
        return {
            key: loops if key == "loops" else result[value.rpartition(".")[2].split()[0]]
            for key, value in shown.items()
        }


def _keys(page: Page) -> PageKeys:
    return PageKeys(page.id, page.generation, page.token)
