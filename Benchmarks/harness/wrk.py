"""Load from wrk: one thread, a number of connections, each with one request at a time."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench import ROOT, MeasurementFailed
from harness.latency import Latencies, uncorrected
from harness.processes import base_environment

SCRIPT = ROOT / "Benchmarks/load.lua"
# How many connections the rounds have where nothing else is said.
CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    """The result of one round of load."""

    requests: int
    seconds: float
    latencies: Latencies

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def load(url: str, seconds: float, *, connections: int, task: bool, errors: Path) -> Load:
    """Sends requests for some seconds. Raises if any of them failed."""
    # A request may wait long, and is still counted: wrk's own limit of two seconds would make it an error.
    command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--timeout", "30s", "-s", str(SCRIPT), url]
    done = subprocess.run(
        [*command, "--", "task" if task else "get"],
        env=base_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=seconds + 60,
    )
    report = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or len(report) != 1:
        raise MeasurementFailed(f"wrk ended with {done.returncode}:\n{done.stdout}")
    found: dict[str, Any] = json.loads(report[0])
    if found["refused"] or found["broken"] or not found["requests"]:
        raise MeasurementFailed(
            f"{url}: of {found['requests']} requests {found['refused']} were answered with an error and "
            f"{found['broken']} not at all; what the services said is in {errors}"
        )
    return Load(found["requests"], found["microseconds"] / 1e6, times(found, connections))


def times(found: dict[str, Any], connections: int) -> Latencies:
    """The answer times as they were measured. wrk corrects them if each connection had at least one answer."""
    counts = [(time, count) for time, count in found["times"]]
    each = found["requests"] // connections
    measured = uncorrected(counts, found["microseconds"] // each) if each else Latencies(counts)
    if measured.requests != found["requests"]:
        raise MeasurementFailed(f"wrk reported {measured.requests} answer times for {found['requests']} requests")
    return measured
