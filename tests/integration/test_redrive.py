"""What was given up ends well: dead letters of each queue, effects never told, bodies set aside."""

import json
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.channels import transport
from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.channel import Channel
from chalicelib.domain.message import DeliveryState
from chalicelib.domain.page import PageState
from chalicelib.domain.policy import Endpoint, Handle
from chalicelib.entrypoints import tasks
from chalicelib.entrypoints.hooks import hooks
from chalicelib.entrypoints.inbox import inbox
from chalicelib.entrypoints.outbox import outbox
from chalicelib.workflows import hooks as workflow
from infra import commands, effects, operations
from tests.fakes import house
from tests.fakes.gateway import Person
from tests.integration.aws_calls import NAME, recorded

ANN = Person("ann")


@pytest.fixture(scope="module")
def deployed():
    """One local AWS for these tests; each has a customer of its own."""
    with recorded() as world:
        world.parts.policies.publish(house.POLICY)
        world.parts.policies.make_current("v1")
        world.parts.agents.save(Agent("ann", "Ann", teams=("care",)))
        world.parts.agents.set_presence("ann", Presence.PRESENT, world.now())
        for name, held in (
            ("meta", {"app_secrets": [house.APP_SECRET], "tokens": {house.ACCOUNT: "t"}}),
            ("acme-shop", {"secrets": [house.HOOK_SECRET]}),
        ):
            world.cloud.secretsmanager.create_secret(
                Name=f"hearback/local/{name}", SecretString=json.dumps(held)
            )
        yield world


@pytest.fixture
def world(deployed, monkeypatch):
    """The stage, at rest, with platforms that take everything."""
    sent = []

    def post(request):
        sent.append(request)
        return transport.Answer(200, json.dumps({"message_id": f"out_{len(sent)}"}).encode())

    monkeypatch.setattr(transport, "exchange", post)
    monkeypatch.setattr(operations, "parts", lambda: deployed.parts)
    deployed.sent = sent
    deployed.rest()
    sent.clear()  # what the test before left to be sent
    return deployed


@pytest.fixture
def outputs(world):
    """What the stack tells of its queues, their dead letters new and empty for each test."""
    fifo = {"FifoQueue": "true"}
    made = {
        f"{queue.capitalize()}DeadUrl": world.cloud.sqs.create_queue(
            QueueName=f"{NAME}-{queue}-dead.fifo", Attributes=fifo
        )["QueueUrl"]
        for queue in ("inbox", "outbox")
    }
    made |= {
        f"{queue.capitalize()}DeadUrl": world.cloud.sqs.create_queue(
            QueueName=f"{NAME}-{queue}-dead"
        )["QueueUrl"]
        for queue in ("files", "hooks", "notices")
    }
    return made | {
        "InboxUrl": world.config.inbox_url,
        "OutboxUrl": world.config.outbox_url,
        "FilesUrl": world.config.files_url,
        "HooksUrl": world.config.hooks_url,
        "NoticesUrl": world.notices_url,
    }


def writes(world, sender, text="Where is my parcel?"):
    """Let a customer write; the delivery is on the inbox queue."""
    at = int(world.now().timestamp() * 1000)
    event = {"sender": {"id": sender}, "recipient": {"id": house.ACCOUNT}, "timestamp": at,
             "message": {"mid": f"m_{sender}", "text": text}}  # fmt: skip
    entry = {"id": house.ACCOUNT, "time": at, "messaging": [event]}
    raw = json.dumps({"object": "page", "entry": [entry]}).encode()
    assert world.api("POST", "/webhooks/meta", raw=raw, headers=house.signed(raw)).status == 200


def dies(world, living, dead):
    """Move what waits on a queue to its dead letters, as SQS does after the last try."""
    names = ["MessageGroupId", "MessageDeduplicationId"]
    found = world.cloud.sqs.receive_message(
        QueueUrl=living, MaxNumberOfMessages=10, MessageSystemAttributeNames=names
    ).get("Messages", [])
    for one in found:
        kept = {name: one["Attributes"][name] for name in names if living.endswith(".fifo")}
        world.cloud.sqs.send_message(QueueUrl=dead, MessageBody=one["Body"], **kept)
        world.cloud.sqs.delete_message(QueueUrl=living, ReceiptHandle=one["ReceiptHandle"])
    return len(found)


def answers(world, talk, text="On its way."):
    """Let the agent answer; nothing is told to the stream yet."""
    body = {"version": world.parts.conversations.get(talk.id).version, "text": text}
    answer = world.api("POST", f"/api/conversations/{talk.id}/replies", body, ANN)
    assert answer.status == 202, answer.body
    return answer.json["message"]["id"]


def state(world, talk, message_id):
    return world.parts.conversations.message(talk.id, message_id).delivery.state


def case_of(world, talk):
    """Return what the machine hands to its steps."""
    case = world.parts.conversations.get(talk.id).case
    return {
        "conversation_id": talk.id,
        "case_number": case.number,
        "generation": case.generation,
    }


def armed(world, talk):
    """Let the case's machine wait, as after its first steps."""
    world.step("Assign", tasks.assign, **case_of(world, talk))
    told = {"token": f"token-{talk.id}", "wait_seconds": 60, "loops": 0}
    world.step("Respond", tasks.respond, **case_of(world, talk), **told)


def test_dead_letters_of_the_inbox_become_cases(world, outputs):
    writes(world, "r1")
    assert dies(world, outputs["InboxUrl"], outputs["InboxDeadUrl"]) == 1
    assert operations.redrive(world.cloud, outputs, "inbox") == 1
    assert world.queue("Inbox", inbox, outputs["InboxUrl"]) == 1
    assert world.head("r1").case.number == 1
    assert operations.redrive(world.cloud, outputs, "inbox") == 0


def test_a_letter_redriven_though_it_was_stored_changes_nothing(world, outputs):
    writes(world, "r2")
    world.rest()
    before = world.head("r2")
    writes(world, "r2")  # the platform tells it again
    dies(world, outputs["InboxUrl"], outputs["InboxDeadUrl"])
    operations.redrive(world.cloud, outputs, "inbox")
    world.rest()
    assert world.head("r2").version == before.version


def test_dead_letters_of_the_outbox_are_sent_once(world, outputs):
    writes(world, "r3")
    world.rest()
    talk = world.head("r3")
    message_id = answers(world, talk)
    world.stream()
    assert dies(world, outputs["OutboxUrl"], outputs["OutboxDeadUrl"]) == 1
    assert state(world, talk, message_id) is DeliveryState.QUEUED
    assert operations.redrive(world.cloud, outputs, "outbox") == 1
    assert world.queue("Outbox", outbox, outputs["OutboxUrl"]) == 1
    assert state(world, talk, message_id) is DeliveryState.ACCEPTED
    assert len(world.sent) == 1


def owed(world):
    return effects.tell_again(world.cloud, NAME, world.parts)


def test_a_reply_that_the_stream_never_told_is_sent(world):
    writes(world, "r4")
    world.rest()
    talk = world.head("r4")
    message_id = answers(world, talk)
    world.forget_changes()
    assert owed(world)["orders queued"] == 1
    assert owed(world)["orders queued"] == 1  # twice: the queue and the message know the order
    world.rest()
    assert state(world, talk, message_id) is DeliveryState.ACCEPTED
    assert len(world.sent) == 1


def test_an_alert_that_nobody_was_told_is_told_once(world):
    writes(world, "r5")
    world.rest()
    talk = world.head("r5")
    armed(world, talk)
    world.now.go(hours=2)
    world.step("Breach", tasks.breach, **case_of(world, talk))
    world.forget_changes()
    assert owed(world)["alerts told"] >= 1
    assert owed(world)["alerts told"] == 0


def test_a_case_that_no_machine_waits_for_gets_a_fresh_one(world):
    """Its start or its waking was lost: the token that would wake the old one is gone."""
    writes(world, "r6")
    world.rest()
    talk = world.head("r6")
    assert talk.token == ""
    world.forget_changes()
    assert owed(world)["machines started again"] >= 1
    world.stream()
    again = world.parts.conversations.get(talk.id)
    assert again.case.generation == talk.case.generation + 1
    names = {one["name"] for one in world.executions()}
    assert f"{talk.id}-1-{again.case.generation}" in names


def test_a_case_whose_machine_waits_is_left_alone(world):
    writes(world, "r7")
    world.rest()
    talk = world.head("r7")
    armed(world, talk)
    before = world.parts.conversations.get(talk.id)
    assert before.token
    owed(world)
    assert world.parts.conversations.get(talk.id) == before


def test_a_page_that_no_machine_waits_for_gets_a_fresh_one(world):
    """Its start or its waking was lost; one that waits, or is over, is left alone."""
    writes(world, "r12")
    world.rest()
    talk = world.head("r12")
    armed(world, talk)
    world.now.go(hours=2)
    world.step("Breach", tasks.breach, **case_of(world, talk))
    world.rest()
    pages = world.parts.pages
    page = next(one for one in pages.listed("care", 10) if one.kind == "breach")
    assert page.token == ""
    world.forget_changes()
    assert owed(world)["pages started again"] >= 1
    world.stream()
    again = pages.get(page.id)
    assert again.generation == page.generation + 1
    started = world.cloud.stepfunctions.list_executions(stateMachineArn=world.config.ladder_arn)
    assert f"{page.id}-{again.generation}" in {one["name"] for one in started["executions"]}
    pages.arm(page.id, again.rev, "ladder-token", world.now())
    waiting = pages.get(page.id)
    owed(world)
    assert pages.get(page.id) == waiting
    over = pages.save(replace(waiting, state=PageState.OVER, over_at=world.now(), token=""))
    owed(world)
    assert pages.get(page.id) == over


def test_waiting_cases_are_given_to_agents(world):
    world.parts.agents.set_presence("ann", Presence.AWAY, world.now())
    writes(world, "r8")
    world.rest()
    talk = world.head("r8")
    armed(world, talk)
    world.parts.agents.set_presence("ann", Presence.PRESENT, world.now())
    world.forget_changes()
    assert owed(world)["cases given to agents"] == 1
    assert world.parts.conversations.get(talk.id).case.assignee == "ann"


def test_only_letters_from_before_are_forgotten(world):
    """One that dies while the table is read has not been looked at."""
    url = world.cloud.sqs.create_queue(QueueName=f"{NAME}-stream-dead")["QueueUrl"]
    world.cloud.sqs.send_message(QueueUrl=url, MessageBody="{}")
    now = datetime.now(UTC)
    assert operations.forget_letters(world.cloud, url, now - timedelta(minutes=1)) == 0
    world.cloud.sqs.purge_queue(QueueUrl=url)
    world.cloud.sqs.send_message(QueueUrl=url, MessageBody="{}")
    assert operations.forget_letters(world.cloud, url, now + timedelta(minutes=1)) == 1


def test_replies_that_need_a_person_are_listed(world, monkeypatch):
    writes(world, "r9")
    world.rest()
    talk = world.head("r9")

    def refused(_):
        return transport.Answer(400, b'{"error": {"code": 190, "message": "no"}}')

    monkeypatch.setattr(transport, "exchange", refused)
    message_id = answers(world, talk)
    world.rest()
    lines = list(effects.unsettled(world.cloud, NAME))
    assert f"failed   {talk.id}  message {message_id}" in lines


def test_a_replay_has_the_key_that_the_senders_own_repeat_has(world, monkeypatch):
    """So a delivery that was kept, replayed and sent again by its sender is stored once."""
    body = json.dumps({
        "type": "message.created", "timestamp": world.now().isoformat(),
        "data": {"id": "m-replay", "contact": {"id": "r10", "name": "Ana"}, "text": "Hello?"},
    }).encode()  # fmt: skip
    from chalicelib.entrypoints import receiving

    known = receiving.room

    def broken(name):
        raise ValueError(name)

    monkeypatch.setattr(receiving, "room", broken)
    world.hook(body, "evt-1")
    monkeypatch.setattr(receiving, "room", known)
    (line,) = operations.replay(world.cloud, world.config.quarantine_bucket)
    assert line.startswith("queued body/standard/")
    first = queued_key(world)
    world.hook(body, "evt-1")
    assert queued_key(world) in (first, "")  # the queue itself drops the repeat, or it has the key


def queued_key(world):
    """Return the key of the one event on the inbox queue, taking it off; empty when none is."""
    url = world.config.inbox_url
    found = world.cloud.sqs.receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["All"]
    ).get("Messages", [])  # fmt: skip
    for one in found:
        world.cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return found[0]["Attributes"]["MessageDeduplicationId"] if found else ""


def test_the_command_for_the_stream_does_what_is_owed_and_settles_its_letters(world, capsys):
    writes(world, "r11")
    world.rest()
    answers(world, world.head("r11"))
    world.forget_changes()
    url = world.cloud.sqs.create_queue(QueueName=f"{NAME}-stream-dead")["QueueUrl"]
    world.cloud.sqs.purge_queue(QueueUrl=url)
    world.cloud.sqs.send_message(QueueUrl=url, MessageBody='{"DDBStreamBatchInfo": {}}')
    wanted = Namespace(queue=commands.STREAM)
    told = {"TableName": NAME, "StreamDeadUrl": url}
    commands.redrive(commands.Order(world.cloud, "local", told, wanted))
    said = capsys.readouterr().out
    assert "1 orders queued" in said
    assert "1 dead letters of the stream are settled" in said


def test_a_file_that_the_stream_never_ordered_is_fetched(world):
    shows(world, "f1")
    world.queue("Inbox", inbox, world.config.inbox_url)
    world.forget_changes()
    talk = world.head("f1")
    done = effects.tell_again(world.cloud, world.config.table, world.parts)
    assert done["files ordered"] == 1
    world.rest()
    (message,) = world.parts.views.messages(talk.id, 5).rows
    assert message.attachments[0].key == f"media/{talk.id}/{message.id}/0"
    again = effects.tell_again(world.cloud, world.config.table, world.parts)
    assert again["files ordered"] == 0


def test_dead_letters_of_files_are_fetched(world, outputs):
    """The order lies among the dead; the message still says that its file is wanted."""
    shows(world, "f2")
    world.queue("Inbox", inbox, world.config.inbox_url)
    world.stream()
    assert dies(world, outputs["FilesUrl"], outputs["FilesDeadUrl"]) == 1
    talk = world.head("f2")
    assert operations.redrive(world.cloud, outputs, "files") == 1
    world.rest()
    (message,) = world.parts.views.messages(talk.id, 5).rows
    assert message.attachments[0].key == f"media/{talk.id}/{message.id}/0"


def test_dead_letters_of_hooks_are_told_under_the_id_that_they_always_had(world, outputs):
    """A repeat is recognised by it at the company's own system."""
    crm = Endpoint("crm", "https://crm.example.com/in", "acme-shop", events=("note.added",))
    world.parts.policies.publish(replace(house.POLICY, version="v2", endpoints=(crm,)))
    world.parts.policies.make_current("v2")
    world.now.go(minutes=1)  # until every process knows
    writes(world, "h1")
    world.rest()
    talk = world.head("h1")
    world.sent.clear()
    body = {"version": world.parts.conversations.get(talk.id).version, "text": "Careful."}
    assert world.api("POST", f"/api/conversations/{talk.id}/notes", body, ANN).status < 300
    world.stream()
    ids = []
    for _ in range(2):
        while world.queue("Hooks", hooks, outputs["HooksUrl"]):
            pass
        ids.append([one.headers["webhook-id"] for one in world.sent])
        world.sent.clear()
        if len(ids) == 1:
            told_again(world, talk)
            assert dies(world, outputs["HooksUrl"], outputs["HooksDeadUrl"]) == 1
            assert operations.redrive(world.cloud, outputs, "hooks") == 1
    assert len(ids[0]) == 1
    assert ids[0] == ids[1]
    world.parts.policies.make_current("v1")
    world.now.go(minutes=1)


def test_dead_letters_of_notices_become_cases_once(world, outputs):
    """A text message whose notice died twice over is one message."""
    at = world.now()
    told = {"originationNumber": "+15550177", "destinationNumber": "+15550199",
            "messageKeyword": "K", "messageBody": "Hello?", "inboundMessageId": "i-77"}  # fmt: skip
    envelope = {"Type": "Notification", "MessageId": "n-77", "Message": json.dumps(told),
                "Timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "TopicArn": "t"}  # fmt: skip
    text = Handle("text", Channel.SMS, "+15550199", "Text", "care")
    policy = replace(house.POLICY, version="v3", handles=(*house.POLICY.handles, text))
    world.parts.policies.publish(policy)
    world.parts.policies.make_current("v3")
    world.now.go(minutes=1)
    for _ in range(2):
        world.notice(json.dumps(envelope))
    assert dies(world, outputs["NoticesUrl"], outputs["NoticesDeadUrl"]) == 2
    assert operations.redrive(world.cloud, outputs, "notices") == 2
    world.rest()
    talk = world.head("+15550177")
    assert [one.text for one in world.parts.views.messages(talk.id, 5).rows] == ["Hello?"]
    world.parts.policies.make_current("v1")
    world.now.go(minutes=1)


def shows(world, sender):
    """Let a customer send a picture; the delivery is on the inbox queue."""
    at = int(world.now().timestamp() * 1000)
    picture = {"type": "image", "payload": {"url": "https://cdn.example.com/1"}}
    event = {"sender": {"id": sender}, "recipient": {"id": house.ACCOUNT}, "timestamp": at,
             "message": {"mid": f"m_{sender}", "attachments": [picture]}}  # fmt: skip
    entry = {"id": house.ACCOUNT, "time": at, "messaging": [event]}
    raw = json.dumps({"object": "page", "entry": [entry]}).encode()
    assert world.api("POST", "/webhooks/meta", raw=raw, headers=house.signed(raw)).status == 200


def told_again(world, talk):
    """Put the news of the conversation's newest log row on the queue once more."""
    version = world.parts.conversations.get(talk.id).version
    workflow.enqueue(world.parts, talk.id, version)


@pytest.mark.parametrize("queue", ["files", "hooks", "notices"])
def test_dead_letters_of_a_queue_without_groups_go_back_too(world, queue):
    """Standard queues take no group and no key of a letter."""
    urls = [
        world.cloud.sqs.create_queue(QueueName=f"{NAME}-{queue}-{end}")["QueueUrl"]
        for end in ("dead", "again")
    ]
    name = queue.capitalize()
    outputs = dict(zip((f"{name}DeadUrl", f"{name}Url"), urls, strict=True))
    for number in range(2):
        world.cloud.sqs.send_message(QueueUrl=urls[0], MessageBody=f"letter {number}")
    assert operations.redrive(world.cloud, outputs, queue) == 2
    found = world.cloud.sqs.receive_message(QueueUrl=urls[1], MaxNumberOfMessages=10)["Messages"]
    assert sorted(one["Body"] for one in found) == ["letter 0", "letter 1"]
