"""The synchronous chain under load: against nginx, itself without telemetry, an older build of itself, and FastAPI."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness import chain, nginx, peer, throughput_results
from harness.bench import Bench, say
from harness.builds import Build
from harness.chain import FILES, FILES_SILENT, MEMORY, MEMORY_SILENT, SOCKETS, Chain, Kind
from harness.lane import Lane, turns
from harness.memory import Memory
from harness.processes import Processes
from harness.progress import Progress
from harness.results import Result
from harness.wrk import CONNECTIONS

# Beside the usual number. The last is more than the services take at once.
OTHER_CONNECTIONS = (1, 64, 256)


@dataclass
class Race:
    """All lanes, in groups that take turns; and the memory of our services before and after."""

    bench: Bench
    # By number of connections: nginx.
    nginx: dict[int, Lane] = field(default_factory=dict)
    # By build, kind and number of connections: ours.
    ours: dict[tuple[str, str, int], Lane] = field(default_factory=dict)
    fastapi: Lane | None = None
    # By build and service.
    idle: dict[str, dict[str, Memory]] = field(default_factory=dict)
    loaded: dict[str, dict[str, Memory]] = field(default_factory=dict)
    # After the most connections.
    crowded: dict[str, dict[str, Memory]] = field(default_factory=dict)

    def lane(self, build: Build, kind: Kind, connections: int = CONNECTIONS) -> Lane | None:
        return self.ours.get((build.name, kind.key, connections))

    @property
    def groups(self) -> list[list[Lane]]:
        """Lanes that are compared take turns directly after each other."""
        groups: dict[int, list[Lane]] = {}
        for lane in [*self.nginx.values(), *self.ours.values(), *([self.fastapi] if self.fastapi else [])]:
            groups.setdefault(lane.connections, []).append(lane)
        return [groups[connections] for connections in sorted(groups)]

    def chain(self, build: Build, connections: int = CONNECTIONS) -> Chain:
        target = self.ours[build.name, FILES.key, connections].target
        assert isinstance(target, Chain)
        return target


def measure(bench: Bench, *, ours: bool, against_fastapi: bool) -> Iterator[Result]:
    """Runs the rounds. `ours` compares our chain with itself and with nginx, the other with the peer."""
    with Processes() as processes:
        race = start(bench, processes, ours=ours, against_fastapi=against_fastapi)
        time.sleep(1)
        race.idle = {build.name: race.chain(build).memory() for build in bench.builds}
        run(race)
        race.loaded = {build.name: race.chain(build).memory() for build in bench.builds}
        if ours:
            most = max(race.nginx)
            race.crowded = {build.name: race.chain(build, most).memory() for build in bench.builds}
        yield from throughput_results.rows(race, ours=ours)


def start(bench: Bench, processes: Processes, *, ours: bool, against_fastapi: bool) -> Race:
    say("starting the services")
    race = Race(bench)
    static = nginx.start(processes, "nginx", bench.subfolder("nginx"))
    sink = nginx.start(processes, "sink", bench.subfolder("sink")).url
    others = OTHER_CONNECTIONS if ours else ()
    for connections in (CONNECTIONS, *others):
        race.nginx[connections] = Lane("nginx", static, connections)
    for kind in (FILES, SOCKETS, MEMORY, FILES_SILENT, MEMORY_SILENT) if ours else (FILES,):
        for build in bench.builds:
            if kind.sockets and build.socket_setting is None:
                say(f"{build.name}: no setting for Unix-domain sockets in `tailspan settings`; not measured")
                continue
            target = chain.start_ours(processes, build, kind, bench.subfolder(f"{build.name}-{kind.key}"), sink)
            race.ours[build.name, kind.key, CONNECTIONS] = Lane(target.name, target, CONNECTIONS)
    # In processes of their own: what hundreds of connections leave behind is not the memory of the usual load.
    for build in bench.builds if others else ():
        target = chain.start_ours(processes, build, FILES, bench.subfolder(f"{build.name}-others"), sink)
        for connections in others:
            race.ours[build.name, FILES.key, connections] = Lane(target.name, target, connections)
    if against_fastapi:
        race.fastapi = Lane("FastAPI", peer.start(processes, bench.subfolder("fastapi"), sink), CONNECTIONS)
    return race


def run(race: Race) -> None:
    bench = race.bench
    lanes = sum(len(group) for group in race.groups)
    with Progress("chain", bench.rounds * lanes + lanes) as progress:
        for group in race.groups:
            for lane in group:
                progress.step(f"warming up: {lane.name}, {lane.connections} connections")
                lane.send(1 if bench.quick else 2)
        for number in range(bench.rounds):
            for group in race.groups:
                for lane in turns(group, number):
                    progress.step(f"round {number + 1} of {bench.rounds}: {lane.name}, {lane.connections} connections")
                    # A request that starves for two seconds is only seen where a round is longer.
                    lane.measure(max(bench.seconds, 4) if lane.connections == max(race.nginx) else bench.seconds)
