"""The loop: what the stream, the queues and the machine do with the workflows, on the fakes.

Time is virtual. The machine is read from care.asl.json: next states, timeouts, retries, where a
caught error leads (ladder_loop plays the ladder's). Whatever dies is told again, as AWS does it: a
stream record, an order of the outbox, a task of the machine. Plays the role of AWS only; every
decision is the workflows'.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import ANNOUNCED
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.message import DeliveryState, Message
from chalicelib.store import records
from chalicelib.workflows import (
    announce,
    assign,
    breach,
    close,
    files,
    follow_up,
    hooks,
    respond,
    stream,
    stuck,
    survey,
)
from chalicelib.workflows.answering import outbox
from chalicelib.workflows.answering.outbox import Order
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.intake import ingest
from chalicelib.workflows.ports import BusyError, Commit
from chalicelib.workflows.rules import react
from chalicelib.workflows.stream import AgentKeys, HeadKeys
from tests.fakes.ladder_loop import LadderLoop
from tests.fakes.outside import CrashError, FakeParts, OutageError
from tests.fakes.store import MemoryStore

MACHINE: Mapping[str, Any] = json.loads(
    (resources.files("chalicelib.workflows") / "care.asl.json").read_text("utf-8")
)
FAULTS = (CrashError, OutageError, BusyError)
REDELIVERY = timedelta(minutes=9)
MOST_STEPS = 20_000


def _leaves(message: Message) -> bool:
    """Return whether the stream puts this row on the outbox: stored to be sent, and not tried."""
    now = message.delivery
    return now is not None and now.state is DeliveryState.QUEUED and not now.attempts


class LoopError(Exception):
    """Raised when the loop does not come to rest."""


@dataclass
class Execution:
    """One execution: the state it is in, its variables, and the token and time it waits for."""

    case: CaseRef
    state: str
    input: dict[str, Any]
    variables: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    ends_at: datetime | None = None
    entered: list[str] = field(default_factory=list)


@dataclass
class Letter:
    """An order on its way to the outbox's door. `action` empty: a reply to send."""

    order: Order
    visible_at: datetime
    group: str = ""
    action: str = ""


@dataclass
class Later:
    """A letter of a standard queue, on its way to its door."""

    work: Callable[[dict[str, Any], int], None]
    body: bytes
    visible_at: datetime
    tries: int = 0


def _letter(body: dict[str, Any], group: str, now: datetime) -> Letter:
    action = body.pop("action", "")
    return Letter(Order(**body), now, group, action)


def moderate() -> Any:
    """Return the workflow that hides and protects, as the stream imports it: when it is needed."""
    from chalicelib.workflows import moderate as found

    return found


class Loop:
    """Follows every change until nothing is left to do, then moves the clock to the next timer."""

    def __init__(self, parts: FakeParts, store: MemoryStore) -> None:
        self.parts, self.store = parts, store
        self.executions: dict[str, Execution] = {}
        self.ended: dict[str, str] = {}
        self.records: deque[Callable[[], object]] = deque()
        self.letters: list[Letter] = []
        self.later: list[Later] = []
        self.rows: dict[tuple[str, str], records.Values] = {}
        self.seen: dict[str, Agent] = {}
        self.tokens = self.woken = 0
        self.ladder = LadderLoop(parts, store, self._tell)
        store.changed.append(self._head)
        store.after_commit.append(self._log)

    def ingest(self, event: ChannelEvent, tries: int = 10) -> str:
        """Take in an event as the inbox does, telling it again while it fails or is too early."""
        for _ in range(tries):
            try:
                return ingest.ingest(self.parts, event)
            except (*FAULTS, RetryLaterError):
                continue
        return "dead"

    def rest(self) -> None:
        """Do all that follows from what was committed, without letting time pass."""
        for _ in range(MOST_STEPS):
            if not (
                self._record()
                or self._agents()
                or self._start()
                or self._wake()
                or self.ladder.step()
                or self._order()
                or self._task_due()
            ):
                return
        raise LoopError("the loop does not come to rest")

    def run(self, **ahead: float) -> None:
        """Let time pass (timedelta's words), doing everything at its time."""
        end = self.parts.now() + timedelta(**ahead)
        self.rest()
        while (moment := self._next()) is not None and moment <= end:
            self.parts.now.set(max(moment, self.parts.now()))
            self._time_out()
            self.ladder.time_out()
            self.rest()
        self.parts.now.set(end)

    def states(self) -> list[str]:
        """Return every state entered, in all executions."""
        return [state for execution in self.executions.values() for state in execution.entered]

    # What the table tells.

    def _tell(self, follow: Callable[[], object]) -> None:
        self.records.append(follow)

    def _head(self, old: Conversation | None, new: Conversation) -> None:
        before, after = _keys(old) if old else None, _keys(new)
        self.records.append(lambda: stream.head_changed(self.parts, before, after))

    def _log(self, commit: Commit) -> None:
        head, kinds = commit.conversation, {entry.kind for entry in commit.entries}
        if head is not None and kinds & ANNOUNCED:
            self.records.append(lambda: announce.announce(self.parts, head.id, head.version))
        if head is not None and commit.entries:
            self.records.append(lambda: hooks.enqueue(self.parts, head.id, head.version, kinds))
        if head is not None and head.case is not None and commit.entries:
            policy = head.case.policy_version
            self.records.append(
                lambda: react.react(self.parts, head.id, head.version, kinds, policy)
            )
        for message in (*commit.insert, *commit.update):
            if _leaves(message):
                self.records.append(
                    lambda sent=message: self._enqueue(sent.conversation_id, sent.id)
                )
            self._followed(message)

    def _followed(self, message: Message) -> None:
        """Do what the stream does for what came in: files, hiding, personal data."""
        parts, ids = self.parts, (message.conversation_id, message.id)
        row = records.message(message)
        before = self.rows.get(ids, {})
        self.rows[ids] = row
        if row.get("files") and not before.get("files"):
            self.records.append(lambda: files.enqueue(parts, files.Order(*ids)))
        if row.get("moderation") == DeliveryState.QUEUED and not message.moderation.attempts:
            rounds = message.moderation.rounds
            self.records.append(lambda: moderate().enqueue(parts, *ids, rounds))
        if row.get("personal") and not before.get("personal"):
            self.records.append(lambda: moderate().protect(parts, *ids))

    def _enqueue(self, conversation_id: str, message_id: str) -> None:
        message = self.parts.conversations.message(conversation_id, message_id)
        assert message is not None
        outbox.enqueue(self.parts, Order(conversation_id, message_id, message.rounds))

    def _record(self) -> bool:
        if not self.records:
            return False
        follow = self.records[0]
        try:
            follow()
        except FAULTS:
            return True  # told again
        self.records.popleft()
        return True

    def _agents(self) -> bool:
        changed = [
            (_agent(self.seen.get(agent.id)), _agent(agent))
            for agent in self.store.people.values()
            if agent != self.seen.get(agent.id)
        ]
        self.seen = dict(self.store.people)
        for old, new in changed:
            self.records.append(lambda old=old, new=new: stream.agent_changed(self.parts, old, new))
        return bool(changed)

    # The outbox.

    def _order(self) -> bool:
        self.letters += [
            _letter(json.loads(sent.body), sent.group, self.parts.now())
            for sent in self.parts.outbox.take()
        ]
        blocked: set[str] = set()
        for letter in self.letters:
            group = letter.group
            if group not in blocked and letter.visible_at <= self.parts.now():
                self._deliver(letter)
                return True
            blocked.add(group)
        return False

    def _deliver(self, letter: Letter) -> None:
        try:
            if letter.action:
                order = letter.order
                ids = order.conversation_id, order.message_id, order.rounds
                moderate().carry_out(self.parts, *ids)
            else:
                outbox.deliver(self.parts, letter.order)
        except RetryLaterError as later:
            letter.visible_at = self.parts.now() + timedelta(seconds=later.seconds or 30)
        except FAULTS:
            letter.visible_at = self.parts.now() + REDELIVERY
        else:
            self.letters.remove(letter)

    # The standard queues: files to fetch, and outgoing webhooks.

    def _task_due(self) -> bool:
        for queue, work in (("files", self._file), ("hooks", self._hook)):
            taken = getattr(self.parts, queue).take()
            self.later += [Later(work, body, self.parts.now()) for body in taken]
        due = next((one for one in self.later if one.visible_at <= self.parts.now()), None)
        if due is None:
            return False
        due.tries += 1
        try:
            due.work(json.loads(due.body), due.tries)
        except RetryLaterError as later:
            due.visible_at = self.parts.now() + timedelta(seconds=later.seconds or 30)
        except FAULTS:
            due.visible_at = self.parts.now() + REDELIVERY
        else:
            self.later.remove(due)
        return True

    def _file(self, letter: dict[str, Any], tries: int) -> None:
        files.fetch(self.parts, files.Order(**letter), tries)

    def _hook(self, letter: dict[str, Any], tries: int) -> None:
        if "event_id" in letter:
            hooks.deliver(self.parts, hooks.Order(**letter), tries)
        else:
            hooks.told(self.parts, hooks.News(**letter))

    # The machine.

    def _start(self) -> bool:
        new = [name for name in self.parts.executions.started if name not in self.executions]
        for name in new:
            given = dict(self.parts.executions.started[name])
            case = CaseRef(
                str(given["conversation_id"]),
                int(str(given["case_number"])),
                int(str(given["generation"])),
            )
            self.executions[name] = Execution(case, "", given)
            self._enter(name, MACHINE["StartAt"])
        return bool(new)

    def _wake(self) -> bool:
        for wake in self.parts.executions.woken[self.woken :]:
            self.woken += 1
            name = next(
                (name for name, one in self.executions.items() if one.token == wake.token), None
            )
            if name is not None:
                self._succeed(name, dict(wake.output))
                return True
        return False

    def _next(self) -> datetime | None:
        moments = [one.ends_at for one in self.executions.values() if one.ends_at is not None]
        first = {letter.group: letter for letter in reversed(self.letters)}
        moments += [letter.visible_at for letter in first.values()]
        moments += [one.visible_at for one in self.later]
        moments += self.ladder.moments()
        return min((max(moment, self.parts.now()) for moment in moments), default=None)

    def _time_out(self) -> None:
        for name, execution in list(self.executions.items()):
            if execution.ends_at is not None and execution.ends_at <= self.parts.now():
                self.parts.executions.over.add(execution.token)
                self._catch(name, "States.Timeout")

    def _enter(self, name: str, state: str) -> None:
        execution, made = self.executions[name], MACHINE["States"][state]
        execution.state, execution.token, execution.ends_at = state, "", None
        execution.entered.append(state)
        if made["Type"] in ("Succeed", "Fail"):
            self.ended[name] = state
        elif made["Type"] == "Choice":
            self._enter(name, chosen(state, execution.input["phase"]))
        else:
            self._task(name, made)

    def _task(self, name: str, made: Mapping[str, Any]) -> None:
        execution = self.executions[name]
        waits = made["Resource"].endswith(".waitForTaskToken")
        attempts = max(
            retry["MaxAttempts"]
            for retry in made["Retry"]
            if "States.TaskFailed" in retry["ErrorEquals"]
        )
        for _ in range(attempts + 1):
            if waits:
                self.tokens += 1
                execution.token = f"token-{self.tokens}"
                seconds = self._value(execution, made["TimeoutSeconds"])
                execution.ends_at = self.parts.now() + timedelta(seconds=seconds)
            try:
                result = self._call(execution, made)
            except FAULTS:
                continue
            if not waits:
                self._succeed(name, dict(result or {}))
            return
        self._catch(name, "States.TaskFailed")

    def _call(self, execution: Execution, made: Mapping[str, Any]) -> Mapping[str, object] | None:
        parts, case, token = self.parts, execution.case, execution.token
        wait = int(self._value(execution, made["Arguments"]["Payload"].get("wait_seconds", 0)))
        steps: dict[str, Callable[[], Mapping[str, object] | None]] = {
            "Assign": lambda: assign.assign(parts, case),
            "Respond": lambda: respond.respond(parts, case, token, wait, execution.input["loops"]),
            "Breach": lambda: breach.breach(parts, case),
            "FollowUp": lambda: follow_up.follow_up(parts, case, token, wait),
            "Survey": lambda: survey.survey(parts, case, token, wait),
            "Close": lambda: close.close(parts, case),
            "Stuck": lambda: stuck.stuck(parts, case, execution.input["error"]),
        }
        return steps[execution.state]()

    def _succeed(self, name: str, result: dict[str, Any]) -> None:
        execution, made = self.executions[name], MACHINE["States"][self.executions[name].state]
        execution.variables |= {key: result[key] for key in made.get("Assign", ())}
        shown = json.dumps(made.get("Output", {}))
        loops = execution.input.get("loops", 0) + ("loops + 1" in shown)
        execution.input = {"loops": loops, "phase": result.get("phase", "")}
        if made.get("End"):
            execution.token, execution.ends_at = "", None
            self.ended[name] = execution.state
        else:
            self._enter(name, made["Next"])

    def _catch(self, name: str, error: str) -> None:
        execution, made = self.executions[name], MACHINE["States"][self.executions[name].state]
        catch = next(
            one for one in made["Catch"] if {error, "States.ALL"} & set(one["ErrorEquals"])
        )
        again = "loops + 1" in json.dumps(catch.get("Output", {}))
        execution.input = {"loops": execution.input.get("loops", 0) + again, "error": error}
        self._enter(name, catch["Next"])

    def _value(self, execution: Execution, written: object) -> Any:
        found = re.fullmatch(r"\{% \$(\w+) %\}", str(written))
        return execution.variables[found.group(1)] if found else written


def chosen(state: str, phase: str) -> str:
    """Return the state that a Choice leads to for a phase."""
    made = MACHINE["States"][state]
    for choice in made["Choices"]:
        if phase in re.findall(r"'(\w+)'", choice["Condition"]):
            return str(choice["Next"])
    return str(made["Default"])


def _keys(head: Conversation) -> HeadKeys:
    case = head.case
    return HeadKeys(head.id, case.number if case else 0, case.generation if case else 0, head.token)


def _agent(agent: Agent | None) -> AgentKeys | None:
    if agent is None:
        return None
    spare = agent.capacity - agent.load
    return AgentKeys(agent.id, agent.teams, agent.presence, spare, agent.rev)
