"""Routes: how a function becomes a route of the API.

`route` declares everything about it in one place: method, path, who may call it, its body, its
query and its answer. The same declaration checks the requests and writes the OpenAPI document, so
that the two cannot differ.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.entrypoints import answers, bodies
from chalicelib.entrypoints.access import ANYBODY, actor_of
from chalicelib.entrypoints.observed import count, noted
from chalicelib.entrypoints.raw import written
from chalicelib.entrypoints.refusals import INTERNAL, RequestError, refusal_of
from chalicelib.workflows.errors import ConflictError

BUSY = 503
DENIED = (401, 403, 404)
"""A look at what is not one's own answers 404, so those are told in the log as well."""

CHANGES = frozenset({"POST", "PUT"})
KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[\x21-\x7e]{8,128}$"
_KEY = re.compile(KEY_PATTERN[:-1] + r"\Z")
ID_PATTERNS = {
    "approval_id": r"^[a-z2-7]{26}$",
    "conversation_id": r"^[a-z2-7]{26}$",
    "contact_id": r"^[a-z2-7]{26}$",
    "message_id": r"^[A-Za-z0-9_-]{1,64}$",
    "agent_id": r"^[A-Za-z0-9._@+=-]{1,128}$",
    "index": r"^[0-9]{1,3}$",
    "page_id": r"^[A-Za-z0-9_-]{1,64}$",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a route's function is told about a request, once all of it has been checked."""

    parts: bootstrap.Parts
    actor: Actor
    key: str = ""
    body: Any = None
    query: Any = None


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route. `roles` empty: anybody, token or none."""

    method: str
    path: str
    roles: frozenset[Role]
    function: Callable[..., object]
    body: type | None
    query: type | None
    answer: type | None
    status: int

    @property
    def name(self) -> str:
        """Return the function's name, which is the operation's id too."""
        return self.function.__name__


ROUTES: list[Route] = []
"""The routes declared so far; `catalogue.py` has all of them declared."""


def route(  # noqa: PLR0913  (a declaration: every argument after the path is named)
    method: str,
    path: str,
    *,
    roles: frozenset[Role],
    answer: type | None,
    body: type | None = None,
    query: type | None = None,
    status: int = 200,
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Declare a route.

    Its function gets an `Asked` and the path's parameters, and returns the answer.
    """

    def declare(function: Callable[..., object]) -> Callable[..., object]:
        ROUTES.append(Route(method, path, roles, function, body, query, answer, status))
        return function

    return declare


def respond(route: Route, request: Request, path_values: Mapping[str, str]) -> Response:
    """Check the request, call the route's function and write its answer, whatever happens."""
    try:
        answer = route.function(_asked(route, request, path_values), **path_values)
        return written(answer, route.status)
    except Exception as error:  # noqa: BLE001  (a door answers; nothing passes it)
        return _refused(error, route, request)


def _asked(route: Route, request: Request, path_values: Mapping[str, str]) -> Asked:
    parts = bootstrap.parts()
    if route.roles == ANYBODY:
        return Asked(parts, Actor("", Role.AGENT))
    actor = actor_of(request.context, route.roles, parts)
    _check_path(path_values)
    noted(conversation_id=path_values.get("conversation_id"))
    key = _key(request) if route.method in CHANGES else ""
    query = bodies.read_query(request.query_params, route.query)
    body = bodies.read_body(request, route.body) if route.body else None
    return Asked(parts, actor, key, body, query)


def _check_path(path_values: Mapping[str, str]) -> None:
    for name, value in path_values.items():
        if not re.fullmatch(ID_PATTERNS[name], value):
            raise RequestError(404, "not_found", "There is no such thing.")


def _key(request: Request) -> str:
    key = request.headers.get(KEY_HEADER, "")
    if not _KEY.match(key):
        raise RequestError(
            400,
            "idempotency_key",
            f"Send {KEY_HEADER}: 8 to 128 visible ASCII characters, new for each change.",
        )
    return str(key)


def _refused(error: Exception, route: Route, request: Request) -> Response:
    refusal = refusal_of(error)
    if refusal is INTERNAL:
        log.error("The route %s failed.", route.name, exc_info=error)
        count("DoorFailed", door="api_handler")
    elif refusal.status in DENIED:
        # Who asked stands in the line's keys, and what for in the route; never what was sent.
        log.warning("Denied %s: %s %s", route.name, refusal.status, refusal.code)
    answer = refusal.to_dict(str(request.context.get("requestId", "")))
    if isinstance(error, ConflictError):
        answer = answer | {
            "conversation": answers.conversation(bootstrap.parts(), error.conversation)
        }
    response = written(answer, refusal.status)
    if refusal.status == BUSY:
        response.headers["Retry-After"] = "1"
    return response
