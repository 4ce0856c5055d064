"""The rows that the rounds of the chain give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.bench import MeasurementFailed
from harness.builds import Build
from harness.chain import FILES, FILES_SILENT, MEMORY, MEMORY_SILENT, ROLES, SOCKETS, Chain, Kind
from harness.lane import Lane
from harness.memory import Memory
from harness.results import Aim, Result, at_least, at_least_times, at_most, median
from harness.wrk import CONNECTIONS

if TYPE_CHECKING:
    from harness.throughput import Race

SECTION = "chain"
# CPU of the four services per request, in nginx' static answers at the same number of connections.
AGAINST_NGINX = {FILES: at_most(32), SOCKETS: at_most(29), MEMORY: at_most(20)}
FASTER_THAN_OLD = at_least_times(2.5)
TELEMETRY_SHARE = at_most(20)
NO_SLOW_REQUESTS = at_most(0)
MEMORY_BOUNDS = {"idle": at_most(12), "loaded": at_most(18), "crowded": None}


def rows(race: Race, *, ours: bool) -> Iterator[Result]:
    if ours:
        yield from nginx_rows(race)
        for kind in (FILES, SOCKETS, MEMORY, FILES_SILENT, MEMORY_SILENT):
            yield from lane_rows(race, kind, CONNECTIONS)
        for connections in race.nginx:
            if connections != CONNECTIONS:
                yield from lane_rows(race, FILES, connections)
        yield from telemetry_rows(race)
        yield from memory_rows(race)
    if race.fastapi is not None:
        yield from peer_rows(race)


def nginx_rows(race: Race) -> Iterator[Result]:
    base = race.nginx[CONNECTIONS]
    group = "nginx, a static answer"
    yield median(SECTION, "nginx_rate", "requests/s", base.rates, "", group=group)
    yield median(SECTION, "nginx_cpu", "CPU per request", base.microseconds, "µs", group=group)


def lane_rows(race: Race, kind: Kind, connections: int) -> Iterator[Result]:
    new = race.lane(race.bench.new, kind, connections)
    if new is None:
        return
    old = race.lane(race.bench.old, kind, connections) if race.bench.old else None
    is_usual = connections == CONNECTIONS
    key = kind.key if is_usual else f"{kind.key}_c{connections}"
    group = f"four services, {kind.what}, {connections} connection{'s' if connections > 1 else ''}"

    def row(name: str, what: str, new: list[float], old: list[float], unit: str, aim: Aim | None = None) -> Result:
        return median(SECTION, f"{key}_{name}", what, new, unit, aim, group=group, before=old)

    faster = FASTER_THAN_OLD if old and kind == FILES and is_usual else None
    yield row("rate", "requests/s", new.rates, old.rates if old else [], "", faster)
    yield row("cpu", "CPU per request", new.microseconds, old.microseconds if old else [], "µs")
    base = race.nginx[connections]
    aim = AGAINST_NGINX.get(kind) if is_usual else None
    yield row("cpu_ratio", "  ÷ nginx", ratios(new, base), ratios(old, base) if old else [], "×", aim)
    for role in ROLES:
        yield row(f"cpu_{role}", f"  {role}", new.microseconds_of(role), old.microseconds_of(role) if old else [], "µs")
    for percent in (50, 99):
        times = old.milliseconds(percent) if old else []
        yield row(f"p{percent}", f"answer time, p{percent}", new.milliseconds(percent), times, "ms")
    slowest = old.slowest_milliseconds if old else []
    yield row("max", "  slowest", new.slowest_milliseconds, slowest, "ms")
    yield Result(
        SECTION,
        f"{key}_slow",
        "slower than 10 medians",
        new.slow,
        "",
        NO_SLOW_REQUESTS if kind == FILES and connections == max(race.nginx) else None,
        (f"of {old.requests:,} and " if old else "of ") + f"{new.requests:,} requests, all rounds together",
        group=group,
        before=(old.slow,) if old else (),
    )


def ratios(measured: Lane, base: Lane) -> list[float]:
    return [one / other for one, other in zip(measured.microseconds, base.microseconds, strict=True)]


def telemetry_rows(race: Race) -> Iterator[Result]:
    group = "telemetry"
    for loud, silent in ((FILES, FILES_SILENT), (MEMORY, MEMORY_SILENT)):
        # The aim applies to services in their usual configuration.
        aim = TELEMETRY_SHARE if loud == FILES else None
        what = f"its share of the CPU, {loud.what}"
        new = shares(race, race.bench.new, loud, silent)
        old = shares(race, race.bench.old, loud, silent) if race.bench.old else []
        yield median(SECTION, f"{loud.key}_telemetry_share", what, new, "%", aim, group=group, before=old)
    lost = {build.name: telemetry_lost(race.chain(build)) for build in race.bench.builds}
    new_lost, note = lost[race.bench.new.name]
    before = (lost[race.bench.old.name][0],) if race.bench.old else ()
    what = "spans and lines lost under load"
    yield Result(SECTION, "telemetry_lost", what, new_lost, "", at_most(0), note, group=group, before=before)


def shares(race: Race, build: Build, loud: Kind, silent: Kind) -> list[float]:
    """Per cent of the CPU that is not needed without telemetry, round by round."""
    with_it, without = race.lane(build, loud), race.lane(build, silent)
    assert with_it is not None and without is not None
    pairs = zip(with_it.microseconds, without.microseconds, strict=True)
    return [(loud - silent) / loud * 100 for loud, silent in pairs]


def telemetry_lost(chain: Chain) -> tuple[float, str]:
    """Whether the telemetry was really there: what is dropped costs nothing."""
    exported = chain.metric("otel_sdk_exporter_span_exported_total")
    if not exported:
        raise MeasurementFailed(f"{chain.name}: no span was exported: its CPU says nothing about telemetry")
    lost = chain.metric("otel_sdk_processor_span_processed_total", "error_type=")
    lost += chain.metric("otel_sdk_exporter_span_exported_total", "error_type=")
    lost += chain.metric("tailspan_log_lines_dropped_total")
    lines = chain.metric("tailspan_log_lines_written_total", 'sink="file"')
    return lost, f"of {exported:,.0f} spans, {lines:,.0f} lines"


def memory_rows(race: Race) -> Iterator[Result]:
    most = f"after {max(race.nginx)} connections"
    for key, when, measured in (
        ("idle", "idle", race.idle),
        ("loaded", "after the load", race.loaded),
        ("crowded", most, race.crowded),
    ):
        group = f"resident memory {when}"
        for role in ROLES:
            new = measured[race.bench.new.name][role]
            old = measured[race.bench.old.name][role] if race.bench.old else None
            yield from memory_of(SECTION, role, key, group, new, MEMORY_BOUNDS[key], old)


def memory_of(
    section: str, name: str, key: str, group: str, new: Memory, aim: Aim | None, old: Memory | None = None
) -> Iterator[Result]:
    def row(part: str, what: str, value: float, before: float | None, unit: str, aim: Aim | None = None) -> Result:
        earlier = () if before is None else (before,)
        return Result(section, f"{name}_{key}_{part}", what, value, unit, aim, group=group, before=earlier)

    yield row("memory", name, new.resident, old and old.resident, "MB", aim)
    yield row("anonymous", "  its own (anonymous)", new.anonymous, old and old.anonymous, "MB")
    yield row("file_backed", "  pages of files", new.file_backed, old and old.file_backed, "MB")
    if key == "idle":
        yield row("libraries", "  libraries mapped", new.libraries, old and old.libraries, "")


def peer_rows(race: Race) -> Iterator[Result]:
    section, group = "peer", f"the same in FastAPI, SQLite files, {CONNECTIONS} connections"
    theirs, ours = race.fastapi, race.lane(race.bench.new, FILES)
    assert theirs is not None and ours is not None
    rates = [our / their for our, their in zip(ours.rates, theirs.rates, strict=True)]
    yield median(section, "fastapi_rate", "requests/s", theirs.rates, "", group=group)
    yield median(section, "fastapi_cpu", "CPU per request", theirs.microseconds, "µs", group=group)
    yield median(section, "rate_ratio", "our requests/s ÷ FastAPI's", rates, "×", at_least(20), group=group)
    cpu = [their / our for our, their in zip(ours.microseconds, theirs.microseconds, strict=True)]
    yield median(section, "cpu_ratio", "FastAPI's CPU per request ÷ ours", cpu, "×", group=group)
