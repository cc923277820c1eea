"""Meter: counts that become CloudWatch metrics by one JSON line each (Embedded Metric Format).

Powertools Metrics holds one set of dimensions a flush, so counts with different dimensions would
each need their own object; this groups them: one line for each set of dimensions in an invocation.
No request is made: CloudWatch reads the log. Every count is a metric by `stage` alone, which alarms
use, and one by `stage` and its own dimensions. Format:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime

Dimensions = tuple[tuple[str, str], ...]


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

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Add to a count.

        Dimensions must have few different values: each combination is a metric that costs money.
        """
        held = tuple(sorted((key, text) for key, text in dimensions.items() if text))
        self._counts.setdefault(held, Counter())[name] += value

    def flush(self) -> None:
        """Write the counts and forget them."""
        counts, self._counts = self._counts, {}
        for dimensions, values in counts.items():
            self._write(self._line(dimensions, values))

    def _line(self, dimensions: Dimensions, values: Counter[str]) -> str:
        own = [name for name, _ in dimensions]
        metrics = {
            "Namespace": self._namespace,
            "Dimensions": [["stage"], ["stage", *own]] if own else [["stage"]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
        }
        stamp = {"Timestamp": int(self._now().timestamp() * 1000), "CloudWatchMetrics": [metrics]}
        return json.dumps(
            {"_aws": stamp, "stage": self._stage, **dict(dimensions), **values},
            separators=(",", ":"),
        )
