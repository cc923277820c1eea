"""Queues: everything goes in tens, and what a queue did not take is handed back, never lost."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.gateways.queues import BATCH_BYTES, BATCH_COUNT, FifoQueue
from chalicelib.workflows.letter import Letter
from tests.unit.gateways.clients import stubbed

URL = "https://sqs.example.com/inbox.fifo"


class FakeSqs:
    """Takes batches; refuses the bodies in `refuse`, and fails `outages` requests."""

    def __init__(self, refuse=(), outages=0):
        self.refuse, self.outages, self.batches = set(refuse), outages, []

    def send_message_batch(self, **asked):
        if self.outages:
            self.outages -= 1
            raise EndpointConnectionError(endpoint_url=URL)
        self.batches.append(asked["Entries"])
        failed = [e for e in asked["Entries"] if e["MessageBody"] in self.refuse]
        return {"Failed": [{"Id": e["Id"], "SenderFault": False, "Code": "x"} for e in failed]}


def letters(*sizes):
    return [Letter(str(n).encode().ljust(size, b"."), "g", f"k{n}") for n, size in enumerate(sizes)]


@given(st.lists(st.integers(min_value=5, max_value=200_000), max_size=40))
def test_all_go_in_order_within_the_limits_of_a_request(sizes):
    sqs, sent = FakeSqs(), letters(*sizes)
    assert FifoQueue(sqs, URL).send_many(sent) == []
    assert [e["MessageDeduplicationId"] for batch in sqs.batches for e in batch] == [
        s.key for s in sent
    ]
    for batch in sqs.batches:
        assert 0 < len(batch) <= BATCH_COUNT
        assert len({e["Id"] for e in batch}) == len(batch)
        assert sum(len(e["MessageBody"]) for e in batch) <= BATCH_BYTES


def test_what_was_refused_is_tried_once_more_and_then_handed_back():
    sent = letters(*[10] * 12)
    sqs = FakeSqs(refuse={sent[3].body.decode(), sent[11].body.decode()})
    assert FifoQueue(sqs, URL).send_many(sent) == [sent[3], sent[11]]
    assert [len(batch) for batch in sqs.batches] == [10, 2, 2]


def test_an_outage_hands_back_what_it_hit_and_nothing_is_raised():
    sent = letters(*[10] * 12)
    assert FifoQueue(FakeSqs(outages=99), URL).send_many(sent) == sent
    assert FifoQueue(FakeSqs(outages=1), URL).send_many(sent) == []


def test_nothing_to_send_is_no_request():
    sqs = FakeSqs()
    assert FifoQueue(sqs, URL).send_many([]) == []
    assert sqs.batches == []


def test_one_message_carries_its_group_and_its_key():
    client, stubber = stubbed("sqs")
    wanted = {
        "QueueUrl": URL,
        "MessageBody": "hé",
        "MessageGroupId": "g",
        "MessageDeduplicationId": "k",
    }
    stubber.add_response("send_message", {}, wanted)
    FifoQueue(client, URL).send("hé".encode(), group="g", key="k")
    stubber.add_client_error("send_message", "OverLimit")
    with pytest.raises(ClientError):
        FifoQueue(client, URL).send(b"x", group="g", key="k")


def test_a_delay_of_one_message_is_refused_because_fifo_queues_have_none():
    with pytest.raises(ValueError):
        FifoQueue(FakeSqs(), URL).send(b"x", group="g", key="k", delay_seconds=1)


@pytest.mark.parametrize(("asked", "told"), [(45, 45), (-1, 0), (10**9, 43_200)])
def test_a_received_message_is_put_off_within_what_sqs_allows(asked, told):
    client, stubber = stubbed("sqs")
    wanted = {"QueueUrl": URL, "ReceiptHandle": "r", "VisibilityTimeout": told}
    stubber.add_response("change_message_visibility", {}, wanted)
    FifoQueue(client, URL).postpone("r", asked)
    stubber.assert_no_pending_responses()


def test_botocore_takes_the_batch():
    client, stubber = stubbed("sqs")
    stubber.add_response("send_message_batch", {"Successful": [], "Failed": []})
    assert FifoQueue(client, URL).send_many(letters(5)) == []
    stubber.assert_no_pending_responses()
