"""Load from wrk: one thread, sixteen connections."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench import ROOT, MeasurementFailed
from harness.processes import base_environment

SCRIPT = ROOT / "Benchmarks/load.lua"
CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    """The result of one round of load."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def load(url: str, seconds: int, *, task: bool, errors: Path) -> Load:
    """Sends requests for some seconds. Raises if any of them failed."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT), url, "--"]
    done = subprocess.run(
        [*command, "task" if task else "get"],
        env=base_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=seconds + 30,
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
    return Load(found["requests"], found["seconds"], found["p50_ms"], found["p99_ms"])
