"""Meter: counts and times that become CloudWatch metrics (Embedded Metric Format).

Powertools Metrics holds one set of dimensions a flush, so counts with different dimensions would
each need their own object; this groups them: one line for each set of dimensions in an invocation.
No request is made: CloudWatch reads the log. Every count is a metric by `stage` alone, which alarms
use, and one by `stage` and its own dimensions. Format:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

Dimensions = tuple[tuple[str, str], ...]

MOST_VALUES = 100
"""How many values of one metric a line may hold (the format's own limit)."""


class Meter:
    """Gathers counts until `flush`, which ends every door. Satisfies `ports.Meter`."""

    def __init__(
        self,
        namespace: str,
        stage: str,
        now: Callable[[], datetime],
        write: Callable[[str], object] = print,
    ) -> None:
        self._namespace = namespace
        self._stage = stage
        self._now = now
        self._write = write
        self._counts: dict[Dimensions, Counter[str]] = {}
        self._times: dict[str, list[int]] = {}

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Add to a count.

        Dimensions must have few different values: each combination is a metric that costs money.
        """
        held = tuple(sorted((key, text) for key, text in dimensions.items() if text))
        self._counts.setdefault(held, Counter())[name] += value

    def took(self, name: str, milliseconds: int) -> None:
        """Note a length of time; each stays a value of its own, so that percentiles are exact."""
        self._times.setdefault(name, []).append(milliseconds)

    def flush(self) -> None:
        """Write the counts and times and forget them."""
        counts, self._counts = self._counts, {}
        for dimensions, values in counts.items():
            self._write(self._line(dimensions, values, "Count"))
        times, self._times = self._times, {}
        for name, found in times.items():
            for first in range(0, len(found), MOST_VALUES):
                some = found[first : first + MOST_VALUES]
                self._write(self._line((), {name: some}, "Milliseconds"))

    def _line(self, dimensions: Dimensions, values: Mapping[str, object], unit: str) -> str:
        own = [name for name, _ in dimensions]
        metrics = {
            "Namespace": self._namespace,
            "Dimensions": [["stage"], ["stage", *own]] if own else [["stage"]],
            "Metrics": [{"Name": name, "Unit": unit} for name in values],
        }
        stamp = {"Timestamp": int(self._now().timestamp() * 1000), "CloudWatchMetrics": [metrics]}
        return json.dumps(
            {"_aws": stamp, "stage": self._stage, **dict(dimensions), **values},
            separators=(",", ":"),
        )
