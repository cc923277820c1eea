"""OpenAPI: the API described from its declared routes and the types that check requests."""

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from chalicelib.entrypoints.access import ANYBODY
from chalicelib.entrypoints.answers import Answer, ConversationAnswer
from chalicelib.entrypoints.routes import CHANGES, ID_PATTERNS, KEY_HEADER, KEY_PATTERN, Route

REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")


class ErrorDetail(Answer):
    """Why a request was refused. `code` is stable; `instead` says what may be done."""

    code: str
    message: str
    request_id: str
    instead: tuple[str, ...] = ()


class ErrorAnswer(Answer):
    """What every refusal looks like."""

    error: ErrorDetail


class StaleAnswer(Answer):
    """What a change gets that was refused: with code `stale`, the newer state to base it on."""

    error: ErrorDetail
    conversation: ConversationAnswer | None = None


REFUSALS = {
    "400": "The request is not what this route takes.",
    "401": "Nobody is signed in.",
    "403": "The role may not do this.",
    "404": "There is no such thing, or none this person may see.",
    "405": "The path knows no such method.",
    "409": "Based on an older version (code stale), or the case's state does not allow it.",
    "413": "The body is too large.",
    "415": "The body is not declared as application/json.",
    "422": "The change is refused.",
    "500": "Something failed on our side.",
    "503": "Busy: try again with the same Idempotency-Key.",
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these routes."""
    known = list(routes)
    types = [kind for one in known for kind in (one.body, one.query, one.answer) if kind]
    schemas, components = msgspec.json.schema_components(
        [*types, ErrorAnswer, StaleAnswer], ref_template=REF
    )
    schema_of = dict(zip([*types, ErrorAnswer, StaleAnswer], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in known:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of, components)
    token = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The id token of Cognito.",
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hearback",
            "version": version,
            "description": "Social customer care: cases, replies, people.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": token}},
    }


def _operation(
    one: Route, schema_of: Mapping[type, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    answered = (
        {"description": "Done.", "content": _json(schema_of[one.answer])}
        if one.answer
        else {"description": "Done."}
    )
    operation: dict[str, Any] = {
        "operationId": one.name,
        "summary": (inspect.getdoc(one.function) or "").partition("\n")[0],
        "parameters": [*_path_parameters(one), *_query_parameters(one, components), *_headers(one)],
        "responses": {str(one.status): answered, **_refusals(one, schema_of)},
        "security": [{"token": []}] if one.roles != ANYBODY else [],
        "x-roles": sorted(role.value for role in one.roles),
    }
    if one.body:
        operation["requestBody"] = {"required": True, "content": _json(schema_of[one.body])}
    return operation


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _path_parameters(one: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": ID_PATTERNS[name]},
        }
        for name in _PARAMETER.findall(one.path)
    ]


def _query_parameters(one: Route, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    properties = components[one.query.__name__]["properties"] if one.query else {}
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in properties.items()
    ]


def _headers(one: Route) -> list[dict[str, Any]]:
    if one.method not in CHANGES:
        return []
    schema = {"type": "string", "pattern": KEY_PATTERN}
    return [{"name": KEY_HEADER, "in": "header", "required": True, "schema": schema}]


def _refusals(one: Route, schema_of: Mapping[type, Any]) -> dict[str, Any]:
    return {
        status: {
            "description": text,
            "content": _json(schema_of[StaleAnswer if status == "409" else ErrorAnswer]),
        }
        for status, text in REFUSALS.items()
        if one.method in CHANGES or status not in ("409", "413", "422")
    }
