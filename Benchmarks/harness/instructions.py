"""User instructions per request, counted by callgrind: the same whatever else the machine does."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import chain, traffic
from harness.bench import MeasurementFailed
from harness.builds import Build
from harness.chain import ROLES, Kind
from harness.processes import Processes

# A service starts and ends with instructions of its own. Two runs differ only by these requests.
FEW, MANY = 100, 500


@dataclass(frozen=True)
class Counts:
    """Instructions of one run of one process, and by the file that they are in: the program or a library."""

    total: int
    by_object: dict[str, int]


def per_request(
    build: Build, kind: Kind, connections: int, otlp: str, folder: Path
) -> tuple[dict[str, float], dict[str, float]]:
    """By service, and by program or library of all services together."""
    # Valgrind gives up on the debug information that Swift writes.
    program = folder / "tailspan"
    folder.mkdir(parents=True)
    subprocess.run(["objcopy", "--strip-debug", build.program, program], check=True)
    build = Build(build.name, program)
    few = run(build, kind, connections, FEW, otlp, folder / f"{FEW}")
    many = run(build, kind, connections, MANY, otlp, folder / f"{MANY}")
    requests = MANY - FEW
    by_service = {role: (many[role].total - few[role].total) / requests for role in ROLES}
    by_object: dict[str, float] = {}
    for role in ROLES:
        for name, count in many[role].by_object.items():
            by_object[name] = by_object.get(name, 0) + (count - few[role].by_object.get(name, 0)) / requests
    return by_service, by_object


def run(build: Build, kind: Kind, connections: int, requests: int, otlp: str, folder: Path) -> dict[str, Counts]:
    folder.mkdir(parents=True)

    def wrapped(role: str, command: Sequence[str | Path]) -> Sequence[str | Path]:
        # One thread runs at a time; fairly, or one that waits for another would spin.
        options = ["--tool=callgrind", "--quiet", "--fair-sched=yes", f"--callgrind-out-file={folder / role}.callgrind"]
        return ["valgrind", *options, *command]

    with Processes() as processes:
        services = chain.start_ours(processes, build, kind, folder, otlp, wrapped)
        # As many connections in both runs, so that opening them is in neither difference.
        traffic.send(services.url, requests, connections)
        # The requests' last spans are sent by then.
        time.sleep(2)
        processes.stop(*services.processes.values(), seconds=60)
        for process in services.processes.values():
            if code := process.handle.returncode:
                raise MeasurementFailed(f"{process.name} ended with {code}: {process.last_words()}")
    return {role: parse((folder / f"{role}.callgrind").read_text()) for role in ROLES}


def parse(profile: str) -> Counts:
    """From callgrind's own format: costs are charged to the object that was named last.

    A line after `calls=` is what the called function cost, which is counted where that function is.
    """
    names: dict[str, str] = {}
    by_object: dict[str, int] = {}
    total, current, is_call = 0, "", False
    for line in profile.splitlines():
        if line.startswith("ob="):
            # "(3) /usr/lib/libc.so.6", and only "(3)" when it comes again.
            number, _, name = line[3:].partition(" ")
            current = names.setdefault(number, Path(name).name if name else "?")
        elif line.startswith("cob="):
            number, _, name = line[4:].partition(" ")
            if name:
                names.setdefault(number, Path(name).name)
        elif line.startswith("calls="):
            is_call = True
        elif line[:1].isdigit() or line[:1] in "+-*":
            cost = line.split()[1:]
            # A cost of nothing is left out.
            if cost and not is_call:
                by_object[current] = by_object.get(current, 0) + int(cost[0])
            is_call = False
        elif line.startswith("summary:") or line.startswith("totals:"):
            total = int(line.split()[1])
    if not total:
        raise MeasurementFailed("callgrind wrote no total")
    return Counts(total, by_object)
