"""The API under /api: hands every route to Chalice, and gives every answer its headers."""

from collections.abc import Callable

from chalice.app import Blueprint, CognitoUserPoolAuthorizer, Request, Response

from chalicelib.entrypoints.observed import observed
from chalicelib.entrypoints.paths import PATHS, Path
from chalicelib.entrypoints.raw import written
from chalicelib.entrypoints.refusals import CHALICE_CODES, Refusal

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


def _register(path: Path) -> None:
    def view(**path_values: str) -> Response:
        from chalicelib.entrypoints.catalogue import declared
        from chalicelib.entrypoints.routes import respond

        return respond(declared(path), api_blueprint.current_request, path_values)

    register = api_blueprint.route(
        path.path,
        methods=[path.method],
        authorizer=None if path.open else people,
        content_types=["application/json"],
        name=path.name,
    )
    register(view)


for _path in PATHS:
    _register(_path)
