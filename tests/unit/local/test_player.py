"""The customers' side: who hears what, and does what then."""

from threading import Event

import pytest

from chalicelib.domain.channel import Channel
from infra.local.day.plan import plan
from infra.local.day.player import PICTURE, Player, utc_now
from infra.local.day.story import Action, Customer, Does, Plan, Reaction
from infra.local.simulator.graph import Sent
from infra.local.simulator.ledger import Received
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Door, Webhook
from tests.unit.local.world import BRAND

DEADLINE = 10.0
GROUP = "-10047"


class FakePost:
    """Keeps what is to be delivered, at once or later."""

    def __init__(self):
        self.now_, self.later_, self.came = [], [], Event()

    def now(self, webhook):
        self.now_.append(webhook)
        self.came.set()

    def later(self, seconds, webhook):
        self.later_.append((seconds, webhook))


@pytest.fixture
def platforms():
    made = Platforms(BRAND)
    yield made
    made.close()


@pytest.fixture
def post():
    return FakePost()


@pytest.fixture
def play(platforms, post):
    """Return a maker of players of a plan; none of them goes on afterwards."""
    made = []

    def player(of):
        made.append(Player(of, platforms, post, lambda *_: None))
        return made[-1]

    yield player
    for one in made:
        one.close()


def heard(text, customer="71"):
    return Received(utc_now(), "6111000001", customer, text, "71/9")


def led(at=0.0):
    start = Action(at, Does.START, Channel.TELEGRAM, "71", "71/5")
    there = Action(at, Does.SAY, Channel.TELEGRAM, "71", "71/6", "Here I am")
    reactions = (Reaction("Come", start, (there,)),)
    ana = Customer("71", "Ana", Channel.TELEGRAM, "test", reactions=reactions)
    said = Action(0.0, Does.SAY, Channel.TELEGRAM, "71", f"{GROUP}/4", "Hi", GROUP)
    return Plan(1, (ana,), (said,))


def test_a_customer_follows_the_link_that_was_heard(play, post):
    player = play(led())
    player.heard(heard("Come here https://t.me/acme_bot?start=abc123"))
    for timer in player._timers:
        timer.join(DEADLINE)
    bodies = {webhook.name: webhook.body for webhook in post.now_}
    assert b'"/start abc123"' in bodies["telegram start"]
    assert b"Here I am" in bodies["telegram message"]


def test_a_customer_reacts_once_and_only_to_what_is_meant(play, post):
    player = play(led())
    player.heard(heard("Something else"))
    assert player.idle()
    assert not post.now_
    for _ in range(3):
        player.heard(heard("Come here"))
    for timer in player._timers:
        timer.join(DEADLINE)
    assert len(post.now_) == 2


def test_closing_drops_what_customers_were_about_to_do(play, post):
    player = play(led(at=3600.0))
    player.heard(heard("Come here"))
    assert not player.idle()
    player.close()
    assert player.idle()
    assert not post.now_


def test_what_follows_a_message_of_ours_is_delivered_in_its_time(play, post):
    player = play(led())
    receipt = Webhook("receipt", Door.META, b"{}")
    player.sent(Sent(heard("Hello")), [(0.6, receipt)])
    assert post.later_ == [(0.6, receipt)]


def test_the_platforms_know_what_is_written_and_sent_on_this_day(play, platforms):
    made = plan()
    play(made)
    pictures = {a.media for a in made.actions if a.media}
    assert {name: platforms.world.media[name].body for name in pictures} == dict.fromkeys(
        pictures, PICTURE
    )
    comment = next(a for a in made.actions if a.post and a.does is Does.SAY)
    assert platforms.world.author(comment.id) == (comment.customer, comment.post)


def test_what_no_platform_tells_of_is_played_all_the_same(play, post, platforms):
    (talk,) = (a for a in plan().actions if a.does is Does.TALK)
    assert play(plan()).do(talk) is None
    assert not post.now_


def test_copies_are_delivered_with_their_first(play, post):
    (doubled,) = (a for a in plan().actions if a.copies and a.channel is Channel.MESSENGER)
    play(plan()).do(doubled)
    assert len(post.now_) == 1 + sum(not wait for wait in doubled.copies)
    assert [wait for wait, _ in post.later_] == [wait for wait in doubled.copies if wait]
    assert len({webhook.body for webhook in post.now_}) == 1
