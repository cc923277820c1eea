"""What each door may do is what it does: nothing is missing from its role, and nothing is unused.

The doors' own handlers play the life of a few cases on real AWS clients; what they called is
compared, both ways, with the roles of the final template.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.channels import transport
from chalicelib.domain.agent import Agent, Role
from chalicelib.domain.authority import Limit, PromiseKind
from chalicelib.domain.calendar import ALWAYS
from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.ladder import (
    LEAD,
    SUBSCRIBERS,
    Ladder,
    Medium,
    Paging,
    PagingEndpoint,
    PagingKind,
    Rung,
)
from chalicelib.domain.page import PageState
from chalicelib.domain.policy import Endpoint, Handle, Privacy, Search, Team
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from chalicelib.domain.shift import Shift
from chalicelib.entrypoints import ladder_tasks, tasks
from infra import package
from infra.local.simulator import mails, sms
from infra.local.simulator.faults import Fault
from infra.local.simulator.happening import Happening
from tests.contract.permissions import allowed
from tests.fakes import house
from tests.fakes.gateway import Person
from tests.integration import platforms
from tests.integration.aws_calls import LADDER_TOKEN, STAGE, Clock, recorded
from tests.integration.platforms import MAIL, MASTODON, PUBLIC, TEXT, TWILIO, Exchange, Networks, X

DOORS = (
    "APIHandler", "Inbox", "Outbox", "Notices", "Files", "Hooks", "Stream", "Assign", "Respond",
    "Breach", "FollowUp", "Survey", "Close", "Stuck", "Hold", "Climb", "Sweep", "Poll", "Watch",
)  # fmt: skip
ANN, ADA = Person("ann"), Person("ada", Role.ADMIN)

AWS_ITSELF = {
    "logs:CreateLogStream": "Lambda writes the log of the function under its role",
    "logs:PutLogEvents": "same",
    "sqs:ReceiveMessage": "the event source reads the queue under the function's role",
    "sqs:DeleteMessage": "same",
    "sqs:GetQueueAttributes": "same",
    "dynamodb:GetRecords": "the event source reads the stream under the function's role",
    "dynamodb:GetShardIterator": "same",
    "dynamodb:DescribeStream": "same",
    "dynamodb:ListStreams": "same",
}
"""What no code of ours calls, and AWS does in our name; each with its reason."""

EVENTS = Path(__file__).parents[1] / "events"
LOU = "+15550111"
"""The telephone of the team's lead."""

LOUD = Ladder(
    "loud",
    (
        Rung(0, (LEAD,), (Medium.EMAIL, Medium.SMS)),
        Rung(0, (SUBSCRIBERS,), (Medium.TOPIC,)),
        Rung(0, ("duty",), (Medium.WEBHOOK,)),
    ),
)
"""A ladder whose first rungs tell by every medium at once."""

PAGING = Paging(
    sms_handle="care-text",
    email_from=MAIL,
    endpoints=(
        PagingEndpoint("duty", PagingKind.PAGERDUTY, "paging-duty", "https://duty.example.com"),
    ),
)

SAYS = (
    Action(Act.NOTE, "A rule was here."),
    Action(Act.REPLY, "Hello {name}, we look into it."),
    Action(Act.NOTIFY, "lead"),
)
RULES = (
    Rule(
        "money",
        (*SAYS, Action(Act.LABEL, "money"), Action(Act.PRIORITY, "high"), Action(Act.ASSIGN, "")),
        on=Trigger.MESSAGE_RECEIVED,
        when=Condition(words=("money",)),
    ),
    Rule(
        "money-waits",
        (*SAYS, Action(Act.PRIORITY, ""), Action(Act.ASSIGN, "bob")),
        status=Status.ASSIGNED,
        after_seconds=60,
        when=Condition(labels=("money",)),
    ),
    Rule(
        "money-ends",
        (Action(Act.CLOSE, "paid"),),
        status=Status.ASSIGNED,
        after_seconds=120,
        when=Condition(labels=("money",)),
    ),
    Rule(
        "money-rests",
        SAYS,
        status=Status.RESOLVED,
        after_seconds=60,
        when=Condition(labels=("money",)),
    ),
)
"""What happens by itself in a case about money: on the message, later, and after its end."""

PAGE = "104500000000001"
POLICY = replace(
    house.POLICY,
    handles=(
        *house.POLICY.handles,
        Handle("page", Channel.FACEBOOK_PAGE, PAGE, "Page", "care"),
        Handle("inbox", Channel.MESSENGER, PAGE, "Page", "care"),
        Handle("gram", Channel.INSTAGRAM, "17840000000000001", "Gram", "care"),
        Handle("phone", Channel.WHATSAPP, "PN1", "Phone", "care"),
        Handle("care-mail", Channel.EMAIL, MAIL, "Mail", "care"),
        Handle(
            "care-text", Channel.SMS, TEXT, "Text", "care",
            settings={"configuration_set": "hearback", "price_per_segment_usd": "0.01",
                      "monthly_budget_usd": "5"},
        ),
        Handle(
            "acme-sms", Channel.SMS, TWILIO.number, "Twilio", "care",
            settings={"provider": "twilio"},
        ),
        Handle(
            "acme-x", Channel.X, X.account, "X", "care", settings={"monthly_budget_usd": "50"},
        ),
        Handle(
            "care-mastodon", Channel.MASTODON, MASTODON.account, "Mastodon", "care",
            settings={"instance": "https://social.example"},
        ),
    ),
    searches=(Search("brand", "acme-x", "acme parcel", enabled=True),),
    privacy=Privacy(hide=True, invite="Write to us in private."),
    public_url=PUBLIC,
    teams=(Team("care", lead="lou", ladder="loud"), Team("shop")),
    ladders=(LOUD,),
    paging=PAGING,
    rules=RULES,
    limits=(Limit(PromiseKind.REFUND, "lead"),),
    shifts=(Shift("all-day", "care", ALWAYS),),
)  # fmt: skip
"""The company of the doors' tests, and the accounts of the platforms' own examples."""

CRM = Endpoint("crm", "https://crm.example.com/in", "hook-crm", events=("note.added",))

MISSING = "no call: without it S3 says 'forbidden' of what is not there"
BEYOND = {
    ("APIHandler", "s3:ListBucket", "Media"): MISSING,
    ("Outbox", "s3:ListBucket", "Media"): MISSING,
    ("Files", "s3:ListBucket", "Media"): MISSING,
    ("Files", "s3:ListBucket", "Mails"): MISSING,
    ("Notices", "s3:ListBucket", "Mails"): MISSING,
    ("APIHandler", "s3:PutObject", "Media/upload/*"): "signed for a browser, which makes the call",
}
"""What a door may do and does not do in this life; each with its reason."""

SET_ASIDE = ("sqs:SendMessage", "StreamDead")
"""The event source sends what it gives up to the stream's dead letters."""


@pytest.fixture(scope="module")
def called():
    """The calls of every door, by door."""
    networks = Networks(Clock())
    with (
        networks.listening() as urls,
        recorded(urls) as world,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(transport, "exchange", exchange := Exchange())
        seed(world)
        Life(world, exchange, networks).play()
    return world.record.calls


@pytest.fixture(scope="module")
def roles(tmp_path_factory):
    template = package.template("prod", tmp_path_factory.mktemp("template") / "prod")
    return {door: allowed(template["Resources"], f"{door}Role") for door in DOORS}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_may_do_all_that_it_does(called, roles, door):
    assert sorted(called.get(door, set()) - roles[door]) == []


@pytest.mark.parametrize("door", DOORS)
def test_a_door_may_do_nothing_that_it_does_not(called, roles, door):
    beyond = {(action, on) for at, action, on in BEYOND if at == door}
    unused = roles[door] - called.get(door, set()) - {SET_ASIDE} - beyond
    assert sorted(one for one in unused if one[0] not in AWS_ITSELF) == []


def test_what_is_excepted_is_still_allowed_and_not_called(called, roles):
    """An exception that nothing needs any more would hide the next one."""
    for door, *call in BEYOND:
        assert tuple(call) in roles[door] - called[door], (door, call)


def test_only_the_doors_behind_an_event_source_have_what_it_needs(roles):
    """Of what AWS does in our name, each role has only its own part."""
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    queue = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    for door in DOORS:
        more = {one for one, _ in roles[door]} & set(AWS_ITSELF) - logs
        wanted = dict.fromkeys(("Inbox", "Outbox", "Notices", "Files", "Hooks"), queue)
        wanted |= {"Stream": set(AWS_ITSELF) - logs - queue}
        assert more == wanted.get(door, set()), door
        assert (SET_ASIDE in roles[door]) is (door == "Stream")


def seed(world):
    """Publish a policy, people and secrets, as an operator would: not a door's calls."""
    world.parts.policies.publish(POLICY)
    world.parts.policies.make_current("v1")
    for agent in (
        Agent("ann", "Ann", teams=("care",)),
        Agent("bob", "Bob", teams=("care",)),
        Agent("ada", "Ada", role=Role.ADMIN, teams=("care",)),
        Agent("lou", "Lou", "lou@example.com", ("care",), Role.LEAD, phone=LOU),
    ):
        world.parts.agents.save(agent)
    held = {
        "meta": {"app_secrets": [house.APP_SECRET], "verify_token": house.VERIFY_TOKEN,
                 "tokens": {house.ACCOUNT: "token"}},
        "acme-shop": {"secrets": [house.HOOK_SECRET]},
        "hook-crm": {"secrets": [house.HOOK_SECRET]},
        **platforms.SECRETS,
    }  # fmt: skip
    for name, content in held.items():
        world.cloud.secretsmanager.create_secret(
            Name=f"hearback/{STAGE}/{name}", SecretString=json.dumps(content)
        )


class Life:
    """The life of a few cases, through every door and every kind of call."""

    def __init__(self, world, platform, networks):
        self.world, self.platform, self.numbers = world, platform, iter(range(10_000))
        self.networks = networks
        self.talk = ""

    def play(self):
        self.world.api(
            "GET", "/webhooks/meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"
        )
        self.odd_deliveries()
        self.examples()
        self.queued_case()
        self.answered_case()
        self.alarming_case()
        self.files_come_and_go()
        self.mail_comes_and_goes()
        self.texts_come_and_go()
        self.looks()
        self.connections()
        self.exposed_in_public()
        self.others_are_told()
        self.rules_fire()
        self.words_wait()
        self.pages_climb()
        self.pages_are_late()
        self.reads()

    # Steps of the customers and of the platforms.

    def writes(self, text, sender="c1", account=house.ACCOUNT, **instead):
        number = next(self.numbers)
        at = int(self.world.now().timestamp() * 1000) + number
        event = {"sender": {"id": sender}, "recipient": {"id": account}, "timestamp": at}
        event |= instead or {"message": {"mid": f"m_{number}", "text": text}}
        body = {"object": "page", "entry": [{"id": account, "time": at, "messaging": [event]}]}
        self.delivers(json.dumps(body).encode())
        self.world.rest()

    def delivers(self, raw):
        answer = self.world.api("POST", "/webhooks/meta", raw=raw, headers=house.signed(raw))
        assert answer.status == 200, answer.body

    def examples(self):
        """Deliver the platforms' own examples: every kind of event there is."""
        for path in sorted((EVENTS / "meta").glob("*.json")):
            self.delivers(path.read_bytes())
        for path in sorted((EVENTS / "standard").glob("*.json")):
            self.world.hook(path.read_bytes(), path.stem)
        self.world.rest()

    def odd_deliveries(self):
        broken = b"{not json"
        self.world.api("POST", "/webhooks/meta", raw=broken, headers=house.signed(broken))
        self.world.hook(b'{"type":"nothing"}', "odd")
        self.writes("of no handle", account="999")
        self.writes("long " * 50_000, sender="c9")
        edit = {"message_edit": {"mid": "m_never", "text": "b", "num_edit": 1}}
        self.writes("", sender="c8", **edit)  # too early: put off

    # Steps of the machine and of people.

    def head(self):
        return self.world.parts.conversations.get(self.talk)

    def begins(self, text, sender):
        """A customer writes, and is the one whom the next steps are about."""
        self.writes(text, sender)
        self.talk = self.world.head(sender).id

    def case(self):
        head = self.head()
        return {"conversation_id": head.id, "case_number": head.case.number,
                "generation": head.case.generation}  # fmt: skip

    def waits(self, door, function, seconds=60, **more):
        self.world.step(door, function, **self.case(), token="t" * 20, wait_seconds=seconds, **more)
        self.world.rest()

    def change(self, path, person=ANN, **body):
        head = self.head()
        answer = self.world.api("POST", f"/api/conversations/{head.id}/{path}",
                                {"version": head.version, **body}, person)  # fmt: skip
        assert answer.status < 300, (path, answer.body)
        self.world.rest()
        return answer

    def presence(self, word):
        self.world.api("PUT", "/api/me/presence", {"presence": word}, ANN)

    def queued_case(self):
        """Nobody is there; then somebody is, and the stream gives him the case."""
        self.begins("Is anybody there?", "c2")
        self.world.step("Assign", tasks.assign, **self.case())
        self.world.rest()
        self.presence("present")
        self.world.rest()
        self.world.step("Assign", tasks.assign, **self.case())

    def answered_case(self):
        self.begins("Where is my parcel?", "c3")
        self.world.step("Assign", tasks.assign, **self.case())
        self.world.rest()
        self.waits("Respond", tasks.respond, loops=0)
        self.change("replies", text="On its way.")
        self.platform.busy = True
        self.change("notes", text="Careful.")
        self.change("replies", text="It is late.")
        self.platform.busy = False
        self.change("assign", agent_id="bob", person=ADA)
        self.change("wait", on="third_party", reason="carrier")
        self.change("resume")
        self.change("resolve", reason="done")
        self.waits("FollowUp", tasks.follow_up)
        self.world.now.go(days=1)
        self.waits("Survey", tasks.survey)
        self.world.now.go(days=9)
        self.world.step("Close", tasks.close, **self.case())
        self.world.rest()
        for door, function in (("FollowUp", tasks.follow_up), ("Survey", tasks.survey)):
            self.waits(door, function)  # over already: the step wakes its machine itself
        self.waits("Respond", tasks.respond, loops=0)

    def alarming_case(self):
        self.begins("Hello?", "c4")
        self.waits("Respond", tasks.respond, seconds=300, loops=0)
        self.world.now.go(minutes=14)
        self.world.step("Breach", tasks.breach, **self.case())  # a warning
        self.world.rest()
        self.world.now.go(hours=2)
        self.world.step("Breach", tasks.breach, **self.case())
        self.world.rest()
        self.presence("offline")
        self.begins("And me?", "c5")
        self.world.step("Assign", tasks.assign, **self.case())
        self.world.rest()
        self.presence("present")
        self.world.tick("Sweep")  # before the stream has told that somebody is there
        self.world.rest()
        self.world.step("Stuck", tasks.stuck, **self.case(), error="States.TaskFailed")
        self.world.rest()
        self.change("restart", person=ADA)

    def files_come_and_go(self):
        pictures = [
            {"type": "image", "payload": {"url": f"https://cdn.example.com/{number}"}}
            for number in range(2)
        ]
        self.writes("", "c6", message={"mid": "m_files", "attachments": pictures})
        self.talk = self.world.head("c6").id
        talk = f"/api/conversations/{self.talk}"
        (message,) = self.world.api("GET", f"{talk}/messages", person=ADA).json["messages"]
        for place in range(2):
            path = f"{talk}/messages/{message['id']}/files/{place}"
            answer = self.world.api("GET", path, person=ADA)
            assert answer.status == 200, answer.body
        body = {"name": "a.png", "mime_type": "image/png", "size": 16}
        place = self.world.api("POST", f"{talk}/uploads", body, ANN).json["key"]
        self.world.cloud.s3.put_object(
            Bucket=self.world.config.media_bucket, Key=place, Body=b"\x89PNG\r\n\x1a\n12345678"
        )
        self.change("replies", text="See.", files=[place])
        self.platform.busy = True
        self.writes("", "c7", message={"mid": "m_late", "attachments": pictures[:1]})
        self.platform.busy = False

    def offer_file(self):
        """Put a file where the API says; return its key."""
        body = {"name": "a.png", "mime_type": "image/png", "size": 16}
        path = f"/api/conversations/{self.talk}/uploads"
        place = self.world.api("POST", path, body, ANN).json["key"]
        self.world.cloud.s3.put_object(
            Bucket=self.world.config.media_bucket, Key=place, Body=b"\x89PNG\r\n\x1a\n12345678"
        )
        return place

    def mail(self, text, sender="cora@example.net", **more):
        """Let SES store a mail and tell of it, as it does."""
        number = next(self.numbers)
        one = Happening(MAIL, sender, self.world.now(), f"{number}@x", "Cora", text, **more)
        raw, told_id = mails.message(one), f"ses-{number}"
        bucket = self.world.config.mail_bucket
        self.world.cloud.s3.put_object(Bucket=bucket, Key=f"mail/{told_id}", Body=raw)
        told = mails.received(raw, told_id, [MAIL], self.world.now())
        self.world.notice(mails.envelope(told, platforms.TOPIC))
        self.world.rest()

    def mail_comes_and_goes(self):
        """One with a file; one that is too long for the queue; one that nobody can read."""
        self.mail("Where is my parcel?", media="a.png")
        self.mail("\u20ac" * 90_000, "carl@example.net")
        self.world.notice(mails.envelope({"notificationType": "Received", "receipt": 1}, "t"))
        self.world.rest()
        self.talk = self.world.head("cora@example.net").id
        self.networks.faults.add("cora@example.net", Fault.GONE)
        done = self.change("replies", text="See.", files=[self.offer_file()]).json
        self.change(f"messages/{done['message']['id']}/resend")
        assert len(self.networks.mail.mails) == 1

    def texts_come_and_go(self):
        one = Happening(TEXT, "+15550123", self.world.now(), "sms-1", text="Hello?")
        envelope = sms.envelope(one, self.networks.text._account)
        self.world.notice(json.dumps(envelope))
        self.world.rest()
        self.talk = self.world.head("+15550123").id
        self.change("replies", text="Hello.")

    def looks(self):
        """At a network without webhooks, and for words on one that charges.

        One post is too long for the queue, another too long to be read.
        """
        for text in ("@acme hello", "\u20ac" * 70_000, "long " * 210_000):
            number = next(self.numbers)
            self.networks.mastodon.write(
                Happening(MASTODON.account, f"c{number}@other.example", self.world.now(), text=text)
            )
        self.networks.x.write(
            Happening(X.account, "x9", self.world.now(), "9001", text="my acme parcel"),
            summoned=False,
        )
        self.world.tick("Poll")
        self.world.rest()

    def connections(self):
        """Each handle is asked after; one that had been led astray is mended and read back."""
        self.world.tick("Watch")
        self.networks.twilio.point_elsewhere("https://elsewhere.example")
        self.world.now.go(hours=1)
        at = self.world.now()
        for number, text in ((1, "Anybody?"), (2, "\u20ac" * 90_000)):
            one = Happening(TWILIO.number, f"+1555014{number}", at, f"SM{number}", text=text)
            self.networks.twilio.write(one)
        self.world.now.go(days=1)
        self.world.tick("Watch")
        self.world.rest()

    def exposed_in_public(self):
        """A number in public is hidden by rule, and its writer invited."""
        at, page = int(self.world.now().timestamp()), house.ACCOUNT
        value = {
            "from": {"id": "c20", "name": "Cy"}, "item": "comment", "verb": "add",
            "post_id": f"{page}_1", "parent_id": f"{page}_1", "comment_id": "1_20",
            "message": "Call me: +49 30 901820", "created_time": at,
        }  # fmt: skip
        entry = {"id": page, "time": at, "changes": [{"field": "feed", "value": value}]}
        self.delivers(json.dumps({"object": "page", "entry": [entry]}).encode())
        self.world.rest()
        self.talk = self.world.head("c20").id
        answer = self.world.api("GET", f"/api/conversations/{self.talk}/messages", person=ADA)
        (message,) = (one for one in answer.json["messages"] if one["personal"])
        self.change(f"messages/{message['id']}/unhide")

    def others_are_told(self):
        """The company's own system takes an event, is busy, and is gone."""
        self.world.parts.policies.publish(replace(POLICY, version="v2", endpoints=(CRM,)))
        self.world.parts.policies.make_current("v2")
        self.world.now.go(minutes=1)
        self.change("notes", text="One.")
        self.platform.busy = True
        self.change("notes", text="Two.")
        self.platform.busy, self.platform.gone = False, True
        self.change("notes", text="Three.")
        self.platform.gone = False

    def rules_fire(self):
        """On a message, as time passes, and once the case is over."""
        self.presence("present")
        self.begins("I want my money.", "c30")
        for seconds in (61, 61):
            self.world.step("Assign", tasks.assign, **self.case())
            self.world.rest()
            self.world.now.go(seconds=seconds)
            self.world.step("Breach", tasks.breach, **self.case())
            self.world.rest()
        self.world.now.go(seconds=61)
        self.waits("Survey", tasks.survey)
        done = {one.rule for one in self.head().case.fired}
        assert done == {one.id for one in RULES}

    def words_wait(self):
        """Two promises are held back; a lead lets one leave, and keeps the other."""
        self.begins("What about a refund?", "c31")
        self.change("take")
        for verb in ("approve", "decline"):
            refund = {"kind": "refund", "amount": "5.00", "currency": "EUR"}
            self.change("replies", text="We pay you.", promises=[refund])
            (held,) = self.head().case.approvals
            more = {"reason": "too much"} if verb == "decline" else {}
            self.change(f"approvals/{held.id}/{verb}", ADA, **more)
        self.change("labels", add=["paid"])
        self.change("priority", priority="high")
        self.change("team", ADA, team="shop", reason="theirs")

    def pages(self, sender, kind="breach", minutes=120):
        """A promise to somebody is near its end, or broken; return the team's page of such."""
        self.begins("Hello again?", sender)
        self.waits("Respond", tasks.respond, seconds=300, loops=0)
        self.world.now.go(minutes=minutes)
        self.world.step("Breach", tasks.breach, **self.case())
        self.world.rest()
        self.world.now.go(seconds=20)
        pages = self.world.parts.pages.listed("care", 100)
        return next(one for one in pages if one.state is PageState.OPEN and one.kind == kind)

    def climbs(self, page):
        """The page's machine looks, and waits."""
        of = {"page_id": page.id, "generation": page.generation}
        answer = self.world.step("Climb", ladder_tasks.climb, **of)
        self.holds(of, answer["wait_seconds"])
        return self.world.parts.pages.get(page.id)

    def holds(self, of, seconds, loops=0):
        self.world.step(
            "Hold", ladder_tasks.hold, **of,
            token=LADDER_TOKEN + "t" * 20, wait_seconds=seconds, loops=loops,
        )  # fmt: skip
        self.world.rest()

    def answers(self, text):
        """The lead answers a page by SMS."""
        number = next(self.numbers)
        one = Happening(TEXT, LOU, self.world.now(), f"sms-{number}", text=text)
        self.world.notice(json.dumps(sms.envelope(one, self.networks.texts)))
        self.world.rest()

    def pages_climb(self):
        """By every medium. The lead takes the pages: by SMS, by the link, and in the desk."""
        warning = self.climbs(self.pages("c39", "warning", minutes=14))
        assert warning.over_because == "told"
        page = self.climbs(self.pages("c40"))
        assert {one.medium for one in page.told} == set(Medium) - {Medium.IN_APP}
        assert {one.state for one in page.told} == {"sent"}
        told = next(one for one in page.told if one.medium is Medium.SMS)
        sent = next(one for one in self.networks.sent if one.received.platform_id == told.ref)
        delivered = sms.status(sent, "TEXT_DELIVERED", self.world.now(), self.networks.texts)
        self.world.notice(delivered.body.decode())
        self.world.rest()
        self.answers("Who is this?")
        self.answers("OK")
        assert self.world.parts.pages.get(page.id).acknowledged_by == "lou"
        self.world.now.go(minutes=20)
        self.climbs(page)
        of = {"page_id": page.id, "generation": page.generation}
        self.holds(of, 60, loops=10_000)  # hands over to the next execution, and is woken
        self.takes_by_link(self.climbs(self.pages("c41")))
        taken = self.climbs(self.pages("c42"))
        for method, way in (("GET", "/api/pages"), ("GET", f"/api/pages/{taken.id}"),
                            ("POST", f"/api/pages/{taken.id}/acknowledge")):  # fmt: skip
            assert self.world.api(method, way, person=ADA).status == 200
        self.world.rest()

    def takes_by_link(self, page):
        """The link shows the page, and its form takes it."""
        path = self.world.parts.links.link(page.id, "lou").removeprefix(PUBLIC)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for method, more in (("GET", {}), ("POST", {"raw": b"", "headers": form})):
            assert self.world.api(method, path, **more).status == 200
        assert self.world.parts.pages.get(page.id).acknowledged_by == "lou"
        self.world.rest()

    def pages_are_late(self):
        """Without a number of ours a text leaves by SNS; a page that nobody looked at is found."""
        silent = replace(PAGING, sms_handle="")
        self.world.parts.policies.publish(replace(POLICY, version="v3", paging=silent))
        self.world.parts.policies.make_current("v3")
        page = self.pages("c43")
        self.world.now.go(minutes=10)
        self.world.tick("Sweep")
        self.world.rest()
        page = self.climbs(self.world.parts.pages.get(page.id))
        assert page.generation == 2
        told = next(one for one in page.told if one.medium is Medium.SMS)
        assert told.state == "sent"

    def reads(self):
        head = self.head()
        for path in (
            "/api/openapi.json", "/api/me", "/api/agents", "/api/handles", "/api/stuck",
            "/api/cases?team=care", "/api/cases?assignee=ann", f"/api/conversations/{head.id}",
            f"/api/conversations/{head.id}/messages", f"/api/conversations/{head.id}/history",
            f"/api/contacts/{head.contact_id}", "/api/shifts", "/api/approvals",
            f"/api/conversations/{head.id}/why",
        ):  # fmt: skip
            answer = self.world.api("GET", path, person=ADA)
            assert answer.status == 200, (path, answer.body)
        at = self.world.now()
        period = {"since": (at - timedelta(days=2)).isoformat(), "until": at.isoformat()}
        assert self.world.api("POST", "/api/dry-runs", period, ADA).json["cases"]
        body = {"rev": 0, "name": "Cy", "teams": ["care"]}
        self.world.api("PUT", "/api/agents/cy", body, ADA)
