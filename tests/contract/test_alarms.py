"""Alarms: whatever can go wrong unseen has one, and every one has a page that says what to do."""

import json
import re
from pathlib import Path

import pytest

from chalicelib.domain.delivery import ATTEMPTS
from infra import package
from infra.alarms import PAGES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / PAGES
INDEX = "README"
OF_CASES = frozenset({"nobody-on-shift", "pages", "personal-data"})
"""Pages about what the team is told of cases, by the topics that people subscribe to."""
GUIDES = frozenset({"trying-a-policy"})
"""Pages about something to do, and not about something that rings."""
FAULT = re.compile(
    r"(Failed|Lost|Missing|Refused|Unknown|Broken|Silent|Dropped|GivenUp|Withheld|NotQueued)$"
)
"""How the counts of what went wrong end."""
COUNTED_ELSEWHERE = re.compile(r"(?:count|took)\(\s*\"(\w+)\"")


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    return package.template("prod", tmp_path_factory.mktemp("template") / "prod")["Resources"]


@pytest.fixture(scope="module")
def alarms(resources):
    """Every alarm by its name without the stage."""
    found = [
        one["Properties"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"
    ]
    named = {one["AlarmName"]["Fn::Sub"].removeprefix("hearback-${Stage}-"): one for one in found}
    assert len(named) == len(found)
    return named


def watched(alarms):
    """Return what is watched: the metric, and of which part."""
    return {
        (alarm["Namespace"], alarm["MetricName"], json.dumps(value))
        for alarm in alarms.values()
        for value in (dimension["Value"] for dimension in alarm["Dimensions"])
    }


def of(resources, kind):
    return {name for name, one in resources.items() if one["Type"] == kind}


def ref(name):
    return json.dumps({"Ref": name})


def attribute(name, kind):
    return json.dumps({"Fn::GetAtt": [name, kind]})


def test_every_queue_is_watched(resources, alarms):
    """Its dead letters by their number, a living one by the age of its oldest message."""
    seen = watched(alarms)
    for name in of(resources, "AWS::SQS::Queue"):
        metric = (
            "ApproximateNumberOfMessagesVisible"
            if name.endswith("Dead")
            else "ApproximateAgeOfOldestMessage"
        )
        assert ("AWS/SQS", metric, attribute(name, "QueueName")) in seen, name


def test_every_living_queue_has_dead_letters_and_time(resources):
    queues = of(resources, "AWS::SQS::Queue")
    for name in (one for one in queues if not one.endswith("Dead")):
        policy = resources[name]["Properties"]["RedrivePolicy"]
        assert policy["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues
        assert policy["maxReceiveCount"] > ATTEMPTS, name


def test_every_function_is_watched(resources, alarms):
    seen = watched(alarms)
    for name in of(resources, "AWS::Serverless::Function"):
        for metric in ("Errors", "Throttles"):
            assert ("AWS/Lambda", metric, ref(name)) in seen, (name, metric)
    assert ("AWS/Lambda", "IteratorAge", ref("Stream")) in seen


def test_every_machine_is_watched(resources, alarms):
    seen = watched(alarms)
    for name in of(resources, "AWS::StepFunctions::StateMachine"):
        for metric in (
            "ExecutionsFailed",
            "ExecutionsTimedOut",
            "ExecutionsAborted",
            "ExecutionThrottled",
        ):
            assert ("AWS/States", metric, ref(name)) in seen, metric


def test_the_table_and_each_of_its_indexes_are_watched(resources, alarms):
    seen = watched(alarms)
    indexes = resources["Table"]["Properties"]["GlobalSecondaryIndexes"]
    for part in [ref("Table"), *(json.dumps(one["IndexName"]) for one in indexes)]:
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
            assert ("AWS/DynamoDB", metric, part) in seen, part


def test_every_topic_of_ours_is_watched(resources, alarms):
    """The topic of ops is the one that cannot be: nobody would hear of it."""
    seen = watched(alarms)
    for name in of(resources, "AWS::SNS::Topic") - {"Ops"}:
        failed = ("AWS/SNS", "NumberOfNotificationsFailed", attribute(name, "TopicName"))
        assert failed in seen, name


def test_our_own_counts_exist_and_are_counted_by_stage(alarms):
    """An alarm on a count that no code makes would be silent for ever."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "chalicelib").rglob("*.py"))
    counted = set(COUNTED_ELSEWHERE.findall(code))
    ours = [alarm for alarm in alarms.values() if alarm["Namespace"] == "Hearback"]
    assert {alarm["MetricName"] for alarm in ours} <= counted
    for alarm in ours:
        assert alarm["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Stage"}}]
    must = {"Quarantined", "CaseStuck", "DoorFailed", "ReplyUnknown", "ReplyFailed"}
    assert must <= {alarm["MetricName"] for alarm in ours}


def test_every_alarm_tells_ops(alarms):
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Ops"}], name
        assert alarm.get("OKActions", alarm["AlarmActions"]) == alarm["AlarmActions"], name


def test_no_data_is_no_news_but_where_silence_is_the_fault(alarms):
    """A metric that counts faults has no data on a good day; what runs by the clock has some."""
    silent = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert silent == {"sweep-silent", "poll-silent", "watch-silent"}
    rest = {alarm["TreatMissingData"] for name, alarm in alarms.items() if name not in silent}
    assert rest == {"notBreaching"}


def test_nothing_lost_waits_longer_than_a_minute_to_be_told(alarms):
    for name in ("inbox-dead-letters", "outbox-dead-letters", "stream-dead-letters",
                 "files-dead-letters", "hooks-dead-letters", "notices-dead-letters",
                 "quarantined", "case-stuck", "executions-failed"):  # fmt: skip
        alarm = alarms[name]
        assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (60, 1, 0), name
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_every_alarm_has_a_page_and_every_page_an_alarm(alarms):
    """`hearback-prod-function-errors.inbox` is explained by function-errors.md."""
    pages = {path.stem for path in DOCS.glob("*.md")} - {INDEX}
    assert pages - OF_CASES - GUIDES == {name.partition(".")[0] for name in alarms}
    assert pages >= OF_CASES | GUIDES


def test_every_alarm_names_its_page(alarms):
    for name, alarm in alarms.items():
        page = f"{PAGES}/{name.partition('.')[0]}.md"
        assert alarm["AlarmDescription"].endswith(page), name


def test_the_index_lists_every_page(alarms):
    linked = set(re.findall(r"\]\(([\w-]+)\.md\)", (DOCS / f"{INDEX}.md").read_text("utf-8")))
    assert linked - OF_CASES - GUIDES == {name.partition(".")[0] for name in alarms}
    assert linked >= OF_CASES | GUIDES


def test_the_index_says_how_many_alarms_there_are(alarms):
    """What they cost a month follows from it."""
    told = re.search(r"^(\d+) alarms", (DOCS / f"{INDEX}.md").read_text("utf-8"), re.MULTILINE)
    assert int(told.group(1)) == len(alarms)


def test_what_nobody_is_called_for_is_named_as_such(alarms):
    """Each count that could mean a fault either rings or stands in the index, with its reason."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "chalicelib").rglob("*.py"))
    faults = {name for name in COUNTED_ELSEWHERE.findall(code) if FAULT.search(name)}
    rings = {alarm["MetricName"] for alarm in alarms.values()}
    text = (DOCS / f"{INDEX}.md").read_text("utf-8").partition("## Counts without an alarm")[2]
    silent = set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))
    assert faults - rings - silent == set()
    assert silent & rings == set()
    assert silent <= set(re.findall(r"\"(\w+)\"", code))


def test_every_page_says_what_it_means_and_what_to_do(alarms):
    for page in {name.partition(".")[0] for name in alarms}:
        text = (DOCS / f"{page}.md").read_text("utf-8")
        assert text.startswith(f"# {page}\n"), page
        assert "\n## What it means\n" in text, page
        assert "\n## What to do\n" in text, page


def test_every_command_in_the_pages_is_one():
    """Each `python -m infra.commands` line is understood by the program's own parser."""
    from infra.commands import _parser

    found = [
        line
        for path in DOCS.glob("*.md")
        for line in re.findall(r"-m infra\.commands (--stage [^`\n]+)", path.read_text("utf-8"))
    ]
    assert len(found) > 20
    for line in (one for one in found if "<command>" not in one):
        words = re.sub(
            r"<[\w ]+>", "x", re.sub(r" < \S+", "", line)
        )  # a file, and what stands for an id
        _parser().parse_args(words.split())
