"""What each door may do is what it does: nothing is missing from its role, and nothing is unused.

The doors' own handlers play the life of a few cases on real AWS clients; what they called is
compared, both ways, with the roles of the final template.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.channels import transport
from chalicelib.domain.agent import Agent, Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Endpoint, Handle
from chalicelib.entrypoints import tasks
from infra import package
from tests.contract.permissions import allowed
from tests.fakes import house
from tests.fakes.gateway import Person
from tests.integration.aws_calls import STAGE, recorded

DOORS = (
    "APIHandler", "Inbox", "Outbox", "Files", "Hooks", "Stream", "Assign", "Respond", "Breach",
    "FollowUp", "Survey", "Close", "Stuck", "Sweep",
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
PAGE = "104500000000001"
POLICY = replace(
    house.POLICY,
    handles=(
        *house.POLICY.handles,
        Handle("page", Channel.FACEBOOK_PAGE, PAGE, "Page", "care"),
        Handle("inbox", Channel.MESSENGER, PAGE, "Page", "care"),
        Handle("gram", Channel.INSTAGRAM, "17840000000000001", "Gram", "care"),
        Handle("phone", Channel.WHATSAPP, "PN1", "Phone", "care"),
    ),
)
"""The company of the doors' tests, and the accounts of the platforms' own examples."""

CRM = Endpoint("crm", "https://crm.example.com/in", "hook-crm", events=("note.added",))

BEYOND = {
    ("s3:ListBucket", "Media"): "no call: without it S3 says 'forbidden' of what is not there",
    ("s3:ListBucket", "Mails"): "same",
    ("s3:PutObject", "Media/upload/*"): "signed for a browser, which makes the call",
    ("s3:GetObject", "Media/media/*"): "the outbox: a reply sent again, whose file was copied",
    ("s3:GetObject", "Mails/mail/*"): "files of a mail lie in the mail: the tests of that channel",
}
"""What a door may do and does not do in this life; each with its reason."""

SET_ASIDE = ("sqs:SendMessage", "StreamDead")
"""The event source sends what it gives up to the stream's dead letters."""


@pytest.fixture(scope="module")
def called():
    """The calls of every door, by door."""
    with recorded() as world, pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "exchange", platform := Platform())
        seed(world)
        Life(world, platform).play()
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
    unused = roles[door] - called.get(door, set()) - {SET_ASIDE} - set(BEYOND)
    assert sorted(one for one in unused if one[0] not in AWS_ITSELF) == []


def test_only_the_doors_behind_an_event_source_have_what_it_needs(roles):
    """Of what AWS does in our name, each role has only its own part."""
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    queue = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    for door in DOORS:
        more = {one for one, _ in roles[door]} & set(AWS_ITSELF) - logs
        wanted = dict.fromkeys(("Inbox", "Outbox", "Files", "Hooks"), queue)
        wanted |= {"Stream": set(AWS_ITSELF) - logs - queue}
        assert more == wanted.get(door, set()), door
        assert (SET_ASIDE in roles[door]) is (door == "Stream")


class Platform:
    """What the platforms answer."""

    def __init__(self):
        self.sent, self.busy, self.gone = 0, False, False

    def __call__(self, request):
        if self.busy or self.gone:
            return transport.Answer(503 if self.busy else 410, b"")
        self.sent += 1
        return transport.Answer(200, json.dumps({"message_id": f"out_{self.sent}"}).encode())


def seed(world):
    """Publish a policy, people and secrets, as an operator would: not a door's calls."""
    world.parts.policies.publish(POLICY)
    world.parts.policies.make_current("v1")
    for agent in (
        Agent("ann", "Ann", teams=("care",)),
        Agent("bob", "Bob", teams=("care",)),
        Agent("ada", "Ada", role=Role.ADMIN, teams=("care",)),
    ):
        world.parts.agents.save(agent)
    held = {
        "meta": {"app_secrets": [house.APP_SECRET], "verify_token": house.VERIFY_TOKEN,
                 "tokens": {house.ACCOUNT: "token"}},
        "acme-shop": {"secrets": [house.HOOK_SECRET]},
        "hook-crm": {"secrets": [house.HOOK_SECRET]},
    }  # fmt: skip
    for name, content in held.items():
        world.cloud.secretsmanager.create_secret(
            Name=f"hearback/{STAGE}/{name}", SecretString=json.dumps(content)
        )


class Life:
    """The life of a few cases, through every door and every kind of call."""

    def __init__(self, world, platform):
        self.world, self.platform, self.numbers = world, platform, iter(range(10_000))
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
        self.others_are_told()
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
        self.world.sweep()  # before the stream has told that somebody is there
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

    def reads(self):
        head = self.head()
        for path in (
            "/api/openapi.json", "/api/me", "/api/agents", "/api/stuck", "/api/cases?team=care",
            "/api/cases?assignee=ann", f"/api/conversations/{head.id}",
            f"/api/conversations/{head.id}/messages", f"/api/conversations/{head.id}/history",
            f"/api/contacts/{head.contact_id}",
        ):  # fmt: skip
            answer = self.world.api("GET", path, person=ADA)
            assert answer.status == 200, (path, answer.body)
        body = {"rev": 0, "name": "Cy", "teams": ["care"]}
        self.world.api("PUT", "/api/agents/cy", body, ADA)
