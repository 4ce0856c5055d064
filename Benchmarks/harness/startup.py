"""How long `tailspan up` takes until everything is ready."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

from harness.bench import PROGRAM, Bench, MeasurementFailed, say
from harness.processes import Process, Processes
from harness.results import Result, at_most, median

SECTION = "up"
READY = "everything is ready"


def measure(bench: Bench) -> Iterator[Result]:
    rounds = 3 if bench.quick else 7
    say(f"tailspan up, {rounds} times")
    times = [once(bench.subfolder(f"up-{number}")) for number in range(rounds)]
    yield median(SECTION, "ready", "tailspan up, until everything is ready", times, "s", at_most(1))


def once(folder: Path) -> float:
    command: list[str | Path] = [PROGRAM, "up", "--random-ports", "--quiet", "--no-color"]
    command += ["--log-dir", folder / "logs", "--data-dir", folder / "data"]
    with Processes() as processes:
        started = time.perf_counter()
        process = processes.start("up", command, {}, folder, pipe=True)
        wait_for_word(process)
        elapsed = time.perf_counter() - started
        # It stops its own processes in order.
        processes.stop(process, signal_number=signal.SIGINT)
    return elapsed


def wait_for_word(process: Process) -> None:
    assert process.handle.stdout is not None
    said: list[str] = []
    # It has its own deadline and ends after it.
    for line in process.handle.stdout:
        if READY in line:
            return
        said.append(line)
    raise MeasurementFailed(f"tailspan up did not become ready:\n{''.join(said)}{process.last_words()}")
