"""Systems that wake people: PagerDuty's Events API v2 and Opsgenie's Alert API, and who they woke.

Also what somebody does who was woken: taps the link of a text, or answers it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from threading import Lock
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

import urllib3

from infra.local.simulator.happening import Happening
from infra.local.simulator.taker import Asked, Told

ROUTING_KEY = 32
"""How many characters an integration key of PagerDuty has."""

MESSAGE = 130
"""How many characters Opsgenie takes as an alert's message."""

SEVERITIES = frozenset({"critical", "error", "warning", "info"})
PRIORITIES = frozenset({"P1", "P2", "P3", "P4", "P5"})
VERBS = {"acknowledge": "acknowledged", "close": "closed"}

TAP_SECONDS = 30.0

_LINK = re.compile(r"https?://\S+/p/[A-Za-z0-9_-]+\.[a-z2-7]{24}")
_ALERT = re.compile(r"/v2/alerts/([^/]+)/(acknowledge|close)")

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Incident:
    """What a system knows of one page: its key there, its summary, how loud, and where it stands.

    `state`: triggered, acknowledged or resolved. `times` it was triggered: more than once folds.
    """

    key: str
    summary: str
    severity: str
    state: str = "triggered"
    times: int = 1
    details: Row = field(default_factory=dict)


@dataclass(slots=True)
class Board:
    """The incidents of one system, by key, in the order in which they began."""

    _held: dict[str, Incident] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def triggered(self, incident: Incident) -> None:
        """Begin an incident, or fold into the one that is there and not over."""
        with self._lock:
            held = self._held.get(incident.key)
            times = held.times + 1 if held and held.state != "resolved" else 1
            state = held.state if held and held.state != "resolved" else "triggered"
            self._held[incident.key] = replace(incident, times=times, state=state)

    def moved(self, key: str, state: str) -> None:
        """Move an incident on. One that is not there is left alone, as both systems do."""
        with self._lock:
            if key in self._held:
                self._held[key] = replace(self._held[key], state=state)

    def incidents(self) -> tuple[Incident, ...]:
        """Return every incident so far."""
        with self._lock:
            return tuple(self._held.values())


@dataclass(slots=True)
class PagerDutyTaker:
    """Implements Taker: takes what has the routing key and the shape of an event."""

    routing_key: str
    prefix: str = "pagerduty"
    board: Board = field(default_factory=Board)

    def take(self, asked: Asked) -> Told:
        """Answer one event."""
        event = _object(asked.body)
        wrong = self._wrong(asked, event)
        if wrong:
            return _json(400, {"status": "invalid event", "message": wrong, "errors": [wrong]})
        key, action = str(event["dedup_key"]), event["event_action"]
        if action == "trigger":
            about = _table(event, "payload")
            details = _table(about, "custom_details")
            self.board.triggered(
                Incident(key, str(about["summary"]), str(about["severity"]), details=details)
            )
        else:
            self.board.moved(key, "acknowledged" if action == "acknowledge" else "resolved")
        told = {"status": "success", "message": "Event processed", "dedup_key": key}
        return _json(202, told)

    def _wrong(self, asked: Asked, event: Row) -> str:
        if asked.method != "POST" or asked.path != "/v2/enqueue":
            return "no such path"
        if event.get("routing_key") != self.routing_key or len(self.routing_key) != ROUTING_KEY:
            return "routing_key is invalid"
        if event.get("event_action") not in {"trigger", "acknowledge", "resolve"}:
            return "event_action is invalid"
        if not event.get("dedup_key"):
            return "dedup_key is missing"
        about = _table(event, "payload")
        whole = about.get("summary") and about.get("source") and about.get("severity") in SEVERITIES
        return "" if whole or event["event_action"] != "trigger" else "payload is invalid"


@dataclass(slots=True)
class OpsgenieTaker:
    """Implements Taker: takes what has the API key and the shape of an alert."""

    api_key: str
    prefix: str = "opsgenie"
    board: Board = field(default_factory=Board)

    def take(self, asked: Asked) -> Told:
        """Answer one request. Opsgenie works off what it has taken later: 202."""
        if asked.headers.get("authorization") != f"GenieKey {self.api_key}":
            return _json(403, {"message": "Key format is not valid!", "took": 0.0})
        alert, found = _object(asked.body), _ALERT.fullmatch(asked.path)
        if found and asked.query.get("identifierType") == "alias":
            state = VERBS[found[2]]
            self.board.moved(unquote(found[1]), "resolved" if state == "closed" else state)
        elif asked.path == "/v2/alerts" and _whole(alert):
            details = _table(alert, "details")
            self.board.triggered(
                Incident(
                    str(alert["alias"]),
                    str(alert["message"]),
                    str(alert["priority"]),
                    details=details,
                )
            )
        else:
            return _json(422, {"message": "Request body is not processable.", "took": 0.0})
        request_id = str(uuid5(NAMESPACE_URL, asked.path + str(len(asked.body))))
        told = {"result": "Request will be processed", "took": 0.0, "requestId": request_id}
        return _json(202, told)


def link_in(text: str) -> str:
    """Return the link of a page's SMS or email, empty where there is none."""
    found = _LINK.search(text)
    return found.group() if found else ""


def preview(link: str) -> int:
    """Fetch a link as a mail scanner or a preview does; return the status."""
    return _called("GET", link)


def tap(link: str) -> int:
    """Tap a link as a person does: their browser fetches it, and posts its form; return the status.

    The form is only posted where the page came, as in a browser.
    """
    status = _called("GET", link)
    return _called("POST", link) if status == HTTPStatus.OK else status


def answer(phone: str, number: str, text: str, at: datetime) -> Happening:
    """Return that somebody answers a page's SMS: what `Networks.by_text` lets happen."""
    words = f"{phone} {number} {text} {at.isoformat()}"
    return Happening(number, phone, at, id=str(uuid5(NAMESPACE_URL, words)), text=text)


def _called(method: str, link: str) -> int:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    return urllib3.request(
        method, link, headers=headers, timeout=TAP_SECONDS, retries=False, redirect=False
    ).status


def _whole(alert: Row) -> bool:
    message = str(alert.get("message", ""))
    rated = alert.get("priority") in PRIORITIES
    return 0 < len(message) <= MESSAGE and bool(alert.get("alias")) and rated


def _table(of: Row, name: str) -> Row:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def _object(body: bytes) -> Row:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _json(status: int, content: Row) -> Told:
    return Told(status, json.dumps(content).encode())
