"""Measuring: what is counted is what left the process, and a broken measurement is no figure."""

import json
import time
from itertools import pairwise

import pytest

from bench import company, cpu, growth, imports
from bench.aws import Aws, served
from bench.engine import Count
from bench.growth import Cost, UnlikeError
from chalicelib.store import keys
from tests.unit.bench.steps import Stand


@pytest.mark.parametrize("size", [10, 1_000, 100_000])
def test_a_message_is_one_read_and_one_transaction_however_long_the_conversation(size):
    assert growth.message_made_up(size).requests == {"GetItem": 1, "TransactWriteItems": 1}


def test_a_page_of_the_inbox_is_the_same_requests_at_every_size():
    found = [growth.page_made_up(size) for size in (100, 10_000, 1_000_000)]
    assert found[0].requests == {"Query": keys.SHARDS, "BatchGetItem": 1}
    assert all(one.requests == other.requests for one, other in pairwise(found))
    assert found[1].bytes == found[2].bytes


def test_a_stand_in_that_asks_otherwise_than_the_table_gives_no_figure():
    with pytest.raises(UnlikeError):
        growth._agreed(Cost({"GetItem": 1}, 1, 1), Cost({"GetItem": 2}, 1, 1))


def test_cpu_is_measured_turn_and_turn_about_after_a_round_that_warms_up():
    turns = []
    ours, floor = cpu.interleaved(
        lambda one: turns.append(("ours", one)), lambda one: turns.append(("floor", one)), 2, 3
    )
    assert len(ours) == len(floor) == 2
    assert [who for who, _ in turns[::3]] == ["ours", "floor"] * 3
    assert [one for who, one in turns if who == "ours"] == list(range(9))


def test_more_work_is_more_cpu():
    def spin(_):
        ends = time.process_time() + 0.002
        while time.process_time() < ends:
            pass

    ours, floor = cpu.interleaved(spin, lambda _: None, 2, 2)
    assert min(ours) >= 0.002 > max(floor)


def test_the_doors_that_are_measured_are_those_of_the_template():
    found = {door.name: door.handler for door in imports.doors()}
    functions = {name for name in found if not name.startswith("api_handler")}
    assert functions == {
        "inbox", "outbox", "stream", "assign", "respond", "breach", "follow_up", "survey",
        "close", "stuck", "sweep",
    }  # fmt: skip
    assert found["api_handler"] == found["api_handler_people"] == "app.app"


def test_a_door_that_failed_gives_no_time():
    for answer in ({"statusCode": 503}, {"batchItemFailures": [{"itemIdentifier": "1"}]}):
        with pytest.raises(RuntimeError, match="says nothing"):
            imports._check("door", answer)
    imports._check("door", {"batchItemFailures": []})
    imports._check("door", None)


def test_the_package_is_unpacked_with_what_it_holds_and_is_gone_afterwards(tmp_path):
    code = Stand.zipped(tmp_path / "code.zip", {"a/b.py": b"x = 1\n"})
    with imports.unpacked(code) as (directory, megabytes):
        assert (directory / "a" / "b.py").read_bytes() == b"x = 1\n"
        assert (directory / "a" / "b.py").stat().st_mode & 0o222 == 0
        assert directory.stat().st_mode & 0o222 == 0
        assert megabytes == pytest.approx(6 / 1e6)
    assert not directory.exists()


def test_the_stand_in_answers_a_client_of_another_process():
    aws = Aws(company.begun().items(), company.SECRETS)
    with served(aws) as endpoint:
        client = Stand.client("dynamodb", endpoint)
        key = {"pk": {"S": keys.POLICY}, "sk": {"S": keys.CURRENT}}
        found = client.get_item(TableName="t", Key=key)["Item"]
        client.close()
    (published,) = json.loads(found["body"]["S"])
    assert published["version"] == company.policy().version
    assert aws.sent == {"GetItem": 1}
    assert aws.sent_bytes
    assert aws.got_bytes


def test_an_operation_that_the_stand_in_does_not_know_is_an_error():
    with pytest.raises(LookupError):
        Aws({}).answer("DynamoDB_20120810.Scan", b"{}")


def test_units_are_told_apart_and_nothing_is_counted_aside():
    count = Count()
    write, read = Stand.model("TransactWriteItems"), Stand.model("GetItem")
    with count.aside():
        count.sent(Stand.request(b"ab"), "before-send.dynamodb.GetItem")
        count.answered(Stand.response(b"abc"), {"ConsumedCapacity": {"CapacityUnits": 9}}, read)
    assert (count.total, count.read_units, count.got_bytes) == (0, 0, 0)
    count.sent(Stand.request(b"ab"), "before-send.dynamodb.GetItem")
    count.answered(Stand.response(b"abc"), {"ConsumedCapacity": {"CapacityUnits": 1}}, read)
    told = {"ConsumedCapacity": [{"CapacityUnits": 4}, {"CapacityUnits": 2.5}]}
    count.answered(Stand.response(b"abc"), told, write)
    assert (count.requests, count.sent_bytes, count.got_bytes) == ({"GetItem": 1}, 2, 6)
    assert (count.read_units, count.write_units) == (1, 6.5)


def test_the_measured_delivery_is_one_that_the_door_takes():
    """A refused webhook would be fast, and would say nothing."""
    body, headers = company.delivery(company.policy(), 7, company.NOON)
    assert json.loads(body)["entry"][0]["messaging"][0]["message"]["text"] == company.TEXT
    assert headers["X-Hub-Signature-256"].startswith("sha256=")
