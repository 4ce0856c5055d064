"""The console over 100,000 lines and 10,000 traces: how long until each page can be used, in a browser."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator

from harness.bench import ROOT, Bench, MeasurementFailed, say
from harness.pocket import BATCHES, LINES_PER_TRACE, Plan, Pocket, start, take_lines, take_spans
from harness.processes import Processes
from harness.results import Result, at_most

SECTION = "console"
PYTHON = ROOT / ".build/python/bin/python3"
LINES = 100_000
TRACES = 10_000
SAMPLES = 5
AIM_MS = 1000

# Each page: its address, and what is there once it can be used.
PAGES = {
    "overview": ("/?from={from}&to={to}", ".service-row svg"),
    "logs": ("/logs?from={from}&to={to}", ".line .time"),
    "logs, a text that is seldom": ("/logs?from={from}&to={to}&query={seldom}", ".line .time"),
    "traces": ("/traces?from={from}&to={to}", ".trace .started"),
    "trace": ("/trace/{trace}", ".tree-row"),
}


def measure(bench: Bench) -> Iterator[Result]:
    if not PYTHON.exists():
        raise MeasurementFailed("the console is opened in a browser: make test-tools installs what that needs")
    hour = 3_600_000_000_000
    traces = -(-LINES // (LINES_PER_TRACE * BATCHES))
    plan = Plan(
        traces=traces, traces_with_spans=TRACES // BATCHES, samples=1, start_ns=time.time_ns() - hour,
        step_ns=hour // (traces * BATCHES),
    )  # fmt: skip
    with Processes() as processes:
        pocket = start(bench, processes)
        sample = ""
        for batch in range(BATCHES):
            say(f"batch {batch + 1} of {BATCHES}")
            take_lines(bench, pocket, plan, batch)
            _, found = take_spans(bench, pocket, plan, batch)
            sample = found[0]
        for name, times in opened(pocket, plan, sample).items():
            yield Result(
                SECTION, name, f"{name}: until it can be used, slowest of {len(times)}", max(times), "ms",
                at_most(AIM_MS), f"{traces * BATCHES * LINES_PER_TRACE:,} lines, {TRACES:,} traces stored", tuple(times),
            )  # fmt: skip


def opened(pocket: Pocket, plan: Plan, trace: str) -> dict[str, list[float]]:
    """Milliseconds by page. Playwright is among the tests' tools, so this runs under their Python."""
    places = {
        "from": str(plan.start_ns // 1_000_000),
        "to": str(time.time_ns() // 1_000_000),
        "trace": trace,
        "seldom": "%7Bservice%3D%22payments%22%7D%20%7C%3D%20%22" + trace[:8] + "%22",
    }
    pages = {name: (pocket.url("CONSOLE_PORT") + path.format_map(places), mark) for name, (path, mark) in PAGES.items()}
    result = subprocess.run(
        [PYTHON, ROOT / "Benchmarks/harness/browser.py", str(SAMPLES)], input=json.dumps(pages), text=True,
        capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    if result.returncode != 0:
        raise MeasurementFailed(f"the browser: {result.stderr.strip()[-600:]}")
    return dict(json.loads(result.stdout))
