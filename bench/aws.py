"""AWS at the HTTP layer: answers the requests of botocore from a few rows, and counts them.

Everything above it is real: parameters are validated, requests serialised and signed, answers
parsed. It decides nothing: writes are taken and forgotten, and a query gives what it was told to.
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from botocore.awsrequest import AWSResponse

Item = dict[str, Any]
"""A row as DynamoDB's wire carries it."""

Rows = Mapping[tuple[str, str], Item]
Answer = Mapping[str, Any]
TARGET = "X-Amz-Target"
PLATFORM = {"message_id": "m_platform", "recipient_id": "1"}
"""What a platform answers to a message of ours."""


class Aws:
    """The stand-in. `sent` counts requests by operation, `sent_bytes` their bodies."""

    def __init__(
        self,
        rows: Rows,
        secrets: Mapping[str, Mapping[str, object]] | None = None,
        query: Callable[[Answer], Answer] | None = None,
    ) -> None:
        self.rows = dict(rows)
        self.secrets = dict(secrets or {})
        self.query = query or self._partition
        self.row = self._row
        self.sent: Counter[str] = Counter()
        self.sent_bytes = 0
        self.got_bytes = 0
        self.last: dict[str, Answer] = {}

    def answer(self, target: str, body: bytes) -> bytes:
        """Return the body of the answer. Raises LookupError for an operation it does not know."""
        operation = target.rpartition(".")[2]
        self.sent[operation] += 1
        self.sent_bytes += len(body)
        asked = json.loads(body or b"{}")
        self.last[operation] = asked
        answered = json.dumps(self._answers[operation](asked)).encode() if target else _PLATFORM
        self.got_bytes += len(answered)
        return answered

    def before_send(self, request: Any, **_: object) -> Any:
        """Answer instead of the network: for botocore's event of this name."""
        target = request.headers.get(TARGET, b"")
        name = target.decode() if isinstance(target, bytes) else target
        headers: Any = {"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "r"}
        return AWSResponse(request.url, 200, headers, _Raw(self.answer(name, _read(request.body))))

    def forget(self) -> None:
        """Begin counting again."""
        self.sent.clear()
        self.sent_bytes = self.got_bytes = 0

    @property
    def _answers(self) -> Mapping[str, Callable[[Answer], Answer]]:
        return {
            "GetItem": self._get,
            "BatchGetItem": self._batch,
            "Query": self.query,
            "TransactWriteItems": lambda _: {},
            "PutItem": lambda _: {},
            "UpdateItem": lambda asked: {"Attributes": self._found(asked["Key"]) or asked["Key"]},
            "GetSecretValue": self._secret,
            "SendMessageBatch": _taken,
            "SendMessage": lambda _: {"MessageId": "1", "MD5OfMessageBody": "0" * 32},
            "ChangeMessageVisibility": lambda _: {},
            "StartExecution": lambda _: {"executionArn": "arn", "startDate": 1.0},
            "SendTaskSuccess": lambda _: {},
        }

    def _row(self, pk: str, sk: str) -> Item | None:
        return self.rows.get((pk, sk))

    def _found(self, key: Answer) -> Item | None:
        return self.row(key["pk"]["S"], key["sk"]["S"])

    def _get(self, asked: Answer) -> Answer:
        found = self._found(asked["Key"])
        return {"Item": found} if found else {}

    def _batch(self, asked: Answer) -> Answer:
        ((table, wanted),) = asked["RequestItems"].items()
        found = [row for key in wanted["Keys"] if (row := self._found(key))]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def _partition(self, asked: Answer) -> Answer:
        wanted = {value["S"] for value in asked["ExpressionAttributeValues"].values()}
        found = (
            [] if "IndexName" in asked else [r for (pk, _), r in self.rows.items() if pk in wanted]
        )
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def _secret(self, asked: Answer) -> Answer:
        held = self.secrets.get(asked["SecretId"].rpartition("/")[2], {})
        return {"Name": asked["SecretId"], "SecretString": json.dumps(held)}


_PLATFORM = json.dumps(PLATFORM).encode()


def _taken(asked: Answer) -> Answer:
    ids = [entry["Id"] for entry in asked["Entries"]]
    rows = [{"Id": one, "MessageId": one, "MD5OfMessageBody": "0" * 32} for one in ids]
    return {"Successful": rows, "Failed": []}


class _Raw(io.BytesIO):
    """A body as urllib3 hands it over."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Yield the whole body."""
        yield self.read()


def _read(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""


@contextmanager
def served(aws: Aws) -> Iterator[str]:
    """Serve the stand-in on loopback, for another process. Yield its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer = aws.answer(self.headers.get(TARGET, ""), body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing: it would be a line for every request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
