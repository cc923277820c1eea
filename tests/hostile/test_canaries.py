"""Canaries: secrets and people's words are planted wherever they occur, and no log line has one.

Everything that Lambda would write is gathered: our own lines, those of other libraries, the
metrics, standard output and error, and what the runtime writes of an error that a door raises.
"""

import base64
import io
import json
import logging
import sys
import traceback
from dataclasses import replace

import pytest

from chalicelib.channels import transport
from chalicelib.channels.places import Places
from chalicelib.channels.sender import ChannelSender
from chalicelib.domain.agent import Agent
from chalicelib.domain.case import Status
from chalicelib.domain.ladder import Medium, Paging
from chalicelib.entrypoints import ladder_tasks, outbox, schedules, stream, tasks
from chalicelib.entrypoints.catalogue import catalogue
from chalicelib.entrypoints.observed import logger
from chalicelib.gateways.meter import Meter
from chalicelib.gateways.secrets import Secrets
from chalicelib.store import records
from chalicelib.workflows.answering.outbox import Order
from tests.fakes.gateway import FakeContext
from tests.fakes.house import ACCOUNT, ADMIN, AGENT, POLICY, STRANGER, signed
from tests.hostile.deliveries import META, SHOP, about, comment, hook, page, post, take_in, talk
from tests.unit.entrypoints.test_access import BODIES, UNVERSIONED, path_of
from tests.unit.entrypoints.test_answers import CHANGES
from tests.unit.entrypoints.test_stream import record, tell

SECRETS = {
    "app secret": "canary-app-secret",
    "old app secret": "canary-app-secret-before",
    "verify token": "canary-verify-token",
    "page token": "EAACANARYPAGETOKEN0123456789",
    "hook secret": "whsec_" + base64.b64encode(b"canary-of-the-hook-in!!!").decode(),
    "reply secret": "whsec_" + base64.b64encode(b"canary-of-the-hook-out!!").decode(),
    "reply url": "https://canary.example/reply?key=canary-url-key",
    "id token": "eyJ.canary-id-token.sig",
    "task token": "canary-task-token",
}
WORDS = {
    "customer's words": "canary-words-of-a-customer",
    "customer's name": "Canary Casey",
    "customer's number": "+15550canary",
    "agent's words": "canary-words-of-an-agent",
    "note": "canary-note-among-colleagues",
    "reason": "canary-reason",
    "agent's address": "canary@example.com",
    "agent's telephone": "+15550109417",
    "attachment": "https://canary.example/photo.jpg",
    "platform's error": "canary-what-the-platform-said",
}
CANARIES = SECRETS | WORDS
LISTS = [one.path for one in catalogue() if one.method == "GET" and "{" not in one.path]


class Vault:
    """Secrets Manager with canaries in it. `broken`: fails, quoting one."""

    broken = False

    def get_secret_value(self, SecretId):
        if self.broken:
            raise RuntimeError(f"could not decrypt {SECRETS['app secret']}")
        held = {
            "t/meta": {
                "app_secrets": [SECRETS["app secret"], SECRETS["old app secret"]],
                "verify_token": SECRETS["verify token"],
                "tokens": {ACCOUNT: SECRETS["page token"]},
            },
            "t/acme-shop": {
                "secrets": [SECRETS["hook secret"]],
                "url": SECRETS["reply url"],
                "out_secrets": [SECRETS["reply secret"]],
            },
        }
        return {"SecretString": json.dumps(held[SecretId])}


class Lines:
    """Everything that was written anywhere."""

    def __init__(self, monkeypatch, capfd):
        self.ours, self.others, self._fd = io.StringIO(), io.StringIO(), capfd
        monkeypatch.setattr(logger().handlers[0], "stream", self.ours)
        loggers = [logging.getLogger(name) for name in ("hearback", "chalicelib")]
        self._levels = {each: each.level for each in loggers}
        for each in loggers:
            each.setLevel(logging.DEBUG)
        self._root = logging.StreamHandler(self.others)
        self._root.addFilter(lambda one: not one.name.startswith(("hearback", "chalicelib")))
        logging.getLogger().addHandler(self._root)

    def close(self):
        """Put the loggers back, by a call: they remember which levels they write."""
        logging.getLogger().removeHandler(self._root)
        for each, level in self._levels.items():
            each.setLevel(level)

    def runtime(self, door, event):
        """Call a door as Lambda does; write what the runtime writes of an error."""
        try:
            return door(event, FakeContext())
        except Exception as error:  # noqa: BLE001  (the runtime catches all)
            told = traceback.format_exception(error)
            sys.stdout.write(f"[ERROR] {type(error).__name__}: {error}\n{''.join(told)}")
            return None

    def read(self):
        out, err = self._fd.readouterr()
        return self.ours.getvalue() + self.others.getvalue() + out + err


@pytest.fixture
def lines(monkeypatch, capfd):
    made = Lines(monkeypatch, capfd)
    yield made
    made.close()


@pytest.fixture
def vault():
    return Vault()


@pytest.fixture
def planted(house, lines, vault, monkeypatch):
    """The company with a canary in every place, the real meter, secrets and channels."""
    parts = house.parts
    policy = replace(POLICY, version="v2", paging=Paging(email_from="paging@acme.example"))
    house.store.policies.publish(policy)
    house.store.policies.make_current("v2")
    parts.secrets = Secrets(vault, "t")
    parts.meter = Meter("Hearback", "test", parts.now)
    parts.sender = ChannelSender(parts.secrets.get, Places(private_urls=True, now=parts.now))
    house.store.agents.save(
        replace(house.store.people["ann"], email=WORDS["agent's address"], name="Canary Ann")
    )
    reached = {"phone": WORDS["agent's telephone"], "email": WORDS["agent's address"]}
    house.store.agents.save(replace(house.store.people["lou"], **reached))
    house.store.agents.save(Agent("zed", email=WORDS["agent's address"], teams=("shop",)))

    def refuse(request):
        told = " ".join([WORDS["platform's error"], *map(str, request.headers.values())])
        told += request.body.decode(errors="replace")
        error = {"message": f"Malformed access token {SECRETS['page token']} {told}", "code": 190}
        return transport.Answer(400, json.dumps({"error": error}).encode(), {})

    monkeypatch.setattr(transport, "exchange", refuse)
    return house


def meta(house, body):
    return post(house, body, signed(body, SECRETS["app secret"]))


def shop(house, body):
    now = house.parts.now().timestamp()
    return post(house, body, hook(body, now, SECRETS["hook secret"]), SHOP)


def customers_write(house):
    """Deliveries with words in every field, right ones and broken ones."""
    words, name = WORDS["customer's words"], WORDS["customer's name"]
    photo = {"type": "image", "payload": {"url": WORDS["attachment"]}}
    person = {"id": WORDS["customer's number"], "name": name}
    message = {"mid": "m_1", "text": words, "attachments": [photo]}
    bodies = [
        page(messaging=[about(1, "c1", message=message), talk(2, words)]),
        page(messaging=[about(3, "c1", message_edit={"mid": "m_1", "text": words, "num_edit": 1})]),
        page(changes=[comment(4, "c2", message=words, **{"from": person})]),
        page(messaging=[words, {"message": {"mid": [words]}}, {words: words}]),
        page(changes=[{"field": "feed", "value": words}, {"field": words, "value": {}}]),
        words.encode(),
        b'{"object":"' + words.encode(),
        json.dumps({"object": "page", "entry": [{"id": words, "messaging": {words: 1}}]}).encode(),
    ]
    for body in bodies:
        meta(house, body)
        post(house, body, signed(body, "a guess"))
        shop(house, body)
    data = {"id": "s1", "contact": person, "text": words}
    data["attachments"] = [{"kind": "image", "url": WORDS["attachment"]}]
    made = {"type": "message.created", "timestamp": "2026-11-02T08:59:00Z", "data": data}
    shop(house, json.dumps(made).encode())
    shop(house, json.dumps(made | {"data": words}).encode())


def people_work(house, person=AGENT):
    """Every change of the API, right and wrong, with words in every text."""
    texts = {"text": WORDS["agent's words"], "reason": WORDS["reason"], "how": WORDS["reason"]}
    for head in list(house.store.heads.values()):
        for route in CHANGES:
            version = house.conversation(head.id).version
            body = BODIES.get(route.name, {}) | (
                {} if route.name in UNVERSIONED else {"version": version}
            )
            body |= {name: text for name, text in texts.items() if name in body}
            if route.name == "post_note":
                body["text"] = WORDS["note"]
            if route.name == "put_agent":
                body |= {"email": WORDS["agent's address"]}
            path = path_of(route, head, agent_id="zed")
            for sent in (body, body | {WORDS["note"]: 1}, body | {"version": WORDS["note"]}, []):
                house.gateway.change(route.method, path, sent, person)
            house.gateway.change(route.method, path, body, person, key=WORDS["note"] + " é")
        for path in (f"/api/conversations/{head.id}", f"/api/contacts/{head.contact_id}"):
            house.gateway.get(f"{path}?cursor={WORDS['note']}", person)
            house.gateway.get(path, person)
    for path in LISTS:
        event = house.gateway.event(
            "GET", path, None, {"Authorization": SECRETS["id token"]}, person=person
        )
        house.gateway.app(event, FakeContext())


def what_follows(house, lines):
    """The stream, the outbox, the machine's steps and the sweep, on all that is stored."""
    for head in list(house.store.heads.values()):
        woken = records.head(replace(head, token=SECRETS["task token"]))
        lines.runtime(lambda event, context: tell(event), record(woken, records.head(head)))
    house.parts.executions.over.add(SECRETS["task token"])
    for conversation_id, message_id in list(house.store.messages):
        order = json.dumps({"conversation_id": conversation_id, "message_id": message_id})
        for body in (order, WORDS["note"], json.dumps({WORDS["note"]: 1})):
            letter = {"messageId": "i", "body": body, "attributes": {"MessageGroupId": body[:40]}}
            lines.runtime(outbox.outbox, {"Records": [letter]})
    for head in list(house.store.heads.values()):
        case = {"conversation_id": head.id, "case_number": 1, "generation": 1}
        case |= {"token": SECRETS["task token"], "wait_seconds": 60, "loops": 0}
        for step in (tasks.assign, tasks.respond, tasks.breach, tasks.follow_up, tasks.survey):
            lines.runtime(step, case)
        lines.runtime(tasks.stuck, case | {"error": "States.Timeout"})
        lines.runtime(tasks.close, case | {"case_number": WORDS["note"]})
        lines.runtime(tasks.close, case)
    people_are_paged(house, lines)
    event = dict.fromkeys(["version", "account", "region", "source", "time", "detail-type"], "x")
    event |= {"id": "e1", "detail": {}, "resources": []}
    lines.runtime(schedules.sweep, event)


def people_are_paged(house, lines):
    """The stream raises what people must hear of, and the ladder climbs for a while."""
    for conversation_id, log in list(house.store.logs.items()):
        for version in list(log):
            row = {"kind": "log", "conversation_id": conversation_id, "version": version}
            lines.runtime(stream.stream, {"Records": [record(None, row | {"alert": 1})]})
    for _ in range(6):
        house.parts.now.advance(600)
        for kept in list(house.store.page_rows.values()):
            asked = {"page_id": kept.id, "generation": kept.generation}
            lines.runtime(ladder_tasks.climb, asked)
            wait = {"token": SECRETS["task token"], "wait_seconds": 60, "loops": 0}
            lines.runtime(ladder_tasks.hold, asked | wait)


def everything(house, lines):
    customers_write(house)
    take_in(house)
    house.gateway.get(f"{META}?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong")
    token = SECRETS["verify token"]
    house.gateway.get(f"{META}?hub.mode=subscribe&hub.challenge=1&hub.verify_token={token}")
    people_work(house)
    people_work(house, ADMIN)
    what_follows(house, lines)


def found_in(text, canaries=CANARIES):
    return [name for name, canary in canaries.items() if canary in text or repr(canary) in text]


def test_the_canaries_are_where_they_should_be(planted, lines):
    """Else the tests below would find none because none was there."""
    everything(planted, lines)
    stored = repr(vars(planted.store))
    for name in ("customer's words", "customer's name", "agent's words", "note", "reason"):
        assert WORDS[name] in stored, name
    assert WORDS["platform's error"] in stored  # a platform's reason is shown to the agent
    assert {head.case.status for head in planted.store.heads.values() if head.case} & set(Status)
    assert lines.read().count("\n") > 50


def test_no_canary_is_in_any_log_line(planted, lines):
    everything(planted, lines)
    assert found_in(lines.read()) == []


SITES = [
    "conversations.commit",
    "conversations.get",
    "agents.get",
    "policies.current",
    "views.messages",
]


@pytest.mark.parametrize("site", SITES)
def test_no_canary_is_in_any_log_line_when_something_fails_quoting_it(
    planted, lines, vault, site, monkeypatch
):
    """An error's message may hold what caused it: a row, a body, a secret."""
    customers_write(planted)
    take_in(planted)
    people_work(planted)

    def fail(*_, **__):
        told = " ".join(CANARIES.values())
        raise RuntimeError(told) from KeyError(told)

    name, _, method = site.partition(".")
    monkeypatch.setattr(getattr(planted.parts, name), method, fail)
    monkeypatch.setattr(planted.parts.inbox, "send_many", fail)
    monkeypatch.setattr(planted.parts.blobs, "put", fail)
    monkeypatch.setattr(transport, "exchange", fail)
    vault.broken = True
    planted.parts.secrets = Secrets(vault, "t")
    everything(planted, lines)
    written = lines.read()
    assert "RuntimeError" in written
    assert found_in(written) == []


def test_no_secret_is_stored_or_shown(planted, lines):
    """A platform may quote our token in its error, which is kept with the message and shown."""
    everything(planted, lines)
    stored = repr(vars(planted.store)) + repr(planted.parts.alerts.announced)
    stored += "".join(sent.body.decode() for sent in planted.parts.outbox.sent)
    kept = {name: text for name, text in SECRETS.items() if name != "task token"}
    assert found_in(stored, kept) == []
    shown = [
        planted.gateway.get(path.format(head=head), ADMIN).body
        for head in planted.store.heads.values()
        for path in ("/api/conversations/{head.id}", "/api/contacts/{head.contact_id}", "/api/me")
    ]
    assert WORDS["platform's error"] in "".join(shown)
    assert found_in("".join(shown), SECRETS) == []


def test_no_words_are_in_what_leaves_by_sms_and_email(planted, lines):
    """An alert says which case, and the link leads to the words."""
    customers_write(planted)
    take_in(planted)
    planted.parts.now.advance(days=2)
    for head in list(planted.store.heads.values()):
        case = {"conversation_id": head.id, "case_number": 1, "generation": 1}
        lines.runtime(tasks.breach, case)
    people_are_paged(planted, lines)
    told = planted.parts.pager.told
    assert {one.medium for one in told} == {Medium.SMS, Medium.EMAIL}
    assert planted.parts.alerts.announced
    said = [(one.text, one.subject, one.facts) for one in told]
    assert found_in(repr(said) + repr(planted.parts.alerts.announced)) == []


def test_an_order_carries_ids_and_no_words():
    assert set(Order.__dataclass_fields__) == {"conversation_id", "message_id", "rounds"}


def test_who_was_refused_what_is_in_the_log_without_what_was_sent(planted, lines):
    """An operator sees somebody trying doors."""
    planted.gateway.get("/api/agents", AGENT)
    planted.gateway.get("/api/me")
    found = planted.customer_writes(WORDS["customer's words"])
    planted.gateway.get(f"/api/conversations/{found.id}", STRANGER)
    post(planted, b"{}", signed(b"{}", "a guess"))
    told = [json.loads(line) for line in lines.ours.getvalue().splitlines()]
    warned = [one for one in told if one["level"] == "WARNING"]
    assert [(one.get("actor"), one["message"]) for one in warned] == [
        ("ann", "Denied list_agents: 403 forbidden"),
        (None, "Denied get_me: 401 unauthenticated"),
        ("sam", "Denied get_conversation: 404 not_found"),
        (None, "Refused a delivery for meta: signature_wrong"),
    ]
    assert warned[2]["conversation_id"] == found.id


def test_every_line_of_ours_is_one_json_object(planted, lines):
    """Whatever somebody sends, it cannot look like a line of ours."""
    everything(planted, lines)
    written = lines.ours.getvalue().splitlines()
    assert written
    assert all(json.loads(line)["level"] for line in written)
