"""The API under /api: hands every route to Chalice, and gives every answer its headers."""

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, CognitoUserPoolAuthorizer, Request, Response

from chalicelib.entrypoints import api_cases, api_changes, api_people
from chalicelib.entrypoints.access import ANYBODY
from chalicelib.entrypoints.observed import observed
from chalicelib.entrypoints.refusals import CHALICE_CODES, Refusal
from chalicelib.entrypoints.routes import ROUTES, Asked, Route, respond, route, written

VERSION = "1"
MODULES = (api_cases, api_changes, api_people)
"""The modules whose routes exist: importing them declares them."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}

api_blueprint = Blueprint(__name__)

people = CognitoUserPoolAuthorizer(
    "people", provider_arns=["arn:aws:cognito-idp:us-east-1:000000000000:userpool/placeholder"]
)
"""Replaced whole by the infrastructure's own user pool when the template is merged."""


@route("GET", "/api/openapi.json", roles=ANYBODY, answer=None)
def get_openapi(asked: Asked) -> dict[str, Any]:  # noqa: ARG001  (every route gets what was asked)
    """Describe the API."""
    from chalicelib.entrypoints.openapi import document

    return document(ROUTES, VERSION)


@api_blueprint.middleware("http")
def finished(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Observe the request, give refusals our shape, and set the headers on every answer.

    Runs for every route of the function, webhooks too, in Lambda as in tests: the gateway's handler
    is the app itself.
    """

    def api_handler(request: Request) -> Response:
        return get_response(request)

    response = observed(api_handler)(request)
    if isinstance(response.body, dict) and "Code" in response.body:
        code = CHALICE_CODES.get(response.status_code, "refused")
        refusal = Refusal(response.status_code, code, "The request was refused before it was read.")
        # There is no request when the event was none of the gateway's.
        request_id = str(getattr(request, "context", {}).get("requestId", ""))
        allow = {name: value for name, value in response.headers.items() if name == "Allow"}
        response = written(refusal.to_dict(request_id), response.status_code)
        response.headers.update(allow)
    response.headers = {**HEADERS, **response.headers}
    return response


def _register(declared: Route) -> None:
    def view(**path_values: str) -> Response:
        return respond(declared, api_blueprint.current_request, path_values)

    register = api_blueprint.route(
        declared.path,
        methods=[declared.method],
        authorizer=None if declared.roles == ANYBODY else people,
        content_types=["application/json"],
        name=declared.name,
    )
    register(view)


for _declared in ROUTES:
    _register(_declared)
