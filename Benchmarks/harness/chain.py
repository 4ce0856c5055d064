"""The four services, ours or the peer's, as processes on their own ports."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from harness.bench import MeasurementFailed
from harness.builds import Build
from harness.net import HOST, free_ports, get, metric
from harness.processes import Memory, Process, Processes

ROLES = ("gateway", "tasks", "executor", "payments")
TASK = b'{"guild_id":"g-1","amount":1,"workload":{"kind":"sort","size":10}}'
# A large queue for bursts on an overloaded machine, since dropped spans would cost nothing; and a short delay, so that
# a round's last spans are sent before the round ends.
BATCHING = {"OTEL_BSP_MAX_QUEUE_SIZE": "20480", "OTEL_BSP_SCHEDULE_DELAY": "500"}
TELEMETRY_OFF = {"OTEL_SDK_DISABLED": "true", "LOG_LEVEL": "critical", "LOG_STDOUT": "false"}


@dataclass(frozen=True)
class Kind:
    """How the four services are set up."""

    key: str
    what: str
    in_files: bool = True
    telemetry: bool = True
    # Whether the services call each other over Unix-domain sockets.
    sockets: bool = False


FILES = Kind("files", "SQLite files")
SOCKETS = Kind("sockets", "SQLite files, Unix sockets", sockets=True)
MEMORY = Kind("memory", "in memory", in_files=False)
FILES_SILENT = Kind("files_silent", "SQLite files, telemetry off", telemetry=False)
MEMORY_SILENT = Kind("memory_silent", "in memory, telemetry off", in_files=False, telemetry=False)

# A service's command, from its role and the command alone: for what watches a process from outside.
Wrapping = Callable[[str, Sequence[str | Path]], Sequence[str | Path]]


def as_it_is(_: str, command: Sequence[str | Path]) -> Sequence[str | Path]:
    return command


@dataclass(frozen=True)
class Chain:
    """Four services that call each other."""

    name: str
    processes: Mapping[str, Process]
    urls: Mapping[str, str]
    folder: Path
    has_metrics: bool

    @property
    def url(self) -> str:
        return self.urls["gateway"] + "/v1/tasks"

    def cpu_seconds(self) -> dict[str, float]:
        return {role: process.cpu_seconds() for role, process in self.processes.items()}

    def memory(self) -> dict[str, Memory]:
        return {role: process.memory() for role, process in self.processes.items()}

    def tasks_created(self) -> int:
        """How many tasks the gateway has answered with 201: done and paid for. Zero without metrics."""
        if not self.has_metrics:
            return 0
        name, status = "http_server_request_duration_seconds_count", 'http_response_status_code="201"'
        return int(metric(get(self.urls["gateway"] + "/metrics"), name, status))

    def metric(self, name: str, labels: str = "") -> float:
        """The sum of a metric over the services."""
        return sum(metric(get(url + "/metrics"), name, labels) for url in self.urls.values())


def start_ours(
    processes: Processes, build: Build, kind: Kind, folder: Path, otlp: str, wrapped: Wrapping = as_it_is
) -> Chain:
    """Starts ours. Logs go to a file and to standard output, which is discarded; spans go to `otlp`."""
    environment = BATCHING | {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp, "LOG_DIR": str(folder / "logs")}
    if not kind.telemetry:
        environment = dict(TELEMETRY_OFF)
    if kind.in_files:
        environment["DATA_DIR"] = str(folder)
    sockets = {}
    if kind.sockets:
        assert build.socket_setting is not None
        sockets = {role: {build.socket_setting: build.socket_value(folder / f"{role}.sock")} for role in ROLES}
        environment |= {f"{role.upper()}_URL": f"unix:{folder / role}.sock" for role in ROLES}
    return start(
        processes,
        f"{build.name}, {kind.what}",
        folder,
        environment,
        lambda role: wrapped(role, [build.program, role]),
        has_metrics=True,
        own=sockets,
    )


def start(
    processes: Processes,
    name: str,
    folder: Path,
    environment: Mapping[str, str],
    command: Callable[[str], Sequence[str | Path]],
    *,
    has_metrics: bool,
    own: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Chain:
    """Starts four services, waits until they are ready, and runs one task. `own`: variables of single services."""
    ports = dict(zip(ROLES, free_ports(len(ROLES)), strict=True))
    urls = {role: f"http://{HOST}:{port}" for role, port in ports.items()}
    shared = {f"{role.upper()}_URL": url for role, url in urls.items()} | dict(environment)
    running = {}
    for role in ROLES:
        settings = shared | {"PORT": str(ports[role])} | dict(own.get(role, {}))
        running[role] = processes.start(role, command(role), settings, folder)
    for role in reversed(ROLES):
        running[role].wait_ready(urls[role] + "/readyz")
    chain = Chain(name, running, urls, folder, has_metrics)
    first_task(chain.name, chain.url)
    return chain


def first_task(name: str, url: str) -> None:
    """Runs a task, and raises if it does not end as it should."""
    request = urllib.request.Request(url, TASK, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            state = json.loads(answer.read()).get("state")
    except urllib.error.HTTPError as error:
        body = error.read().decode(errors="replace")
        raise MeasurementFailed(f"{name}: the first task was answered with {error.code}: {body}") from error
    except OSError as error:
        raise MeasurementFailed(f"{name}: the first task was not answered: {error}") from error
    if state != "settled":
        raise MeasurementFailed(f"{name}: the first task ended as {state}, expected settled")
