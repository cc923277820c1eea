"""Meta's Graph API, as far as we send by it: direct messages, comment replies, WhatsApp messages.

Decides the answer to one call and writes the ledger; the socket is in `server`, what follows a
message in `aftermath`.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from infra.local.simulator.faults import ErrorBody, Fault, Faults, refusal
from infra.local.simulator.graph_answer import Answer, GraphError
from infra.local.simulator.graph_desk import Desk
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.signing import app_proof
from infra.local.simulator.world import World

INSTAGRAM_HOST = "/instagram"
"""Where the simulator plays graph.instagram.com; everything else is graph.facebook.com."""

_PATH = re.compile(
    r"^(?P<host>/instagram)?/v\d+\.\d+/(?P<node>[^/]+)/(?P<edge>messages|comments|replies|mentions)$"
)
_NODE = re.compile(r"^(/instagram)?/v\d+\.\d+/([^/]+)(?:/([a-z_]+))?$")

__all__ = ["INSTAGRAM_HOST", "Answer", "Call", "Graph", "GraphError", "Sent"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of ours.

    `fields` are the JSON or form body and the query together; `bearer` the Authorization token.
    """

    path: str
    fields: Mapping[str, object]
    bearer: str = ""
    method: str = "POST"

    @property
    def token(self) -> str:
        """Return the access token, wherever it was put."""
        return self.bearer or str(self.fields.get("access_token", ""))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of ours that was taken. `parent` and `post` only for a public one."""

    received: Received
    parent: str = ""
    post: str = ""


@dataclass(frozen=True, slots=True)
class _Draft:
    account: str
    customer: str
    text: str
    token: str = ""
    parent: str = ""
    post: str = ""


class Graph:
    """The Graph API over one world."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._world, self._ledger, self._faults = world, ledger, faults
        self._after, self._now = after, now
        self._numbers = count(1)
        self._replied: set[str] = set()
        self._desk = Desk(world, ledger, now)

    def answer(self, call: Call) -> Answer:
        """Return what the platform answers, after everything it does because of it."""
        match = _PATH.match(call.path)
        if call.method != "POST" or match is None:
            return self._aside(call)
        try:
            draft = self._draft(call)
        except GraphError as refused:
            self._ledger.add(Refused(self._now(), "", str(refused)))
            return refused.answer
        fault = self._faults.next(draft.customer)
        if fault not in (None, Fault.SILENT):
            self._ledger.add(Refused(self._now(), draft.customer, fault.value))
            return Answer(*refusal(fault, whatsapp=self._is_whatsapp(draft)))
        sent = self._take(draft)
        self._after(sent)
        return Answer(
            200, self._accepted(draft, sent.received.platform_id), silent=fault is Fault.SILENT
        )

    def files_at(self, url: str) -> None:
        """Say where the files of WhatsApp are to be had."""
        self._desk.files_url = url

    def _aside(self, call: Call) -> Answer:
        """Answer a call that sends nothing: reads, subscriptions, moderation."""
        match = _NODE.match(call.path)
        host, node, edge = (match[1] or "", match[2], match[3] or "") if match else ("", "", "?")
        try:
            self._check_keys(self._desk.account(node, edge), call, host)
            return self._desk.answer(call.method, node, edge, call.fields)
        except GraphError as refused:
            self._ledger.add(Refused(self._now(), "", str(refused)))
            return refused.answer

    def _draft(self, call: Call) -> _Draft:
        match = _PATH.match(call.path)
        if match is None:
            raise GraphError(404, 2500, f"Unknown path components: {call.path}")
        node, edge = match["node"], match["edge"]
        draft = (
            self._direct(node, call.fields)
            if edge == "messages"
            else self._public(node, edge, call.fields)
        )
        self._check_keys(draft.account, call, match["host"] or "")
        if not draft.text:
            raise GraphError(400, 100, "Param message must be non-empty.")
        return draft

    def _check_keys(self, account: str, call: Call, host: str) -> None:
        keys = self._world.accounts
        if (account == keys.instagram) is not (host == INSTAGRAM_HOST):
            raise GraphError(400, 100, "Unsupported post request: this account is on another host")
        token = keys.tokens.get(account, "")
        if not token or not hmac.compare_digest(call.token.encode(), token.encode()):
            raise GraphError(401, 190, "Invalid OAuth access token.")
        proof = str(call.fields.get("appsecret_proof", ""))
        secret = keys.instagram_secret if host else keys.app_secret
        if not hmac.compare_digest(proof.encode(), app_proof(secret, token).encode()):
            raise GraphError(
                400, 100, "API calls from the server require an appsecret_proof argument"
            )

    def _direct(self, node: str, fields: Mapping[str, object]) -> _Draft:
        if node == self._world.accounts.phone:
            return self._whatsapp(node, fields)
        recipient, message = _object(fields, "recipient"), _object(fields, "message")
        metadata, text = str(message.get("metadata", "")), str(message.get("text", ""))
        about = str(recipient.get("comment_id") or recipient.get("post_id") or "")
        if about:
            return _Draft(node, self._invited(about), text, metadata)
        text = text or str(_object(_object(message, "attachment"), "payload").get("url", ""))
        return _Draft(node, str(recipient.get("id", "")), text, metadata)

    def _invited(self, about: str) -> str:
        """Return who a private reply reaches: each comment or visitor's post takes one, once."""
        author = self._world.author(about)
        if author is None:
            raise GraphError(400, 100, f"Object with ID '{about}' does not exist")
        if about in self._replied:
            raise GraphError(400, 10900, "This comment already has a private reply.")
        self._replied.add(about)
        return author[0]

    def _whatsapp(self, node: str, fields: Mapping[str, object]) -> _Draft:
        if fields.get("messaging_product") != "whatsapp" or bool(fields.get("to")) == bool(
            fields.get("recipient")
        ):
            raise GraphError(400, 131008, "messaging_product and one of to, recipient are required")
        customer = str(fields.get("to") or fields.get("recipient"))
        text = _whatsapp_text(fields)
        return _Draft(node, customer, text, str(fields.get("biz_opaque_callback_data", "")))

    def _public(self, node: str, edge: str, fields: Mapping[str, object]) -> _Draft:
        accounts = self._world.accounts
        if edge == "mentions":
            return self._mentioned(fields)
        author = self._world.author(node)
        if author is None:
            raise GraphError(400, 100, f"Object with ID '{node}' does not exist")
        account = accounts.instagram if edge == "replies" else accounts.page
        text = str(fields.get("message") or fields.get("attachment_url") or "")
        return _Draft(account, author[0], text, parent=node, post=author[1])

    def _mentioned(self, fields: Mapping[str, object]) -> _Draft:
        """Take an answer to a mention of the Instagram account under somebody else's post."""
        media = str(fields.get("media_id", ""))
        about = str(fields.get("comment_id") or media)
        author = self._world.author(about)
        if author is None:
            raise GraphError(400, 100, f"Object with ID '{about}' does not exist")
        account, text = self._world.accounts.instagram, str(fields.get("message", ""))
        return _Draft(account, author[0], text, parent=about, post=media)

    def _take(self, draft: _Draft) -> Sent:
        number = next(self._numbers)
        platform_id = self._new_id(draft, number)
        received = Received(
            self._now(), draft.account, draft.customer, draft.text, platform_id, draft.token
        )
        if draft.parent:
            self._world.wrote(draft.account, platform_id, draft.post)
        self._ledger.add(received)
        return Sent(received, draft.parent, draft.post)

    def _new_id(self, draft: _Draft, number: int) -> str:
        if self._is_whatsapp(draft):
            return f"wamid.OUT{number:08d}="
        if draft.parent and draft.account == self._world.accounts.page:
            return f"{draft.post.rpartition('_')[2]}_8{number:07d}"
        return f"1791{number:012d}" if draft.parent else f"m_out{number:08d}"

    def _accepted(self, draft: _Draft, platform_id: str) -> ErrorBody:
        if self._is_whatsapp(draft):
            contact = {"input": draft.customer, "wa_id": draft.customer}
            message = {"id": platform_id, "message_status": "accepted"}
            return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}
        if draft.parent:
            return {"id": platform_id}
        return {"recipient_id": draft.customer, "message_id": platform_id}

    def _is_whatsapp(self, draft: _Draft) -> bool:
        return draft.account == self._world.accounts.phone


def _whatsapp_text(fields: Mapping[str, object]) -> str:
    """Return what a customer is shown: words, a file's link and caption, a template filled in."""
    kind = str(fields.get("type", "text"))
    content = _object(fields, kind)
    if kind == "text":
        return str(content.get("body", ""))
    if kind == "template":
        parts = content.get("components")
        first = parts[0] if isinstance(parts, list) and parts else {}
        words = [str(one.get("text")) for one in first.get("parameters", [])]
        return " ".join([f"[{content.get('name')}]", *words])
    return " ".join(filter(None, [str(content.get("link", "")), str(content.get("caption", ""))]))


def _object(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}
