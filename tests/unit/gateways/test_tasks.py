"""Tasks: a standard queue, told once more when in doubt."""

import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.tasks import TaskQueue
from tests.unit.gateways.clients import stubbed

URL = "https://sqs.example.com/files"


@pytest.mark.parametrize(("asked", "told"), [(0, 0), (5, 5), (-3, 0), (10_000, 900)])
def test_a_task_is_sent_with_as_much_delay_as_there_is(asked, told):
    client, stubber = stubbed("sqs")
    wanted = {"QueueUrl": URL, "MessageBody": "ä", "DelaySeconds": told}
    stubber.add_response("send_message", {"MessageId": "1", "MD5OfMessageBody": "x"}, wanted)
    TaskQueue(client, URL).send("ä".encode(), delay_seconds=asked)
    stubber.assert_no_pending_responses()


def test_a_task_that_the_queue_does_not_take_is_an_error():
    client, stubber = stubbed("sqs")
    stubber.add_client_error("send_message", "ServiceUnavailable")
    with pytest.raises(ClientError):
        TaskQueue(client, URL).send(b"x")


@pytest.mark.parametrize(("asked", "told"), [(60, 60), (-1, 0), (100_000, 43_200)])
def test_a_task_is_put_off_for_twelve_hours_at_most(asked, told):
    client, stubber = stubbed("sqs")
    wanted = {"QueueUrl": URL, "ReceiptHandle": "r", "VisibilityTimeout": told}
    stubber.add_response("change_message_visibility", {}, wanted)
    TaskQueue(client, URL).postpone("r", asked)
    stubber.assert_no_pending_responses()
