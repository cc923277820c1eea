"""Scripted agents.

They look at their own cases and do the next step of each customer's script, through the real API.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from chalicelib.domain.delivery import REACHED
from infra.local.day.desk import Answered, Desk, Json
from infra.local.day.story import Customer, Do, Step

SETTLED = frozenset(state.value for state in REACHED) | {"failed"}
FILE = b"%PDF-1.4 a label to print"
LOOK_SECONDS = 1.5
"""How often an agent looks at the own list."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an agent sees of one conversation. `exposing` is a message that shows personal data."""

    id: str
    version: int
    customer: str
    inbound: int
    settled: int
    open: bool
    exposing: str = ""


def see(body: Json) -> Seen:
    """Return what matters of the API's answer about one conversation."""
    conversation = _object(body, "conversation")
    messages = _rows(_object(body, "messages"), "messages")
    inbound = [m for m in messages if m.get("direction") == "inbound" and not m.get("incomplete")]
    outbound = [
        m for m in messages if m.get("direction") == "outbound" and m.get("origin") != "survey"
    ]
    shown = [m for m in inbound if m.get("personal") and not m.get("hidden")]
    status = str(_object(conversation, "case").get("status", ""))
    return Seen(
        id=str(conversation.get("id", "")),
        version=int(str(conversation.get("version", 0))),
        customer=str(inbound[-1].get("author_id", "")) if inbound else "",
        inbound=len(inbound),
        settled=sum(_object(m, "delivery").get("state") in SETTLED for m in outbound),
        open=status not in ("resolved", "follow_up", "closed", ""),
        exposing=str(shown[0].get("id", "")) if shown else "",
    )


def ready(step: Step, seen: Seen) -> bool:
    """Return whether the step may be taken now."""
    if step.do is Do.HIDE and not seen.exposing:
        return False
    return seen.open and seen.inbound >= step.inbound and seen.settled >= step.outbound


@dataclass(slots=True)
class Script:
    """How far each customer's script has come.

    Two agents may hold one case after another, so it is shared.
    """

    customers: Mapping[str, Customer]
    _done: dict[str, int] = field(default_factory=dict)
    _refused: list[tuple[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def next(self, ref: str) -> Step | None:
        """Return the customer's next step, or None: nothing (more) is planned."""
        customer = self.customers.get(ref)
        with self._lock:
            done = self._done.get(ref, 0)
        return customer.steps[done] if customer and done < len(customer.steps) else None

    def did(self, ref: str, refusal: str = "") -> None:
        """Go on to the step after. `refusal` is the code that a step was rightly refused with."""
        with self._lock:
            self._done[ref] = self._done.get(ref, 0) + 1
            if refusal:
                self._refused.append((ref, refusal))

    def refused(self) -> Sequence[tuple[str, str]]:
        """Return (customer, code) of what the API rightly refused, in order."""
        with self._lock:
            return tuple(self._refused)


def perform(desk: Desk, step: Step, seen: Seen) -> Answered:
    """Ask the API for one step, based on the version that was seen."""
    base = f"/api/conversations/{seen.id}"
    words: dict[str, object] = {"text": step.text}
    if step.file:
        key = _uploaded(desk, base, step.file)
        if not key:
            return Answered(0, {})
        words["files"] = [key]
    bodies: Mapping[Do, tuple[str, dict[str, object]]] = {
        Do.REPLY: (f"{base}/replies", words),
        Do.TRY: (f"{base}/replies", words),
        Do.INVITE: (f"{base}/invite", words),
        Do.HIDE: (f"{base}/messages/{seen.exposing}/hide", {}),
        Do.NOTE: (f"{base}/notes", {"text": step.text}),
        Do.WAIT: (f"{base}/wait", {"on": "customer", "reason": step.text}),
        Do.RESOLVE: (f"{base}/resolve", {"reason": step.text}),
    }
    path, body = bodies[step.do]
    return desk.change("POST", path, {**body, "version": seen.version})


def done(step: Step, answer: Answered) -> bool:
    """Return whether a step is behind us: carried out, or refused where it must be."""
    if step.do is Do.TRY:
        return answer.ok or answer.code == step.refusal
    return answer.ok


def _uploaded(desk: Desk, base: str, name: str) -> str:
    """Upload a file for a reply; return its key, or nothing where that did not work."""
    wanted = {"name": name, "mime_type": "application/pdf", "size": len(FILE)}
    place = desk.change("POST", f"{base}/uploads", wanted)
    put = place.ok and desk.put(place.body, name, FILE)
    return str(place.body.get("key", "")) if put else ""


class Worker:
    """One agent at work, on a thread, until told to stop.

    `watch` hears (agent, what, customer) of each step.
    """

    def __init__(
        self, name: str, desk: Desk, script: Script, watch: Callable[[str, str, str], None]
    ) -> None:
        self._name, self._desk, self._script, self._watch = name, desk, script, watch
        self._stop = Event()
        self._thread = Thread(target=self._run, name=f"agent-{name}", daemon=True)

    def start(self) -> None:
        """Declare presence and begin."""
        self._desk.change("PUT", "/api/me/presence", {"presence": "present"})
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        looked: dict[str, int] = {}
        while not self._stop.wait(LOOK_SECONDS):
            for row in own_cases(self._desk):
                where = str(row.get("id"))
                if not self._stop.is_set() and looked.get(where) != row.get("version"):
                    looked[where] = self._look(where)

    def _look(self, conversation_id: str) -> int:
        """Do what can be done in one conversation.

        Return the version after which there is nothing to do until it changes; -1: look again.
        """
        seen = see(self._desk.get(f"/api/conversations/{conversation_id}").body)
        step = self._script.next(seen.customer)
        if step is None or not ready(step, seen):
            return seen.version
        answer = perform(self._desk, step, seen)
        over = done(step, answer)
        if over:
            self._script.did(seen.customer, answer.code)
        refused = f"{step.do.value} refused {answer.status} {answer.code}".rstrip()
        self._watch(self._name, step.do.value if answer.ok else refused, seen.customer)
        return -1 if answer.code or not over else seen.version


def own_cases(desk: Desk) -> Sequence[Json]:
    """Return the agent's open cases, nearest deadline first."""
    return _rows(desk.get("/api/cases?limit=100").body, "conversations")


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def _rows(body: Json, name: str) -> Sequence[Json]:
    value = body.get(name)
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
