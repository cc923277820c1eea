"""Three hundred messages in a thousand deliveries.

Shuffled, doubled and partly at the same time, are three hundred messages.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest

from chalicelib.channels.meta.envelope import parse
from chalicelib.domain.message import Direction
from chalicelib.entrypoints.receiving import group_of, written_event
from infra.local.day.player import utc_now
from infra.local.simulator import messenger
from infra.local.simulator.happening import Happening
from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.signing import wire
from tests.e2e.conftest import ARCHIVE

CUSTOMERS, EACH, DELIVERIES, BEHIND = 50, 6, 1000, 100
SEED = 20260306


@pytest.fixture(scope="module")
def written():
    """Return the platform ids that each customer wrote, and the webhook of each message."""
    moments = [utc_now() - timedelta(seconds=number) for number in range(EACH)]
    ids = {
        f"8000000{customer:03d}": [f"m_thousand{customer:03d}{n}" for n in range(EACH)]
        for customer in range(CUSTOMERS)
    }
    bodies = {
        mid: wire(messenger.message(Happening(ARCHIVE, ref, at, id=mid, text=f"Text {mid} é")))
        for ref, mids in ids.items()
        for mid, at in zip(mids, moments, strict=True)
    }
    return ids, bodies


def deliver(house, bodies):
    """Deliver each body once and the rest of the thousand by chance, eight at a time."""
    dice = Random(SEED)
    names = [*bodies, *dice.choices(list(bodies), k=DELIVERIES - BEHIND - len(bodies))]
    dice.shuffle(names)
    post = house.post(threads=8)
    try:
        done = [post.now(Webhook(name, Door.META, bodies[name])) for name in names]
        assert {one.result().status for one in done} == {200}
    finally:
        post.close()


def deliver_behind_the_queue(house, bodies):
    """Deliver as if five minutes had passed: past the queue's own memory of what it has seen."""
    queue, url = house.stack.cloud.sqs, house.stack.outputs["InboxUrl"]
    chosen = Random(SEED + 1).sample(list(bodies), BEHIND)

    def send(name):
        (event,) = parse(bodies[name], utc_now()).events
        queue.send_message(
            QueueUrl=url,
            MessageBody=written_event(event).decode(),
            MessageGroupId=group_of(event),
            MessageDeduplicationId=str(uuid4()),
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, chosen))


def queue_is_empty(house):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = house.stack.cloud.sqs.get_queue_attributes(
        QueueUrl=house.stack.outputs["InboxUrl"], AttributeNames=names
    )
    return not any(int(count) for count in found["Attributes"].values())


def test_a_thousand_deliveries_are_three_hundred_messages(house, written, wait_for):
    ids, bodies = written
    assert len(bodies) == 300
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(deliver, house, bodies)
        pool.submit(deliver_behind_the_queue, house, bodies).result()
        first.result()
    wait_for(lambda: queue_is_empty(house))
    talks = {ref: house.talks().get(ref, []) for ref in ids}
    assert {ref: len(found) for ref, found in talks.items()} == dict.fromkeys(ids, 1)
    for ref, mids in ids.items():
        (talk,) = talks[ref]
        stored = Counter(m.platform_id for m in talk.messages)
        assert stored == Counter(mids)
        assert {m.text for m in talk.messages} == {f"Text {mid} é" for mid in mids}
        assert {m.direction for m in talk.messages} == {Direction.INBOUND}
        assert {m.case_number for m in talk.messages} == {1}
        assert (talk.case.number, talk.conversation.messages) == (1, EACH)
        assert len(talk.case.asks) == EACH


def test_each_of_those_cases_has_one_execution(house, written, wait_for):
    ids, _ = written
    states = house.stack.cloud.stepfunctions

    def names():
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=house.stack.outputs["MachineArn"]
        )
        return Counter(row["name"] for page in pages for row in page["executions"])

    wanted = {f"{t.case_id}-1" for ref in ids for t in house_conversations(house, ref)}
    wait_for(lambda: wanted <= names().keys())
    assert {name: count for name, count in names().items() if name in wanted} == dict.fromkeys(
        wanted, 1
    )


def house_conversations(house, ref):
    return [talk.conversation for talk in house.talks().get(ref, [])]
