"""The API's description of itself."""

from typing import Any

from chalicelib.entrypoints.access import ANYBODY
from chalicelib.entrypoints.routes import Asked, route

VERSION = "1"


@route("GET", "/api/openapi.json", roles=ANYBODY, answer=None)
def get_openapi(asked: Asked) -> dict[str, Any]:  # noqa: ARG001  (every route gets what was asked)
    """Describe the API."""
    from chalicelib.entrypoints.catalogue import catalogue
    from chalicelib.entrypoints.openapi import document

    return document(catalogue(), VERSION)
