"""Pages as people get them: a storm is one, an acknowledged one stops, any other climbs to the end.

What is looked at is what came out at the other end: the texts that the local AWS was asked to send
to each number, and what each subscriber of the topics received.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
import urllib3

from chalicelib.domain.agent import Role
from chalicelib.domain.entry import EntryKind
from infra import people
from infra.cloud import lent_environment
from infra.local import subscribers
from infra.local.day.player import utc_now
from infra.local.simulator import messenger
from infra.local.simulator.happening import Happening
from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.signing import wire
from infra.people import Person
from tests.e2e.conftest import CLIMBED, STORM, STORMY, TAKEN

LENA, ADAM, OMAR = "+15550121", "+15550122", "+15550123"
LONG_AGO = timedelta(minutes=10)
LATE_TELLINGS = 3
"""How often the local AWS, which plays the cases one after the other, makes a page be told."""

LINK = re.compile(r"https?://\S+/p/\S+")


@dataclass(frozen=True)
class Phones:
    """What was sent to each number about a team, oldest first."""

    house: object

    def of(self, number, team):
        found = subscribers.texts(self.house.stack.endpoint).get(number, [])
        texts = [str(one.get("message") or one.get("Message")) for one in found]
        return [text for text in texts if team in text.lower()]


@pytest.fixture(scope="module")
def phones(house):
    """Everybody has a number, somebody is at work for the teams that are not alone."""
    with lent_environment(house.stack.environment()):
        for name, role, number, teams in (
            ("lena", Role.LEAD, LENA, ()),
            ("adam", Role.ADMIN, ADAM, ()),
            ("omar", Role.AGENT, OMAR, ("taken", "climbed")),
        ):
            kept = next((one for one in house.stack.people if one.username == name), None)
            person = Person(
                name,
                role,
                (*(kept.teams if kept else ()), *teams),
                password=kept.password if kept else "",
                phone=number,
            )
            made = people.add(house.stack.cloud, house.stack.outputs, person)
            if name == "omar":
                token = _token(house, made)
    at_work = house.desk_with(token).change("PUT", "/api/me/presence", {"presence": "present"})
    assert at_work.ok, at_work.body
    return Phones(house)


def _token(house, person):
    answer = house.stack.cloud.cognito.initiate_auth(
        ClientId=house.stack.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person.username, "PASSWORD": person.password},
    )
    return answer["AuthenticationResult"]["IdToken"]


def write(house, account, refs):
    """Let each of these customers have written ten minutes ago, so that the promise is broken."""
    post = house.post(threads=8)
    try:
        done = []
        for ref in refs:
            one = Happening(account, ref, utc_now() - LONG_AGO, id=f"m_{ref}", text="Anybody?")
            done.append(post.now(Webhook(ref, Door.META, wire(messenger.message(one)))))
        assert {one.result().status for one in done} == {200}
    finally:
        post.close()


@pytest.fixture(scope="module")
def storm(house, phones):
    """Two hundred people have waited for too long, all at once."""
    refs = [f"82000000{number:03d}" for number in range(STORM)]
    write(house, STORMY, refs)
    return refs


def told(house, team):
    """Return what the subscribers of the breaches got about a team, by subscriber."""
    found = {}
    for one in house.stack.received():
        if one.subscriber.topic == "breaches" and one.alert.get("team") == team:
            found.setdefault((one.subscriber.protocol, one.subscriber.endpoint), []).append(one)
    return found


def breached(talks):
    return any(entry.kind is EntryKind.DEADLINE_BREACHED for t in talks for entry in t.entries)


def test_a_storm_of_two_hundred_breaches_is_one_page(house, wait_for, phones, storm):
    def all_breached():
        talks = house.talks()
        return all(breached(talks.get(ref, [])) for ref in storm)

    wait_for(all_breached, seconds=300)
    whole = f"{STORM} cases"
    texts = wait_for(lambda: with_last(phones.of(LENA, "storm"), whole), seconds=300)
    (page,) = pages(house, "storm")
    assert page["count"] == STORM
    # What joins after a page has left is told once more; on a quiet machine nothing does.
    assert len(texts) <= LATE_TELLINGS
    assert all(len(text) <= 160 and f"/p/{page['id']}" in text for text in texts)
    wait_for(lambda: len(told(house, "storm")) >= 3)
    for who, notices in told(house, "storm").items():
        assert len(notices) <= LATE_TELLINGS, who
        assert {one.alert["page"] for one in notices} == {page["id"]}
    assert max(one.alert["count"] for one in notices) == STORM


def with_last(texts, words):
    """Return the texts once one of them says these words."""
    return texts if any(words in text for text in texts) else []


def test_an_acknowledged_page_tells_nobody_else(house, wait_for, phones):
    write(house, TAKEN, ["82100000001"])
    text = wait_for(lambda: phones.of(LENA, "taken"))[0]
    link = LINK.search(text)[0]
    seen = urllib3.request("GET", link, retries=False)
    assert seen.status == 200
    (page,) = pages(house, "taken")
    assert page["state"] == "open"  # looking is not acknowledging
    posted = urllib3.request("POST", link, retries=False)
    assert posted.status == 200
    (page,) = pages(house, "taken")
    assert (page["state"], page["acknowledged_by"]) == ("acknowledged", "lena")
    due = utc_now() + timedelta(seconds=15)  # the next rung is ten seconds after the first
    wait_for(lambda: utc_now() > due)
    assert phones.of(ADAM, "taken") == phones.of(OMAR, "taken") == []
    assert len(phones.of(LENA, "taken")) == 1


def test_a_page_that_nobody_acknowledges_climbs_to_the_last_rung(house, wait_for, phones):
    write(house, CLIMBED, ["82200000001"])
    for number in (LENA, ADAM, OMAR):
        wait_for(lambda number=number: phones.of(number, "climbed"))
    assert [len(phones.of(number, "climbed")) for number in (LENA, ADAM, OMAR)] == [1, 1, 1]
    (page,) = pages(house, "climbed")
    assert page["state"] == "open"
    rungs = [one["to"] for one in page["told"] if one["medium"] == "sms"]
    assert rungs == ["lena", "adam", "omar"]


def pages(house, team):
    """Return the loud pages of a team that are not over, as the API shows them."""
    answer = house.desk("adam").get(f"/api/pages?team={team}")
    assert answer.ok, answer.body
    return [page for page in answer.body["pages"] if page["severity"] != "warning"]
