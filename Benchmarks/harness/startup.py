"""How long `tailspan up` takes until everything is ready, and until the first answer."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench import Bench, MeasurementFailed
from harness.builds import Build
from harness.chain import first_task
from harness.lane import turns
from harness.processes import Process, Processes
from harness.progress import Progress
from harness.results import Aim, Result, at_most, at_most_times, median

SECTION = "up"
READY = "everything is ready"
# Rounds of one build differ by a few per cent.
NO_WORSE = at_most_times(1.1)
GATEWAY = re.compile(r"^\s*gateway\s+(http://\S+)$")


@dataclass
class Times:
    """Seconds from the start, round by round."""

    ready: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


def measure(bench: Bench) -> Iterator[Result]:
    rounds = 3 if bench.quick else 11
    times = {build.name: Times() for build in bench.builds}
    with Progress(SECTION, rounds * len(bench.builds)) as progress:
        for number in range(rounds):
            for build in turns(bench.builds, number):
                progress.step(f"round {number + 1} of {rounds}: {build.name}")
                once(build, bench.subfolder(f"up-{build.name}-{number}"), times[build.name])
    new = times[bench.new.name]
    old = times[bench.old.name] if bench.old else Times()
    group = "tailspan up, from its start"
    aim: Aim | None
    what, aim = "until everything is ready", NO_WORSE if bench.old else at_most(1)
    yield median(SECTION, "ready", what, new.ready, "s", aim, group=group, before=old.ready)
    what, aim = "until the first task is answered", NO_WORSE if bench.old else None
    yield median(SECTION, "answered", what, new.answered, "s", aim, group=group, before=old.answered)


def once(build: Build, folder: Path, times: Times) -> None:
    command: list[str | Path] = [build.program, "up", "--random-ports", "--no-color"]
    command += ["--log-dir", folder / "logs", "--data-dir", folder / "data"]
    with Processes() as processes:
        started = time.perf_counter()
        process = processes.start("up", command, {}, folder, pipe=True)
        lines = wait_for_word(process)
        ready = time.perf_counter() - started
        gateway = find_gateway(process, lines)
        # What reading the addresses took is not the program's.
        asked = time.perf_counter()
        first_task(f"tailspan up ({build.name})", gateway + "/v1/tasks")
        times.ready.append(ready)
        times.answered.append(ready + time.perf_counter() - asked)
        # It stops its own processes in order.
        processes.stop(process, signal_number=signal.SIGINT)


def wait_for_word(process: Process) -> list[str]:
    assert process.handle.stdout is not None
    said: list[str] = []
    # It has its own deadline and ends after it.
    for line in process.handle.stdout:
        said.append(line)
        if READY in line:
            return said
    raise MeasurementFailed(f"tailspan up did not become ready:\n{''.join(said)}{process.last_words()}")


def find_gateway(process: Process, said: list[str]) -> str:
    """The gateway's address, which follows the word."""
    assert process.handle.stdout is not None
    for line in process.handle.stdout:
        said.append(line)
        if match := GATEWAY.match(line):
            return match[1]
    raise MeasurementFailed(f"tailspan up did not say where the gateway is:\n{''.join(said)}")
