"""System calls per request, counted by strace from outside while a fixed number of requests runs."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from harness import traffic
from harness.bench import MeasurementFailed
from harness.chain import Chain
from harness.processes import Process, Processes

# "% time, seconds, usecs/call, calls, errors, syscall"; no errors, no number.
SUMMARY = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)\s*$", re.MULTILINE)
REQUESTS = 500


def per_request(processes: Processes, chain: Chain, connections: int, folder: Path) -> dict[str, dict[str, float]]:
    """By service and name of the call. strace is attached when the services are warm, so their start is not in it."""
    tracers = {role: attach(processes, process, folder / f"{role}.strace") for role, process in chain.processes.items()}
    traffic.send(chain.url, REQUESTS, connections)
    # The requests' last spans are sent by then.
    time.sleep(1)
    processes.stop(*tracers.values(), signal_number=signal.SIGINT)
    counts = {role: parse((folder / f"{role}.strace").read_text()) for role in tracers}
    for role, found in counts.items():
        if not found:
            raise MeasurementFailed(f"strace counted nothing in {role}: {tracers[role].last_words()}")
    return {role: {call: count / REQUESTS for call, count in found.items()} for role, found in counts.items()}


def attach(processes: Processes, process: Process, output: Path) -> Process:
    """Starts strace, and waits until every thread is under it."""
    command = ["strace", "-f", "-c", "-o", output, "-p", str(process.pid)]
    tracer = processes.start(f"strace-{process.name}", command, {}, output.parent)
    deadline = time.monotonic() + 10
    while not all(is_traced(thread) for thread in Path(f"/proc/{process.pid}/task").iterdir()):
        if not tracer.is_alive or time.monotonic() > deadline:
            raise MeasurementFailed(f"strace cannot follow {process.name}: {tracer.last_words()}")
        time.sleep(0.02)
    return tracer


def is_traced(thread: Path) -> bool:
    try:
        status = (thread / "status").read_text()
    except OSError:
        # It has ended meanwhile.
        return True
    return not re.search(r"^TracerPid:\s+0$", status, re.MULTILINE)


def parse(summary: str) -> dict[str, int]:
    """Calls by name, from what `strace -c` writes."""
    counts = {name: int(calls) for calls, name in SUMMARY.findall(summary)}
    total = counts.pop("total", 0)
    if sum(counts.values()) != total:
        raise MeasurementFailed(f"strace's summary adds up to {sum(counts.values())} calls, and says {total}")
    return counts


def total(counts: Mapping[str, Mapping[str, float]]) -> float:
    return sum(sum(calls.values()) for calls in counts.values())
