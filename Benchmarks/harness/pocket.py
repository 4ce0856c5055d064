"""The pocket stack: how fast it ingests lines and spans, and how fast it finds one trace among a million lines."""

from __future__ import annotations

import http.client
import json
import statistics
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench import Bench, MeasurementFailed, say
from harness.net import HOST, free_ports, get, metric
from harness.processes import Process, Processes
from harness.results import Result, at_least, at_most, median
from harness.throughput_results import memory_of

SECTION = "pocket"
GROUP = "resident memory of the pocket stack"
PORTS = ("LOKI_PORT", "TEMPO_PORT", "OTLP_HTTP_PORT", "CONSOLE_PORT")
# The content of each trace from tailspan-bench.
LINES_PER_TRACE = 9
SPANS_PER_TRACE = 16
BATCHES = 5


@dataclass(frozen=True)
class Plan:
    """The amount of data, in batches of traces; only some traces of each batch have spans too."""

    traces: int
    traces_with_spans: int
    samples: int
    # The traces are spread over the last hour.
    start_ns: int
    step_ns: int

    @staticmethod
    def of(bench: Bench) -> Plan:
        lines, spans = (150_000, 150_000) if bench.quick else (1_000_000, 750_000)
        traces = -(-lines // (LINES_PER_TRACE * BATCHES))
        hour = 3_600_000_000_000
        return Plan(
            traces=traces,
            traces_with_spans=-(-spans // (SPANS_PER_TRACE * BATCHES)),
            samples=10 if bench.quick else 60,
            start_ns=time.time_ns() - hour,
            step_ns=hour // (traces * BATCHES),
        )

    def part(self, batch: int, traces: int) -> list[str | int]:
        first = batch * self.traces
        return ["--start", self.start_ns, "--step", self.step_ns, "--first", first, "--traces", traces]


@dataclass(frozen=True)
class Pocket:
    process: Process
    ports: dict[str, int]
    logs: Path

    def url(self, port: str) -> str:
        return f"http://{HOST}:{self.ports[port]}"

    def lines_read(self) -> int:
        return int(metric(get(self.url("CONSOLE_PORT") + "/metrics"), "tailspan_pocket_tail_lines_read_total"))


def measure(bench: Bench) -> Iterator[Result]:
    plan = Plan.of(bench)
    with Processes() as processes:
        pocket = start(bench, processes)
        time.sleep(1)
        idle = pocket.process.memory()
        line_rates: list[float] = []
        span_rates: list[float] = []
        traces: list[str] = []
        for batch in range(BATCHES):
            say(f"batch {batch + 1} of {BATCHES}: {plan.traces * LINES_PER_TRACE:,} lines and some spans")
            line_rates.append(take_lines(bench, pocket, plan, batch))
            rate, sample = take_spans(bench, pocket, plan, batch)
            span_rates.append(rate)
            traces += sample
        stored = f"{plan.traces * BATCHES * LINES_PER_TRACE:,} lines stored"
        say(f"reading {len(traces)} traces and their lines")
        times = [read(pocket, plan, trace) for trace in traces]
        loaded = pocket.process.memory()
    yield median(SECTION, "lines_rate", "log lines taken per second of CPU", line_rates, "/s", at_least(30_000))
    yield median(SECTION, "spans_rate", "spans taken per second of CPU", span_rates, "/s", at_least(30_000))
    yield Result(
        SECTION, "read_p50", "a trace and its lines read, median", statistics.median(times), "ms", at_most(20), stored,
        tuple(times),
    )  # fmt: skip
    yield Result(SECTION, "read_p99", "  99th percentile", statistics.quantiles(times, n=100)[98], "ms")
    yield from memory_of(SECTION, "pocket", "idle", GROUP + " idle", idle, at_most(60))
    yield from memory_of(SECTION, "pocket", "loaded", GROUP + " after all that", loaded, at_most(60))


def start(bench: Bench, processes: Processes) -> Pocket:
    folder = bench.subfolder("pocket")
    logs = bench.subfolder("pocket/logs")
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    environment = {name: str(port) for name, port in ports.items()} | {
        "LOG_DIR": str(logs),
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "warning",
        # Nothing may be dropped while it is counted.
        "RETENTION": "720h",
        "RETENTION_SIZE": "64GiB",
    }
    pocket = Pocket(processes.start("pocket", [bench.new.program, "pocket"], environment, folder), ports, logs)
    for port in ("LOKI_PORT", "TEMPO_PORT"):
        pocket.process.wait_ready(pocket.url(port) + "/ready")
    return pocket


def take_lines(bench: Bench, pocket: Pocket, plan: Plan, batch: int) -> float:
    """Puts log files where the pocket stack follows them; returns lines per second of its CPU."""
    written = bench.subfolder(f"lines-{batch}")
    lines = int(bench.meter("lines", "--folder", written, *plan.part(batch, plan.traces))["lines"])
    wanted = pocket.lines_read() + lines
    before = pocket.process.cpu_seconds()
    for file in written.glob("*/*.log"):
        service = pocket.logs / file.parent.name
        service.mkdir(exist_ok=True)
        file.rename(service / f"batch-{batch}.log")
    deadline = time.monotonic() + 180
    while (found := pocket.lines_read()) < wanted:
        if not pocket.process.is_alive or time.monotonic() > deadline:
            raise MeasurementFailed(
                f"the pocket stack has read {found} of {wanted} lines\n{pocket.process.last_words()}"
            )
        time.sleep(0.05)
    return lines / (pocket.process.settled_cpu_seconds() - before)


def take_spans(bench: Bench, pocket: Pocket, plan: Plan, batch: int) -> tuple[float, list[str]]:
    """Sends spans; returns spans per second of the pocket stack's CPU, and the ids of some of their traces."""
    before = pocket.process.cpu_seconds()
    sent = bench.meter(
        "spans", "--url", pocket.url("OTLP_HTTP_PORT") + "/v1/traces", "--samples", plan.samples,
        *plan.part(batch, plan.traces_with_spans),
    )  # fmt: skip
    return sent["spans"] / (pocket.process.settled_cpu_seconds() - before), sent["trace_ids"]


def read(pocket: Pocket, plan: Plan, trace: str) -> float:
    """Queries a trace and its lines as `tailspan trace` does; returns milliseconds."""
    query = urllib.parse.urlencode(
        {
            "query": f'{{service_namespace="tailspan"}} | trace_id="{trace}"',
            "start": plan.start_ns,
            "end": time.time_ns(),
            "limit": 5000,
            "direction": "forward",
        }
    )
    started = time.perf_counter()
    spans = ask(pocket.ports["TEMPO_PORT"], f"/api/traces/{trace}")
    lines = ask(pocket.ports["LOKI_PORT"], f"/loki/api/v1/query_range?{query}")
    elapsed = (time.perf_counter() - started) * 1000
    span_count = sum(len(scope["spans"]) for group in spans["batches"] for scope in group["scopeSpans"])
    line_count = sum(len(stream["values"]) for stream in lines["data"]["result"])
    if (span_count, line_count) != (SPANS_PER_TRACE, LINES_PER_TRACE):
        raise MeasurementFailed(
            f"trace {trace}: found {span_count} spans and {line_count} lines, "
            f"expected {SPANS_PER_TRACE} and {LINES_PER_TRACE}"
        )
    return elapsed


def ask(port: int, path: str) -> Any:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", path, headers={"accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise MeasurementFailed(f"{path} was answered with {answer.status}: {body[:200].decode(errors='replace')}")
    return json.loads(body)
