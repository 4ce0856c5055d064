"""One subject under load at one number of connections, and the order in which subjects take turns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from harness.bench import MeasurementFailed
from harness.chain import Chain
from harness.nginx import Nginx
from harness.wrk import Load, load

Each = TypeVar("Each")


@dataclass
class Lane:
    """What one subject showed, round by round."""

    name: str
    target: Chain | Nginx
    connections: int
    loads: list[Load] = field(default_factory=list)
    # CPU seconds of each of the subject's processes.
    cpu: list[dict[str, float]] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [each.rate for each in self.loads]

    @property
    def microseconds(self) -> list[float]:
        """CPU time per request, all processes together."""
        return [sum(cpu.values()) / each.requests * 1e6 for cpu, each in zip(self.cpu, self.loads, strict=True)]

    def microseconds_of(self, process: str) -> list[float]:
        return [cpu[process] / each.requests * 1e6 for cpu, each in zip(self.cpu, self.loads, strict=True)]

    def milliseconds(self, percent: float) -> list[float]:
        """A percentile of the answer times."""
        return [each.latencies.percentile(percent) / 1e3 for each in self.loads]

    @property
    def slowest_milliseconds(self) -> list[float]:
        return [each.latencies.slowest / 1e3 for each in self.loads]

    @property
    def slow(self) -> int:
        """How many requests of all rounds took more than ten times the median of their round."""
        return sum(each.latencies.slow for each in self.loads)

    @property
    def requests(self) -> int:
        return sum(each.requests for each in self.loads)

    def measure(self, seconds: float) -> None:
        created, before = self.tasks_created(), self.cpu_now()
        self.loads.append(self.send(seconds))
        # Work that is left over, such as sending the last spans, belongs to the requests too.
        time.sleep(0.75)
        self.cpu.append({process: after - before[process] for process, after in self.cpu_now().items()})
        self.check(self.loads[-1].requests, self.tasks_created() - created)

    def send(self, seconds: float) -> Load:
        is_chain = isinstance(self.target, Chain)
        errors = self.target.folder if isinstance(self.target, Chain) else Path(self.target.process.errors)
        return load(self.target.url, seconds, connections=self.connections, task=is_chain, errors=errors)

    def cpu_now(self) -> dict[str, float]:
        if isinstance(self.target, Chain):
            return self.target.cpu_seconds()
        return {"nginx": self.target.process.cpu_seconds()}

    def tasks_created(self) -> int:
        return self.target.tasks_created() if isinstance(self.target, Chain) else 0

    def check(self, answered: int, created: int) -> None:
        """Checks that each answer stands for a finished task: wrk only sees that it was not an error."""
        if isinstance(self.target, Chain) and self.target.has_metrics and created < answered:
            raise MeasurementFailed(
                f"{self.name}: of {answered} answers only {created} were 201 (logs: {self.target.folder})"
            )


def turns(subjects: Sequence[Each], number: int) -> list[Each]:
    """The order of one round. Two rounds start at each subject in turn: one goes forward, one backward.

    So nobody always has the same place or the same neighbour before it: what one leaves behind, such as dirty pages
    that are still being written, meets all alike.
    """
    start = number // 2 % len(subjects)
    order = [*subjects[start:], *subjects[:start]]
    return order[::-1] if number % 2 else order
