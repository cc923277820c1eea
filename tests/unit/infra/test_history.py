"""The commands dry-run, why and redecide, as an operator sees them."""

import json
from dataclasses import replace

import pytest

from infra import commands, history
from infra.errors import InfraError
from tests.unit.workflows.story import POLICY, Story

DAYS = ("2026-11-01", "2026-11-30")


@pytest.fixture
def story():
    """Nobody answered in time, and a tighter policy is stored."""
    told = Story()
    told.writes()
    told.loop.run(hours=3)
    tight = replace(
        POLICY, version="tight", targets=tuple(replace(t, seconds=60) for t in POLICY.targets)
    )
    told.store.policies.publish(tight)
    return told


def report(story, policy=None, file=None):
    *counts, data = history.dry_run(story.parts, policy, DAYS)
    assert counts == [1]
    return "\n".join(history.written(data, file))


def test_a_dry_run_prints_a_table_and_writes_all_of_it_to_a_file(story, tmp_path):
    file = tmp_path / "tried.json"
    text = report(story, history.named(story.parts, "tight"), file)
    assert "1 cases" in text
    assert "target 1 min instead of 1 d" in text
    data = json.loads(file.read_text("utf-8"))
    (flip,) = data["differences"]
    assert flip["clock"] == "resolution"
    assert "would have come out otherwise" not in report(story)


@pytest.mark.parametrize("days", [("soon", "2026-11-02"), ("2026-11-02", "2026-11-01")])
def test_a_period_is_two_days_in_their_order(days):
    with pytest.raises(InfraError):
        history.period(*days)


def test_a_period_ends_with_its_last_day():
    begin, end = history.period("2026-11-01", "2026-11-01")
    assert (end - begin).days == 1


def test_a_policy_that_is_not_stored_is_refused(story):
    assert history.named(story.parts, "") is None
    with pytest.raises(InfraError):
        history.named(story.parts, "nowhere")


def test_why_is_told_as_text_and_as_json(story):
    case_id = story.conversation.case_id
    text = "\n".join(history.why(story.parts, case_id, as_data=False))
    assert "deadline breached first_response #1" in text
    assert "1 h of open time" in text
    told = json.loads("\n".join(history.why(story.parts, story.conversation.id, as_data=True)))
    assert told["case"] == 1
    assert told["decisions"][0]["kind"] == "CaseOpened"
    with pytest.raises(InfraError):
        list(history.why(story.parts, f"{story.conversation.id}-9", as_data=False))


def test_one_case_or_all_open_ones_are_decided_anew(story):
    story.store.policies.make_current("tight")
    case_id = story.conversation.case_id
    assert list(history.redecide(story.parts, case_id, "")) == [
        f"{case_id}: 3 clocks came out otherwise"
    ]
    assert list(history.redecide(story.parts, "", "care")) == [
        "1 open cases: 0 clocks came out otherwise"
    ]


@pytest.mark.parametrize(
    ("line", "run", "facts"),
    [
        (
            "dry-run --version v2 --since 2026-11-01 --until 2026-11-30",
            "dry_run",
            {"version": "v2", "care": None, "json": None},
        ),
        ("why abc-1 --json", "why", {"case": "abc-1", "json": True}),
        ("redecide --open --team care", "redecide", {"case": "", "team": "care"}),
        ("redecide --case abc-1", "redecide", {"case": "abc-1", "open": False}),
    ],
)
def test_the_command_line_names_what_to_do(line, run, facts):
    options = commands._parser().parse_args(["--stage", "dev", *line.split()])
    assert options.run is getattr(commands, run)
    assert {name: getattr(options, name) for name in facts} == facts
