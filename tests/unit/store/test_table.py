"""How the table's own faults come out.

Tried again, told as busy, or told as what they are. No network: answers are scripted.
"""

import io
import json

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from pynamodb.exceptions import PynamoDBException

from chalicelib.store.conversations import Conversations
from chalicelib.store.rows import CONNECT_SECONDS, READ_SECONDS
from chalicelib.store.table import CONFLICT_CAP_SECONDS, CONFLICTS, USER_AGENT, Table
from chalicelib.workflows.ports import (
    BusyError,
    CapacityError,
    Commit,
    DuplicateMessageError,
    Load,
    StaleError,
)
from tests.contract.store_engines import NOON, conversation, entry, message


class Body(io.BytesIO):
    def stream(self, *_, **__):
        yield self.read()


class Scripted:
    """A table whose answers are given beforehand.

    A refusal's reasons, an error's code, or a lost connection.
    """

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []
        self.slept = []
        self.agents = set()
        table = Table(
            "t",
            region="us-east-1",
            host="http://127.0.0.1:9",
            sleep=self.slept.append,
            chance=lambda: 1.0,
        )
        self.client = table.connection.client
        self.client.meta.events.register("before-send.dynamodb", self._answer)
        self.conversations = Conversations(table, lambda: NOON)

    def _answer(self, request, **_):
        self.sent.append(json.loads(request.body))
        self.agents.add(request.headers["User-Agent"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return AWSResponse(request.url, 200, {}, Body(b"{}"))
        code, more = ("TransactionCanceledException", {"CancellationReasons": answer})
        if isinstance(answer, str):
            code, more = answer, {}
        status = 500 if code == "InternalServerError" else 400
        content = json.dumps(
            {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}
        )
        return AWSResponse(request.url, status, {}, Body(content.encode()))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def reasons(*codes):
    return [{"Code": code} for code in codes]


COMMIT = Commit(
    conversation=conversation("c"), insert=(message(conversation("c"), "m"),), entries=(entry(),)
)


def test_a_conflict_is_tried_again_after_a_growing_random_wait():
    scripted = Scripted(*[reasons("None", "TransactionConflict", "None")] * 3, None)
    scripted.conversations.commit(COMMIT)
    assert len(scripted.sent) == 4
    assert scripted.slept == [0.05, 0.1, 0.2]


def test_every_request_bears_the_fixed_name_and_keeps_the_other_settings():
    """botocore's own name is put together anew for each request, a tenth of its CPU."""
    scripted = Scripted(None)
    scripted.conversations.commit(COMMIT)
    # Powertools, once imported, adds a word of its own behind ours.
    assert {agent.split()[0] for agent in scripted.agents} == {USER_AGENT.encode()}
    assert scripted.client.meta.config.connect_timeout == CONNECT_SECONDS
    assert scripted.client.meta.config.read_timeout == READ_SECONDS


def test_a_lasting_conflict_is_busy():
    scripted = Scripted(reasons("TransactionConflict", "None", "None"))
    with pytest.raises(BusyError):
        scripted.conversations.commit(COMMIT)
    assert len(scripted.sent) == CONFLICTS + 1
    assert max(scripted.slept) == CONFLICT_CAP_SECONDS


def test_a_refused_condition_beside_a_conflict_decides():
    scripted = Scripted(reasons("ConditionalCheckFailed", "TransactionConflict", "None"))
    with pytest.raises(StaleError):
        scripted.conversations.commit(COMMIT)
    assert len(scripted.sent) == 1


def test_of_several_refusals_the_one_that_says_most_is_told():
    scripted = Scripted(None)
    scripted.conversations.commit(COMMIT)
    sent = scripted.sent[0]["TransactItems"]
    stored = next(
        put["Put"]["Item"] for put in sent if put["Put"]["Item"]["sk"]["S"].startswith("MSG#")
    )
    refused = [{"Code": "ConditionalCheckFailed"} for _ in sent]
    for reason, put in zip(refused, sent, strict=True):
        reason["Item"] = stored if put["Put"]["Item"] == stored else {}
    with pytest.raises(DuplicateMessageError) as told:
        Scripted(refused).conversations.commit(COMMIT)
    assert told.value.existing.text == "Where is my parcel?"


PASSING = """ThrottlingException ProvisionedThroughputExceededException InternalServerError
RequestLimitExceeded TransactionInProgressException""".split()


@pytest.mark.parametrize("code", PASSING)
def test_throttling_is_busy(code):
    with pytest.raises(BusyError):
        Scripted(code).conversations.commit(COMMIT)
    with pytest.raises(BusyError):
        Scripted(code).conversations.get("c")


def test_throttling_of_one_row_is_busy():
    with pytest.raises(BusyError):
        Scripted(reasons("None", "ThrottlingError", "None")).conversations.commit(COMMIT)


@pytest.mark.parametrize("error", [ReadTimeoutError, ConnectTimeoutError, EndpointConnectionError])
def test_a_lost_connection_is_busy(error):
    scripted = Scripted(error(endpoint_url="x", error="lost"))
    with pytest.raises(BusyError):
        scripted.conversations.arm("c", 1, "token", NOON)
    assert len(scripted.sent) > 1


@pytest.mark.parametrize(
    "code", ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"]
)
def test_a_fault_of_ours_is_told_as_it_is(code):
    with pytest.raises(PynamoDBException):
        Scripted(code).conversations.commit(COMMIT)
    with pytest.raises(PynamoDBException):
        Scripted(reasons("ValidationError", "None", "None")).conversations.commit(COMMIT)


def test_retries_of_one_commit_carry_one_token():
    """So the table itself recognises a commit that was written when its answer was lost."""
    scripted = Scripted(ReadTimeoutError(endpoint_url="x"), None)
    scripted.conversations.commit(COMMIT)
    first, second = (request["ClientRequestToken"] for request in scripted.sent)
    assert first == second


def test_a_claim_asks_for_presence_and_room_in_one_condition():
    scripted = Scripted(reasons("ConditionalCheckFailed"))
    with pytest.raises(CapacityError):
        scripted.conversations.commit(Commit(load=(Load("ann", 100, NOON, claim=True),)))
    update = scripted.sent[0]["TransactItems"][0]["Update"]
    assert update["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert {"S": "present"} in update["ExpressionAttributeValues"].values()


def test_the_client_waits_as_long_as_it_should_and_is_made_once():
    scripted = Scripted(None)
    config = scripted.client.meta.config
    assert (
        (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS) == (2, 5)
    )
    assert config.retries["total_max_attempts"] == 3
    table = Table("other", region="us-east-1")
    assert table.connection.client is table.connection.client
