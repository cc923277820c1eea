"""Transitions of an ordinary case: one real execution on the local AWS, with short clocks.

A customer writes, an agent replies and resolves, the survey goes out, the case is closed. What AWS
charges for is a state that was entered.
"""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from io import StringIO
from threading import Event
from time import monotonic

from rich.console import Console

from bench.figures import Figure
from chalicelib.domain.case import Status
from chalicelib.domain.message import Direction
from infra.local.day import cast, collect
from infra.local.day.desk import Desk
from infra.local.day.facts import Talk
from infra.local.day.player import utc_now
from infra.local.run import local
from infra.local.simulator import messenger
from infra.local.simulator.happening import Happening
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Door, Doors, Post, Webhook
from infra.local.simulator.signing import wire
from infra.local.stack import Stack

PATIENCE = 90.0
FIRST, SECOND = "90000000001", "90000000002"
NAME = "transitions_on_local_aws"


class LateError(Exception):
    """Raised when the case does not get on."""


def figures() -> list[Figure]:
    """Play the case and count the states.

    Another customer goes before, so that every function has been started once: the local clocks
    are seconds, and a step that comes too late for its wait looks once more, as it should. On a
    busy machine that still happens, so this figure has no aim: with a stage's clocks, which are
    hours, `transitions_ordinary_case` counts.
    """
    with local(Console(file=StringIO())) as (stack, platforms):
        Case(stack, platforms, FIRST).resolve()
        case = Case(stack, platforms, SECOND)
        case.resolve()
        case.close()
        states = case.states()
    how = "one execution on the local AWS with infra/local/care.yaml, StateEntered in its history"
    return [Figure(NAME, len(states), "states", " ".join(states), how)]


class Case:
    """One case on a running stack."""

    def __init__(self, stack: Stack, platforms: Platforms, customer: str) -> None:
        self._stack, self._platforms, self._customer = stack, platforms, customer

    def resolve(self) -> None:
        """Let it happen until an agent has resolved it. Raises LateError."""
        desk = Desk(self._stack.api_url, self._stack.id_token(cast.AGENTS[0]))
        assert desk.change("PUT", "/api/me/presence", {"presence": "present"}).ok
        self._written()
        talk = self._until(
            lambda now: bool(now.conversation.case and now.conversation.case.assignee)
        )
        self._change(desk, talk, "replies", text="It is on its way.")
        talk = self._until(
            lambda now: any(
                one.direction is Direction.OUTBOUND and one.platform_id for one in now.messages
            )
        )
        self._change(desk, talk, "resolve", reason="answered")

    def close(self) -> None:
        """Wait until it is closed. Raises LateError."""
        self._until(_closed)

    def states(self) -> list[str]:
        """Return the states that the case's execution has entered."""
        talk = self._talk()
        assert talk is not None
        client = self._stack.cloud.stepfunctions
        arn = self._stack.outputs["MachineArn"]
        wanted = talk.conversation.id
        found = client.list_executions(stateMachineArn=arn)["executions"]
        ours = [one["executionArn"] for one in found if one["name"].startswith(wanted)]
        return [
            event["stateEnteredEventDetails"]["name"]
            for one in ours
            for event in client.get_execution_history(executionArn=one, maxResults=1000)["events"]
            if event["type"].endswith("StateEntered")
        ]

    def _written(self) -> None:
        accounts = self._platforms.world.accounts
        base = self._stack.api_url
        doors = Doors(f"{base}/webhooks/meta", f"{base}/webhooks/standard/{accounts.standard}")
        post = Post(doors, accounts, threads=1)
        at = utc_now() - timedelta(milliseconds=5)
        told = Happening(
            accounts.page, self._customer, at, id=f"m_{self._customer}", text="Where is my parcel?"
        )
        try:
            sent = post.now(Webhook("bench", Door.META, wire(messenger.message(told)))).result()
            assert sent.status == HTTPStatus.OK, sent
        finally:
            post.close()

    def _change(self, desk: Desk, talk: Talk, action: str, **body: str) -> None:
        """Ask for a change of the newest version; somebody's newer one is read and tried again."""
        path = f"/api/conversations/{talk.conversation.id}/{action}"
        for _ in range(5):
            now = self._talk()
            assert now is not None
            answer = desk.change("POST", path, {**body, "version": now.conversation.version})
            if answer.ok:
                return
        raise LateError(f"{action} was refused: {answer.status} {answer.body}")

    def _talk(self) -> Talk | None:
        found = collect.talks(
            self._stack.cloud.client("dynamodb"), self._stack.outputs["TableName"]
        )
        return next(iter(found.get(self._customer, [])), None)

    def _until(self, come: Callable[[Talk], bool]) -> Talk:
        deadline, pause = monotonic() + PATIENCE, Event()
        while (talk := self._talk()) is None or not come(talk):
            if monotonic() > deadline:
                raise LateError("the case does not get on")
            pause.wait(0.3)
        return talk


def _closed(talk: Talk) -> bool:
    case = talk.conversation.case
    return case is not None and case.status is Status.CLOSED
