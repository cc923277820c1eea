"""The Graph API behind the server: calls of any method, and the files that WhatsApp keeps."""

import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from infra.local.simulator.graph import Call, Graph
from infra.local.simulator.taker import Asked, Told
from infra.local.simulator.world import World


class GraphTaker:
    """Implements Taker for Meta. `/graph` is graph.facebook.com, `/graph/instagram` the other."""

    prefix = "graph"

    def __init__(self, graph: Graph, world: World, url: str = "") -> None:
        self._graph, self._world = graph, world
        self._graph.files_at(url)

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if asked.path.startswith("/media/"):
            return self._file(asked.path.removeprefix("/media/"), bearer)
        fields = {**asked.query, **_fields(asked)}
        answer = self._graph.answer(Call(asked.path, fields, bearer, asked.method))
        return Told(answer.status, json.dumps(answer.body).encode(), silent=answer.silent)

    def _file(self, media_id: str, bearer: str) -> Told:
        """Give a file to whoever holds the number's token, as lookaside.fbsbx.com does."""
        keys, media = self._world.accounts, self._world.media.get(media_id)
        token = keys.tokens.get(keys.phone, "")
        if media is None or not hmac.compare_digest(bearer.encode(), token.encode()):
            return Told(401 if media else 404, b"{}")
        return Told(200, media.body, media.mime_type)


def _fields(asked: Asked) -> Mapping[str, object]:
    if "json" in asked.headers.get("content-type", ""):
        found = json.loads(asked.body or b"{}")
        return found if isinstance(found, dict) else {}
    return dict(parse_qsl(asked.body.decode("utf-8", "replace")))
