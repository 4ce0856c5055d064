"""The duration of a clean release build."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

from harness.bench import ROOT, Bench, MeasurementFailed, say
from harness.results import Result, at_most

SECTION = "build"


def measure(bench: Bench) -> Iterator[Result]:
    say("a clean release build; this takes minutes")
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "tailspan"]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--scratch-path", str(bench.subfolder("build"))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    minutes = (time.perf_counter() - started) / 60
    if done.returncode != 0:
        raise MeasurementFailed(f"swift build ended with {done.returncode}:\n{done.stdout[-2000:]}")
    yield Result(SECTION, "release", "a clean release build", minutes, "min", at_most(5))
