"""The synchronous chain under load, compared with nginx, itself without telemetry, and FastAPI; and its memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness import nginx, peer
from harness.bench import Bench, MeasurementFailed, say
from harness.chain import ROLES, Chain, start_ours
from harness.processes import Memory, Processes
from harness.results import Result, at_least, at_most, median
from harness.wrk import Load, load

SECTION = "chain"


@dataclass
class Contender:
    """One subject under load, taking turns with the others in every round."""

    name: str
    target: Chain | nginx.Nginx
    loads: list[Load] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [each.rate for each in self.loads]

    @property
    def microseconds(self) -> list[float]:
        """CPU time per request, round by round."""
        return [cpu / each.requests * 1e6 for cpu, each in zip(self.cpu_seconds, self.loads, strict=True)]

    def warm_up(self, seconds: int) -> None:
        self.send(seconds)

    def measure(self, seconds: int) -> None:
        created = self.tasks_created()
        before = self.cpu()
        self.loads.append(self.send(seconds))
        # Work that is left over, such as sending the last spans, belongs to the requests too.
        time.sleep(0.75)
        self.cpu_seconds.append(self.cpu() - before)
        self.check(self.loads[-1].requests, self.tasks_created() - created)

    def tasks_created(self) -> int:
        return self.target.tasks_created() if isinstance(self.target, Chain) else 0

    def check(self, answered: int, created: int) -> None:
        """Checks that each answer stands for a finished task: wrk only sees that it was not an error."""
        if isinstance(self.target, Chain) and self.target.has_metrics and created < answered:
            raise MeasurementFailed(
                f"{self.name}: of {answered} answers only {created} were 201 (logs: {self.target.folder})"
            )

    def cpu(self) -> float:
        if isinstance(self.target, Chain):
            return self.target.cpu_seconds()
        return self.target.process.cpu_seconds()

    def send(self, seconds: int) -> Load:
        errors = self.target.folder if isinstance(self.target, Chain) else Path(self.target.process.errors)
        return load(self.target.url, seconds, task=isinstance(self.target, Chain), errors=errors)


@dataclass
class Field:
    """All contenders, and the memory of our services before and after."""

    nginx: Contender
    files: Contender
    memory: Contender | None = None
    files_silent: Contender | None = None
    memory_silent: Contender | None = None
    fastapi: Contender | None = None
    idle: dict[str, Memory] = field(default_factory=dict)
    loaded: dict[str, Memory] = field(default_factory=dict)

    @property
    def all(self) -> list[Contender]:
        everyone = [self.nginx, self.files, self.memory, self.files_silent, self.memory_silent, self.fastapi]
        return [each for each in everyone if each is not None]


def measure(bench: Bench, *, ours: bool, against_fastapi: bool) -> Iterator[Result]:
    """Runs the rounds. `ours` compares our chain with itself and with nginx, the other with the peer."""
    with Processes() as processes:
        contenders = start(bench, processes, ours=ours, against_fastapi=against_fastapi)
        chain = contenders.files.target
        assert isinstance(chain, Chain)
        time.sleep(1)
        contenders.idle = chain.memory()
        say("warming up")
        for contender in contenders.all:
            contender.warm_up(1 if bench.quick else 2)
        rounds, seconds = (3, 2) if bench.quick else (7, 4)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}: {', '.join(each.name for each in contenders.all)}")
            for contender in contenders.all:
                contender.measure(seconds)
        contenders.loaded = chain.memory()
        if ours:
            yield from compare_with_nginx(contenders)
            yield from compare_with_silence(contenders)
            yield from telemetry_results(chain)
            yield from memory_results(contenders)
        if contenders.fastapi is not None:
            yield from compare_with_fastapi(contenders.files, contenders.fastapi)


def start(bench: Bench, processes: Processes, *, ours: bool, against_fastapi: bool) -> Field:
    say("starting the services")
    static = nginx.start(processes, "nginx", bench.subfolder("nginx"))
    sink = nginx.start(processes, "sink", bench.subfolder("sink")).url

    def chain(name: str, *, in_files: bool, telemetry: bool) -> Contender:
        folder = bench.subfolder(name.replace(" ", "-"))
        return Contender(name, start_ours(processes, name, folder, sink, in_files=in_files, telemetry=telemetry))

    contenders = Field(nginx=Contender("nginx", static), files=chain("chain", in_files=True, telemetry=True))
    if ours:
        contenders.memory = chain("chain in memory", in_files=False, telemetry=True)
        contenders.files_silent = chain("chain without telemetry", in_files=True, telemetry=False)
        contenders.memory_silent = chain("chain in memory without telemetry", in_files=False, telemetry=False)
    if against_fastapi:
        contenders.fastapi = Contender("FastAPI", peer.start(processes, bench.subfolder("fastapi"), sink))
    return contenders


def compare_with_nginx(contenders: Field) -> Iterator[Result]:
    base, files, memory = contenders.nginx, contenders.files, contenders.memory
    assert memory is not None
    yield median(SECTION, "nginx_rate", "nginx, a static answer", base.rates, "req/s")
    yield median(SECTION, "nginx_cpu", "  its CPU per request", base.microseconds, "µs")
    yield median(SECTION, "files_rate", "four services, SQLite files", files.rates, "req/s", at_least(5000))
    yield median(SECTION, "files_p50", "  median answer time", [each.p50_ms for each in files.loads], "ms")
    yield median(SECTION, "files_p99", "  99th percentile", [each.p99_ms for each in files.loads], "ms")
    yield median(SECTION, "files_cpu", "  CPU of the four per request", files.microseconds, "µs")
    yield median(SECTION, "files_cpu_ratio", "  against nginx", ratios(files, base), "×", at_most(40))
    yield median(SECTION, "memory_rate", "four services, in memory", memory.rates, "req/s")
    yield median(SECTION, "memory_cpu", "  CPU of the four per request", memory.microseconds, "µs")
    yield median(SECTION, "memory_cpu_ratio", "  against nginx", ratios(memory, base), "×", at_most(20))


def compare_with_silence(contenders: Field) -> Iterator[Result]:
    for key, what, loud, silent in (
        ("files", "SQLite files", contenders.files, contenders.files_silent),
        ("memory", "in memory", contenders.memory, contenders.memory_silent),
    ):
        assert loud is not None and silent is not None
        pairs = zip(loud.microseconds, silent.microseconds, strict=True)
        shares = [(with_it - without) / with_it * 100 for with_it, without in pairs]
        yield median(SECTION, f"{key}_silent_rate", f"{what}, telemetry off", silent.rates, "req/s")
        yield median(SECTION, f"{key}_silent_cpu", "  CPU of the four per request", silent.microseconds, "µs")
        # The aim applies to services in their usual configuration.
        aim = at_most(10) if key == "files" else None
        yield median(SECTION, f"{key}_telemetry_share", "  telemetry's share of the CPU", shares, "%", aim)


def telemetry_results(chain: Chain) -> Iterator[Result]:
    """Whether the telemetry was really there: what is dropped costs nothing."""
    exported = chain.metric("otel_sdk_exporter_span_exported_total")
    if not exported:
        raise MeasurementFailed("the services have exported no span: their CPU says nothing about telemetry")
    lost = chain.metric("otel_sdk_processor_span_processed_total", "error_type=")
    lost += chain.metric("otel_sdk_exporter_span_exported_total", "error_type=")
    lost += chain.metric("tailspan_log_lines_dropped_total")
    lines = chain.metric("tailspan_log_lines_written_total", 'sink="file"')
    note = f"of {exported:,.0f} spans, {lines:,.0f} lines"
    yield Result(SECTION, "telemetry_lost", "spans and lines lost under load", lost, "", at_most(0), note)


def memory_results(contenders: Field) -> Iterator[Result]:
    for key, when, measured, bound in (
        ("idle", "idle", contenders.idle, 16),
        ("loaded", "after the load", contenders.loaded, 25),
    ):
        for role in ROLES:
            yield memory_result(SECTION, role, key, when, measured[role], bound)


def memory_result(section: str, name: str, key: str, when: str, memory: Memory, bound: float) -> Result:
    note = f"{memory.anonymous:.1f} anonymous"
    what = f"{name}, resident memory {when}"
    return Result(section, f"{name}_{key}_memory", what, memory.resident, "MB", at_most(bound), note)


def compare_with_fastapi(ours: Contender, theirs: Contender) -> Iterator[Result]:
    section = "peer"
    rates = [our / their for our, their in zip(ours.rates, theirs.rates, strict=True)]
    yield median(section, "fastapi_rate", "the same in FastAPI, SQLite files", theirs.rates, "req/s")
    yield median(section, "fastapi_cpu", "  CPU of the four per request", theirs.microseconds, "µs")
    yield median(section, "ours_rate", "four services, SQLite files", ours.rates, "req/s")
    yield median(section, "rate_ratio", "  against FastAPI", rates, "×", at_least(20))


def ratios(measured: Contender, base: Contender) -> list[float]:
    return [one / other for one, other in zip(measured.microseconds, base.microseconds, strict=True)]
