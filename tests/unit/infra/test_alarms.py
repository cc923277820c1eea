"""Rows of alarms.yaml become alarms; a row that makes no sense is refused before AWS sees it."""

import pytest

from infra.alarms import alarms
from infra.errors import BuildError

ROW = {"metric": "AWS/SQS Age", "of": {"QueueName": "q"}, "statistic": "Maximum", "above": 5,
       "seconds": 60, "text": "It waits."}  # fmt: skip
FUNCTIONS = {
    "Inbox": {"Properties": {"FunctionName": {"Fn::Sub": "hearback-${Stage}-inbox"}}},
    "FollowUp": {"Properties": {"FunctionName": {"Fn::Sub": "hearback-${Stage}-follow_up"}}},
    "Table": {"Properties": {"GlobalSecondaryIndexes": [{"IndexName": "open"}]}},
}


def test_a_row_is_one_alarm_that_tells_ops_and_names_its_page():
    ((logical, made),) = alarms({"inbox-age": ROW}, {}).items()
    told = made["Properties"]
    assert logical == "InboxAgeAlarm"
    assert told["AlarmName"] == {"Fn::Sub": "hearback-${Stage}-inbox-age"}
    assert told["AlarmDescription"] == "It waits. What to do: docs/operations/inbox-age.md"
    assert (told["Namespace"], told["MetricName"]) == ("AWS/SQS", "Age")
    assert told["Dimensions"] == [{"Name": "QueueName", "Value": "q"}]
    assert (told["ComparisonOperator"], told["Threshold"]) == ("GreaterThanThreshold", 5)
    assert told["AlarmActions"] == [{"Ref": "Ops"}]
    assert "OKActions" not in told


def test_an_alarm_about_a_state_that_lasts_tells_also_when_it_is_over():
    (made,) = alarms({"inbox-age": ROW | {"back": True}}, {}).values()
    assert made["Properties"]["OKActions"] == [{"Ref": "Ops"}]


def test_silence_can_be_the_fault():
    row = {name: value for name, value in ROW.items() if name != "above"}
    (made,) = alarms({"silent": row | {"below": 1, "missing": "breaching"}}, {}).values()
    told = made["Properties"]
    assert told["ComparisonOperator"] == "LessThanThreshold"
    assert (told["Threshold"], told["TreatMissingData"]) == (1, "breaching")


def test_one_alarm_for_each_function():
    made = alarms({"function-errors": ROW | {"each": "functions"}}, FUNCTIONS)
    assert {name: one["Properties"]["AlarmName"]["Fn::Sub"] for name, one in made.items()} == {
        "FunctionErrorsInboxAlarm": "hearback-${Stage}-function-errors.inbox",
        "FunctionErrorsFollowupAlarm": "hearback-${Stage}-function-errors.follow_up",
    }
    told = made["FunctionErrorsInboxAlarm"]["Properties"]["Dimensions"]
    assert told == [{"Name": "FunctionName", "Value": {"Ref": "Inbox"}}]


def test_one_alarm_for_each_index():
    (made,) = alarms({"index-throttled": ROW | {"each": "indexes"}}, FUNCTIONS).values()
    assert made["Properties"]["Dimensions"] == [
        {"Name": "TableName", "Value": {"Ref": "Table"}},
        {"Name": "GlobalSecondaryIndexName", "Value": "open"},
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"below": 1}, "either above or below"),
        ({"above": None}, "either above or below"),
        ({"each": "topics"}, "no way to make one for topics"),
        ({"colour": "red"}, "colour"),
        ({"seconds": "a minute"}, "seconds"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_its_name(more, said):
    with pytest.raises(BuildError, match=f"inbox-age: .*{said}"):
        alarms({"inbox-age": ROW | more}, FUNCTIONS)
