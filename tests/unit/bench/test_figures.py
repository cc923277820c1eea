"""Figures: the JSON is flat, complete and told apart, and a missed aim is never hidden."""

import json

import pytest

from bench.figures import Figure, line, write

REACHED = Figure("a", 1.25, "ratio", "the floor", "in process", aim=1.3)
MISSED = Figure("b", 1.31, "ratio", "the floor", "in process", aim=1.3)
ABSENT = Figure("c", None, "", "", "not measured: no Java", aim=1)


def test_an_aim_is_reached_up_to_its_very_value():
    assert Figure("a", 1.3, "", "", "", aim=1.3).met
    assert REACHED.met
    assert MISSED.met is False


def test_what_has_no_aim_or_no_value_is_neither_reached_nor_missed():
    assert ABSENT.met is None
    assert Figure("a", 1, "", "", "").met is None


def test_the_table_says_reached_missed_and_why_there_is_no_value():
    assert "reached" in line(REACHED)
    assert "MISSED" in line(MISSED)
    assert "no Java" in line(ABSENT)
    assert "MISSED" not in line(ABSENT)


def test_the_file_is_a_flat_object_of_the_four_facts(tmp_path):
    write([REACHED, MISSED, ABSENT], tmp_path / "new" / "bench.json")
    written = json.loads((tmp_path / "new" / "bench.json").read_text())
    assert set(written) == {"a", "b", "c"}
    assert written["a"] == {
        "value": 1.25, "unit": "ratio", "against": "the floor", "how": "in process",
    }  # fmt: skip
    assert written["c"]["value"] is None


def test_two_figures_of_one_name_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="one name"):
        write([REACHED, REACHED], tmp_path / "bench.json")
    assert not (tmp_path / "bench.json").exists()
