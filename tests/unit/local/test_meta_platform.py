"""The simulated Graph API and Hearback's own room of Meta, against each other on loopback."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.places import Places
from chalicelib.channels.sender import ChannelSender
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    FetchError,
    File,
    HealthState,
    Missed,
    Outgoing,
    SendState,
    Template,
)
from infra.local.simulator import facebook, instagram, messenger
from infra.local.simulator.aftermath import aftermath
from infra.local.simulator.faults import Faults
from infra.local.simulator.graph import Graph
from infra.local.simulator.graph_taker import GraphTaker
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.signing import meta_headers, wire
from infra.local.simulator.taker import Asked
from infra.local.simulator.world import Media, World
from tests.unit.channels.serving import serving
from tests.unit.local.world import ACCOUNTS

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
A = ACCOUNTS
PAGE = Handle("page", Channel.FACEBOOK_PAGE, A.page, "Acme", "care")
MESSENGER = Handle("messenger", Channel.MESSENGER, A.page, "Acme", "care")
IG = Handle("instagram", Channel.INSTAGRAM, A.instagram, "@acme", "care")
PHONE = Handle("phone", Channel.WHATSAPP, A.phone, "Acme", "care", settings={"waba_id": A.waba})
SECRET = {
    "app_id": A.app_id,
    "app_secrets": [A.app_secret],
    "instagram_app_secret": A.instagram_secret,
    "tokens": A.tokens,
}
POST = f"{A.page}_555"


class Town:
    """The simulated platform with a server in front, and our room's way to it."""

    def __init__(self):
        self.world, self.ledger, self.sent = World(A), Ledger(), []
        graph = Graph(self.world, self.ledger, Faults({}), self.sent.append, lambda: NOW)
        self.graph = graph
        self.taker = None

    def take(self, asked):
        return self.taker.take(replace(asked, path=asked.path.removeprefix("/graph")))

    def open(self, url):
        base = f"{url}/graph"
        self.taker = GraphTaker(self.graph, self.world, base)
        self.places = Places(
            base,
            instagram_graph_url=f"{base}/instagram",
            private_urls=True,
            now=lambda: NOW,
        )
        self.sender = ChannelSender({"meta": SECRET}.__getitem__, self.places)

    def send(self, handle, text="Hello", **more):
        public = more.pop("public", False)
        return self.sender.send(
            Outgoing("our-1", handle, more.pop("to", "7"), public, text, **more)
        )

    def shown(self):
        return [(one.customer, one.text) for one in self.ledger.received()]


@pytest.fixture
def town():
    made = Town()
    with serving(made.take) as url:
        made.open(url)
        yield made


def test_an_invitation_reaches_the_commenter_once_and_its_echo_names_our_message(town):
    town.world.wrote("7", "555_9", POST)
    invite = {"public": True, "reply_to_id": "555_9", "post_id": POST, "invite": True}
    result = town.send(PAGE, "Come in", **invite)
    assert (result.state, result.recipient) == (SendState.ACCEPTED, "7")
    assert town.shown() == [("7", "Come in")]
    (_, echo), *_ = aftermath(town.sent[0], A)
    body = wire(echo)
    MetaRoom().verify(body, meta_headers(body, A.app_secret), SECRET, NOW)
    (event,) = MetaRoom().parse(body, NOW).events
    assert (event.kind, event.reply_token, event.public) == (EventKind.ECHO, "our-1", False)
    again = town.send(PAGE, "Come in", **invite)
    assert again.state is SendState.FAILED
    assert len(town.shown()) == 1
    assert town.send(PAGE, **{**invite, "reply_to_id": "555_8"}).error_class is ErrorClass.CONTENT


def test_files_captions_and_templates_reach_the_customer(town):
    cat = File("cat.png", "image/png", 9, "https://files.example.com/cat.png", lambda: b"")
    assert town.send(MESSENGER, "", files=(cat,)).state is SendState.ACCEPTED
    assert town.send(PHONE, "Look", files=(cat,), to="49").state is SendState.ACCEPTED
    template = Template("parcel", "en", ("Ana",))
    late = town.send(PHONE, "", template=template, to="49", outside_window=True)
    assert late.state is SendState.ACCEPTED
    assert town.shown() == [("7", cat.url), ("49", f"{cat.url} Look"), ("49", "[parcel] Ana")]


def test_a_comment_takes_a_picture_and_a_mention_its_own_answer(town):
    cat = File("cat.png", "image/png", 9, "https://files.example.com/cat.png", lambda: b"")
    town.world.wrote("7", "555_9", POST)
    town.world.wrote("9", "1791", "1817")
    assert town.send(PAGE, "", public=True, reply_to_id="555_9", files=(cat,)).platform_id
    mention = {"public": True, "reply_to_id": "1791", "post_id": "mention:1817"}
    assert town.send(IG, "Thanks", **mention).state is SendState.ACCEPTED
    assert town.shown() == [("7", cat.url), ("9", "Thanks")]
    lost = town.send(IG, "Thanks", **{**mention, "reply_to_id": "1792"})
    assert lost.error_class is ErrorClass.CONTENT


@pytest.mark.parametrize(("handle", "comment"), [(PAGE, "555_9"), (IG, "1791")])
def test_a_comment_is_hidden_shown_and_deleted(town, handle, comment):
    town.world.wrote("7", comment, POST)
    assert town.sender.moderate(handle, comment, "hide").state is SendState.ACCEPTED
    assert comment in town.world.hidden
    assert town.sender.moderate(handle, comment, "unhide").state is SendState.ACCEPTED
    assert comment not in town.world.hidden
    assert town.sender.moderate(handle, comment, "delete").state is SendState.ACCEPTED
    assert town.sender.moderate(handle, comment, "delete").state is SendState.FAILED
    assert town.sender.moderate(handle, "555_0", "hide").error_class is ErrorClass.CONTENT


@pytest.mark.parametrize("handle", [PAGE, MESSENGER, IG, PHONE], ids=lambda one: one.id)
def test_a_silent_unsubscribe_is_noticed_and_mended(town, handle):
    probe = lambda: MetaRoom().probe(handle, "https://x/webhooks/meta", SECRET, town.places)
    assert probe().state is HealthState.REPAIRED
    assert probe().state is HealthState.WELL


def test_a_page_keeps_the_fields_of_its_other_handle(town):
    for handle in (PAGE, MESSENGER):
        MetaRoom().probe(handle, "", SECRET, town.places)
    assert {"feed", "messages"} <= town.world.subscribed[A.page]
    assert MetaRoom().probe(PAGE, "", SECRET, town.places).state is HealthState.WELL


def test_a_wrong_token_is_refused(town):
    wrong = {**SECRET, "tokens": {A.page: "other"}}
    assert MetaRoom().probe(PAGE, "", wrong, town.places).state is HealthState.BROKEN
    assert town.ledger.refused()


def test_a_file_of_whatsapp_is_fetched_with_the_numbers_token_alone(town):
    town.world.media["M1"] = Media("image/png", b"\x89PNG\r\n\x1a\nrest")
    image = Attachment("image", media_id="M1")
    found = MetaRoom().fetch(PHONE, image, 1_000, secret=SECRET, places=town.places)
    assert (found.body, found.mime_type) == (b"\x89PNG\r\n\x1a\nrest", "image/png")
    assert town.taker.take(Asked("GET", "/media/M1")).status == 401
    assert town.taker.take(Asked("GET", "/media/M2")).status == 404
    with pytest.raises(FetchError, match="too_large"):
        MetaRoom().fetch(PHONE, image, 5, secret=SECRET, places=town.places)


def missed(town, handle):
    stretch = Missed(handle, NOW - timedelta(hours=1), NOW)
    pages = MetaRoom().fetch_back(stretch, SECRET, town.places)
    return [event for page in pages for event in page]


def test_what_was_missed_comes_back_as_the_webhooks_would_have_told_it(town):
    at = NOW - timedelta(minutes=5)
    told = []
    for account, kind in ((A.page, "page"), (A.instagram, "instagram")):
        one = Happening(account, "7", at, id=f"m_{kind}", text="Hello")
        town.world.said.append(one)
        told.append(messenger.message(one, kind))
    comment = Happening(A.page, "8", at, id="555_9", name="Bob", text="And?", post=POST)
    reel = Happening(A.instagram, "9", at, id="1791", name="ana", text="Nice", post="1817")
    ours = Happening(A.page, "7", at, id="m_ours", text="We look", token="our-1")
    town.world.said += [comment, reel, ours]
    told += [facebook.comment(comment), instagram.comment(reel)]
    known = {
        (event.message_id, event.contact.id, event.post_id)
        for body in told
        for event in MetaRoom().parse(wire(body), NOW).events
    }
    back = [event for handle in (PAGE, MESSENGER, IG) for event in missed(town, handle)]
    found = {(e.message_id, e.contact.id, e.post_id) for e in back if e.kind is EventKind.MESSAGE}
    assert found == known
    assert [e.message_id for e in back if e.kind is EventKind.ECHO] == ["m_ours"]


def test_a_link_brings_a_customer_with_its_code():
    one = Happening(A.page, "7", NOW)
    (event,) = MetaRoom().parse(wire(messenger.arrived(one, "AbCdEfGhIjKlMnOpQrSt")), NOW).events
    assert (event.kind, event.ref) == (EventKind.NOTICE, "AbCdEfGhIjKlMnOpQrSt")


def test_what_the_graph_does_not_know_is_refused(town):
    for method, path in (("GET", "/v26.0/x/friends"), ("PUT", "/else"), ("POST", "/v26.0/555_0")):
        assert town.taker.take(Asked(method, path)).status in (400, 404)
    town.world.wrote("7", "555_9", POST)
    bearer = {"authorization": f"Bearer {A.tokens[A.page]}"}
    assert town.taker.take(Asked("POST", "/v26.0/555_9", headers=bearer)).status == 400
