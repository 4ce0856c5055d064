"""What a request costs in system calls and in user instructions: figures that a busy machine does not change."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness import chain, instructions, nginx, syscalls, traffic
from harness.bench import Bench, say
from harness.builds import Build
from harness.chain import FILES, ROLES, SOCKETS, Kind
from harness.processes import Processes
from harness.progress import Progress
from harness.results import Aim, Result, at_most
from harness.wrk import CONNECTIONS

SECTION = "counts"
# One request at a time is the most repeatable. With more, a turn of a loop serves several, and how many is chance.
CASES = ((FILES, 1), (FILES, CONNECTIONS), (SOCKETS, CONNECTIONS))
INSTRUCTIONS, SYSTEM_CALLS = at_most(800), at_most(50)
WARM_UP = 200


@dataclass(frozen=True)
class Counts:
    """Of one request in one case."""

    # By service.
    instructions: Mapping[str, float]
    # By service and name.
    system_calls: Mapping[str, Mapping[str, float]]
    # By program and library, over all services.
    by_object: Mapping[str, float] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, float]:
        """What a change is judged by. A single service's share moves with what happens to coincide."""
        return {"instructions": sum(self.instructions.values()), "system_calls": syscalls.total(self.system_calls)}


def key(kind: Kind, connections: int) -> str:
    return f"{kind.key}_c{connections}"


def measure(
    bench: Bench, found: dict[str, dict[str, Counts]], kept: Mapping[str, Counts] | None = None
) -> Iterator[Result]:
    """Fills `found`, by build and case. The rows compare with the old build, or else with the kept counts."""
    with Progress(SECTION, 2 * len(CASES) * len(bench.builds)) as progress:
        for build in bench.builds:
            found[build.name] = {
                key(kind, connections): count(bench, build, kind, connections, progress)
                for kind, connections in CASES
                if not kind.sockets or has_sockets(build)
            }
    for kind, connections in CASES:
        name = key(kind, connections)
        if name in found[bench.new.name]:
            old = (found[bench.old.name] if bench.old else kept or {}).get(name)
            yield from rows(kind, connections, found[bench.new.name][name], old)


def has_sockets(build: Build) -> bool:
    if build.socket_setting is None:
        say(f"{build.name}: no setting for Unix-domain sockets in `tailspan settings`; not counted")
    return build.socket_setting is not None


def count(bench: Bench, build: Build, kind: Kind, connections: int, progress: Progress) -> Counts:
    what = f"{build.name}, {kind.what}, {connections} connection{'s' if connections > 1 else ''}"
    folder = bench.subfolder(f"counts-{build.name}-{key(kind, connections)}")
    with Processes() as processes:
        (folder / "sink").mkdir()
        sink = nginx.start(processes, "sink", folder / "sink").url
        progress.step(f"system calls: {what}")
        calls = count_calls(processes, build, kind, connections, sink, folder)
        progress.step(f"instructions: {what}")
        by_service, by_object = instructions.per_request(build, kind, connections, sink, folder / "callgrind")
    return Counts(by_service, calls, by_object)


def count_calls(
    processes: Processes, build: Build, kind: Kind, connections: int, sink: str, folder: Path
) -> dict[str, dict[str, float]]:
    services = chain.start_ours(processes, build, kind, folder, sink)
    traffic.send(services.url, WARM_UP, connections)
    # What the warm-up left behind, such as its last spans.
    time.sleep(1)
    try:
        return syscalls.per_request(processes, services, connections, folder)
    finally:
        processes.stop(*services.processes.values())


def rows(kind: Kind, connections: int, new: Counts, old: Counts | None) -> Iterator[Result]:
    """`old` is an older build, or what is stored."""
    is_usual = kind == FILES and connections == CONNECTIONS
    case = f"{kind.what}, {connections} connection{'s' if connections > 1 else ''}"

    def row(what: str, name: str, value: float, before: float | None, unit: str, aim: Aim | None = None) -> Result:
        earlier = () if before is None else (before,)
        return Result(
            SECTION, f"{key(kind, connections)}_{name}", what, value, unit, aim, group=group, before=earlier
        )

    group = f"per request: {case}"
    aims = {"instructions": INSTRUCTIONS, "system_calls": SYSTEM_CALLS} if is_usual else {}
    totals, before = new.totals, old.totals if old else {}
    yield row(
        "user instructions", "instructions", totals["instructions"] / 1e3,
        before["instructions"] / 1e3 if old else None, "k", aims.get("instructions"),
    )  # fmt: skip
    for role in ROLES:
        earlier = old.instructions[role] / 1e3 if old else None
        yield row(f"  {role}", f"instructions_{role}", new.instructions[role] / 1e3, earlier, "k")
    yield row(
        "system calls", "system_calls", totals["system_calls"], before.get("system_calls"), "", aims.get("system_calls")
    )
    for role in ROLES:
        earlier = sum(old.system_calls[role].values()) if old else None
        yield row(f"  {role}", f"system_calls_{role}", sum(new.system_calls[role].values()), earlier, "")
    calls, earlier_calls = by_name(new), by_name(old) if old else {}
    for name in sorted(calls | earlier_calls, key=lambda name: -max(calls.get(name, 0), earlier_calls.get(name, 0))):
        if max(calls.get(name, 0), earlier_calls.get(name, 0)) >= 0.5:
            earlier = earlier_calls.get(name, 0.0) if old else None
            yield row(f"  of {name}", f"system_calls_of_{name}", calls.get(name, 0.0), earlier, "")


def by_name(counts: Counts) -> dict[str, float]:
    calls: dict[str, float] = {}
    for found in counts.system_calls.values():
        for name, number in found.items():
            calls[name] = calls.get(name, 0) + number
    return calls
