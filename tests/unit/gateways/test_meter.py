"""Meter: counts become lines of the Embedded Metric Format, one for each set of dimensions."""

import json
from datetime import UTC, datetime

from chalicelib.gateways.meter import Meter

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def made():
    lines = []
    return Meter("Hearback", "test", lambda: NOW, lines.append), lines


def test_counts_are_summed_and_written_once():
    meter, lines = made()
    meter.count("EventQueued", room="meta")
    meter.count("EventQueued", 4, room="meta")
    meter.count("EventIgnored", room="meta")
    meter.flush()
    meter.flush()
    (line,) = map(json.loads, lines)
    assert line == {
        "_aws": {
            "Timestamp": 1793610000000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Hearback",
                    "Dimensions": [["stage"], ["stage", "room"]],
                    "Metrics": [
                        {"Name": "EventQueued", "Unit": "Count"},
                        {"Name": "EventIgnored", "Unit": "Count"},
                    ],
                }
            ],
        },
        "stage": "test",
        "room": "meta",
        "EventQueued": 5,
        "EventIgnored": 1,
    }


def test_different_dimensions_are_different_lines_and_empty_ones_are_left_out():
    meter, lines = made()
    meter.count("X", room="meta")
    meter.count("X", room="standard")
    meter.count("X", room="")
    meter.flush()
    assert [json.loads(line).get("room") for line in lines] == ["meta", "standard", None]
    assert json.loads(lines[2])["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage"]]


def test_nothing_counted_is_nothing_written():
    meter, lines = made()
    meter.flush()
    assert lines == []


def test_times_keep_every_value_so_that_percentiles_are_exact():
    meter, lines = made()
    for milliseconds in range(150):
        meter.took("TimerDrift", milliseconds)
    meter.flush()
    meter.flush()
    first, second = map(json.loads, lines)
    assert first["TimerDrift"] == list(range(100))
    assert second["TimerDrift"] == list(range(100, 150))
    (told,) = first["_aws"]["CloudWatchMetrics"]
    assert told["Metrics"] == [{"Name": "TimerDrift", "Unit": "Milliseconds"}]
    assert told["Dimensions"] == [["stage"]]
