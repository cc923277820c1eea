"""Raw: a request's exact bytes, and an answer as JSON. All that a webhook needs of HTTP."""

import msgspec
from chalice.app import Request, Response

from chalicelib.entrypoints.refusals import RequestError


def raw_body(request: Request) -> bytes:
    """Return the exact bytes. Raises RequestError 400 when base64 or text is broken."""
    try:
        raw = request.raw_body
    except ValueError:
        raise RequestError(400, "bad_body", "The body cannot be read.") from None
    return raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")


def written(answer: object, status: int = 200) -> Response:
    """Return the JSON answer."""
    body = msgspec.json.encode(answer).decode()
    return Response(body=body, status_code=status, headers={"Content-Type": "application/json"})
