"""The Graph API beside messages: subscriptions, moderation, WhatsApp's files, and reading back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from infra.local.simulator.graph_answer import Answer, GraphError
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Refused
from infra.local.simulator.world import World

Row = dict[str, object]


class Desk:
    """Answers calls that send nothing. Keys have been checked."""

    def __init__(self, world: World, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._world, self._ledger, self._now = world, ledger, now
        self.files_url = ""

    def account(self, node: str, edge: str) -> str:
        """Return the account whose token a call about `node` needs. Raises GraphError."""
        keys = self._world.accounts
        if edge not in (*_READERS, "subscribed_apps"):
            raise GraphError(404, 2500, f"Unknown path components: {node}/{edge}")
        if node in keys.tokens:
            return node
        if node == keys.waba or node in self._world.media:
            return keys.phone
        written = next((one for one in self._world.said if node in (one.id, one.post)), None)
        if written is not None:
            return written.account
        author = self._world.author(node)
        if author is None:
            raise GraphError(400, 100, f"Object with ID '{node}' does not exist")
        return keys.page if "_" in node else keys.instagram

    def answer(self, method: str, node: str, edge: str, fields: Mapping[str, object]) -> Answer:
        """Return what the platform answers. Raises GraphError."""
        if edge == "subscribed_apps":
            return self._subscription(method, node, fields)
        if method != "GET":
            return self._moderated(method, node, fields)
        if node in self._world.media and not edge:
            return self._file(node)
        return Answer(200, _READERS[edge](self._world, node))

    def _subscription(self, method: str, node: str, fields: Mapping[str, object]) -> Answer:
        app = self._world.accounts.app_id
        if method == "POST":
            named = str(fields.get("subscribed_fields", ""))
            self._world.subscribed[node] = {one for one in named.split(",") if one}
            return Answer(200, {"success": True})
        if node not in self._world.subscribed:
            return Answer(200, {"data": []})
        if node == self._world.accounts.waba:
            return Answer(200, {"data": [{"whatsapp_business_api_data": {"id": app}}]})
        have = sorted(self._world.subscribed[node])
        return Answer(200, {"data": [{"id": app, "subscribed_fields": have}]})

    def _moderated(self, method: str, node: str, fields: Mapping[str, object]) -> Answer:
        if node in self._world.deleted or self._world.author(node) is None:
            raise GraphError(400, 100, f"Object with ID '{node}' does not exist")
        if method == "DELETE":
            self._world.deleted.add(node)
            return Answer(200, {"success": True})
        wanted = str(fields.get("is_hidden", fields.get("hide", "")))
        if wanted not in ("true", "false"):
            self._ledger.add(Refused(self._now(), "", "moderation without a verdict"))
            raise GraphError(400, 100, "Param is_hidden must be a boolean")
        (self._world.hidden.add if wanted == "true" else self._world.hidden.discard)(node)
        return Answer(200, {"success": True})

    def _file(self, node: str) -> Answer:
        media = self._world.media[node]
        url, size = f"{self.files_url}/media/{node}", len(media.body)
        return Answer(200, {"url": url, "mime_type": media.mime_type, "file_size": size})


def _conversations(world: World, node: str) -> Row:
    talks: dict[str, list[Happening]] = {}
    for one in world.said:
        if one.account == node and not one.post:
            talks.setdefault(one.person, []).append(one)
    newest = sorted(talks.values(), key=lambda said: said[-1].at, reverse=True)
    return {"data": [_talk(node, said) for said in newest]}


def _talk(node: str, said: Sequence[Happening]) -> Row:
    messages: list[Row] = [
        {
            "id": one.id,
            "created_time": _iso(one.at),
            "from": {"id": node if one.token else one.person},
            "to": {"data": [{"id": one.person if one.token else node}]},
            "message": one.text,
        }
        for one in reversed(said)
    ]
    return {
        "id": f"t_{said[0].person}",
        "updated_time": _iso(said[-1].at),
        "messages": {"data": messages},
    }


def _feed(world: World, node: str) -> Row:
    comments = [one for one in world.said if one.account == node and one.post]
    newest = {one.post: one for one in comments}
    posts: list[Row] = [
        {
            "id": post,
            "from": {"id": node},
            "created_time": _iso(one.at),
            "updated_time": _iso(one.at),
        }
        for post, one in newest.items()
    ]
    return {"data": posts}


def _comments(world: World, node: str) -> Row:
    found = [one for one in world.said if one.post == node]
    rows: list[Row] = [
        {
            "id": one.id,
            "created_time": _iso(one.at),
            "timestamp": _iso(one.at),
            "from": {"id": one.person, "name": one.name, "username": one.name},
            "message": one.text,
            "text": one.text,
        }
        for one in sorted(found, key=lambda one: one.at, reverse=True)
    ]
    return {"data": rows}


def _media(world: World, node: str) -> Row:
    posts = dict.fromkeys(one.post for one in world.said if one.account == node and one.post)
    return {"data": [{"id": post, "comments_count": 1} for post in posts]}


def _self(_world: World, node: str) -> Row:
    return {"id": node, "username": "acme"}


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


_READERS: Mapping[str, Callable[[World, str], Row]] = {
    "": _self,
    "conversations": _conversations,
    "feed": _feed,
    "comments": _comments,
    "media": _media,
}
