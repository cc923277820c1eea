"""The dashboard shows what is measured, and how late timers fire above all."""

import json
import re

import pytest

from chalicelib.domain.policy import Policy
from infra import build
from infra.package import ROOT

COUNTED = re.compile(r"(?:count|took)\(\s*\"(\w+)\"")


@pytest.fixture(scope="module")
def template():
    return build.merge_template("prod", Policy("v1"))


@pytest.fixture(scope="module")
def widgets(template):
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return json.loads(body)["widgets"]


def test_drift_is_shown_with_half_the_99th_percentile_and_the_latest(widgets):
    shown = [
        metric[-1]["stat"]
        for widget in widgets
        for metric in widget["properties"]["metrics"]
        if metric[:2] == ["Hearback", "TimerDrift"]
    ]
    assert shown == ["p50", "p99", "Maximum"]


def test_every_metric_of_ours_is_one_that_is_counted(widgets):
    code = "".join(path.read_text("utf-8") for path in (ROOT / "chalicelib").rglob("*.py"))
    shown = {
        metric[1]
        for widget in widgets
        for metric in widget["properties"]["metrics"]
        if metric[0] == "Hearback"
    }
    assert shown <= set(COUNTED.findall(code))


def test_what_it_refers_to_is_in_the_template(template, widgets):
    named = set(re.findall(r"\$\{(\w+)[.}]", json.dumps(widgets)))
    assert named <= {*template["Resources"], *template["Parameters"]}


def test_widgets_do_not_overlap(widgets):
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(set(cells)) == len(cells)
    assert all(x < 24 for x, _ in cells)
