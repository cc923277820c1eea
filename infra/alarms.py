"""Alarms: what infra/alarms.yaml asks for, as CloudFormation's resources.

Every alarm tells ops. One metric each and no arithmetic, so that whoever is woken sees the very
number that went over its bound.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from infra.errors import BuildError

PAGES = "docs/operations"
"""Where each alarm has a page of its name."""

Json = dict[str, Any]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of alarms.yaml. `seconds` is the period, `times` how many periods in a row.

    `statistic` is one of CloudWatch's (Sum, Maximum ...) or a percentile (p99).
    """

    metric: str
    statistic: str
    seconds: int
    text: str
    of: Json = {}
    each: str = ""
    above: float | None = None
    below: float | None = None
    times: int = 1
    missing: str = "notBreaching"
    back: bool = False


def alarms(rows: Mapping[str, object], resources: Mapping[str, Json]) -> Json:
    """Return the alarms by their logical ids.

    `resources` are the template's others: `each` makes an alarm for every one of a kind. Raises
    BuildError.
    """
    made: Json = {}
    for name, content in rows.items():
        try:
            row = msgspec.convert(content, Row)
        except msgspec.ValidationError as error:
            raise BuildError(f"alarms.yaml, {name}: {error}") from None
        if (row.above is None) == (row.below is None):
            raise BuildError(f"alarms.yaml, {name}: say either above or below")
        for part, dimensions in _subjects(name, row, resources):
            logical = "".join(word.capitalize() for word in f"{name}-{part}".split("-"))
            made[f"{logical.replace('_', '')}Alarm"] = _alarm(name, part, row, dimensions)
    return made


def _subjects(name: str, row: Row, resources: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield what an alarm is made for: the part of its name, and the metric's dimensions."""
    if row.each == "functions":
        for logical, resource in resources.items():
            full = resource.get("Properties", {}).get("FunctionName")
            if isinstance(full, dict):
                yield str(full["Fn::Sub"]).rpartition("-")[2], {"FunctionName": {"Ref": logical}}
    elif row.each == "indexes":
        for index in resources["Table"]["Properties"]["GlobalSecondaryIndexes"]:
            index_name = index["IndexName"]
            dimensions = {"TableName": {"Ref": "Table"}, "GlobalSecondaryIndexName": index_name}
            yield index_name, dimensions
    elif row.each:
        raise BuildError(f"alarms.yaml, {name}: there is no way to make one for {row.each}")
    else:
        yield "", row.of


def _alarm(name: str, part: str, row: Row, dimensions: Json) -> Json:
    namespace, _, metric = row.metric.partition(" ")
    full = f"{name}.{part}" if part else name
    tell = [{"Ref": "Ops"}]
    properties: Json = {
        "AlarmName": {"Fn::Sub": f"hearback-${{Stage}}-{full}"},
        "AlarmDescription": f"{row.text} What to do: {PAGES}/{name}.md",
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "ExtendedStatistic" if row.statistic.startswith("p") else "Statistic": row.statistic,
        "Period": row.seconds,
        "EvaluationPeriods": row.times,
        "ComparisonOperator": (
            "LessThanThreshold" if row.above is None else "GreaterThanThreshold"
        ),
        "Threshold": row.below if row.above is None else row.above,
        "TreatMissingData": row.missing,
        "AlarmActions": tell,
    }
    if row.back:
        properties["OKActions"] = tell
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
