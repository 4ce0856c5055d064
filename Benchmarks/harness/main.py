"""The command line: which sections run, in which order, and where the results go."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType
from typing import NoReturn

from harness import build, encoders, faults, machine, peer, pocket, results, startup, throughput
from harness.bench import ROOT, Bench, MeasurementFailed, say
from harness.results import Result

SECTIONS = {
    "chain": "the synchronous chain: against nginx, in memory, without telemetry; memory of the services",
    "peer": "the chain against the same in FastAPI",
    "encoders": "a log line and a span",
    "faults": "what an idle fault injector costs, and the journal of requests",
    "pocket": "the pocket stack: taking in, reading, memory",
    "up": "from tailspan up until everything is ready",
    "build": "a clean release build",
}


def main() -> int:
    options = parse()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    wanted = options.only or [name for name in SECTIONS if name != "build" or options.build]
    if sentences := machine.missing(load=bool({"chain", "peer"} & set(wanted))):
        for sentence in sentences:
            print(f"bench: {sentence}", file=sys.stderr)
        return 1
    about = machine.describe()
    print(f"{about['cpu']}, {about['cores']} cores", file=sys.stderr)
    if about["busy_percent"] > 10:
        print(f"others use {about['busy_percent']:.0f} % of it: rates will be too low, ratios less so", file=sys.stderr)

    started = time.monotonic()
    parent = ROOT / ".build/bench"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    try:
        found, failures = run(Bench(folder, options.quick), wanted)
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        if options.keep:
            say(f"files kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started

    if found:
        print(results.table(found))
    report(found, failures, seconds)
    about |= {"quick": options.quick, "started": started_at(seconds), "seconds": round(seconds, 1)}
    write(options.json, about, found, failures)
    return 1 if failures else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="Benchmarks/run",
        description="Measures what Tailspan costs and prints it beside what it should cost.",
        epilog="Sections: " + "; ".join(f"{name}: {what}" for name, what in SECTIONS.items()) + ".",
    )
    parser.add_argument("--quick", action="store_true", help="shorter rounds and less data: a first impression")
    parser.add_argument("--only", metavar="NAME", action="append", choices=SECTIONS, help="one section; repeatable")
    parser.add_argument("--build", action="store_true", help="also time a clean release build")
    parser.add_argument("--keep", action="store_true", help="keep logs and databases of the run")
    parser.add_argument(
        "--json", metavar="FILE", type=Path, default=ROOT / ".build/bench.json", help="default: .build/bench.json"
    )
    return parser.parse_args()


def run(bench: Bench, wanted: list[str]) -> tuple[list[Result], dict[str, str]]:
    """Runs the sections. If one fails, the others still run."""
    load = {"chain", "peer"} & set(wanted)
    sections: dict[str, Callable[[], Iterator[Result]]] = {
        # In one run, because both are compared within the same rounds.
        "chain": lambda: throughput.measure(bench, ours="chain" in load, against_fastapi="peer" in load),
        "encoders": lambda: encoders.measure(bench),
        "faults": lambda: faults.measure(bench),
        "pocket": lambda: pocket.measure(bench),
        "up": lambda: startup.measure(bench),
        "build": lambda: build.measure(bench),
    }
    found: list[Result] = []
    failures: dict[str, str] = {}
    if "peer" in load:
        try:
            peer.install()
        except MeasurementFailed as error:
            # Probably PyPI is unreachable: our own chain can still be measured.
            load.remove("peer")
            fail("peer", error, failures)
    for name, measure in sections.items():
        if not load if name == "chain" else name not in wanted:
            continue
        print(" and ".join(sorted(load)) if name == "chain" else name, file=sys.stderr, flush=True)
        try:
            found += list(measure())
        except (MeasurementFailed, OSError) as error:
            fail(name, error, failures)
    return found, failures


def fail(name: str, error: Exception, failures: dict[str, str]) -> None:
    failures[name] = str(error)
    print(f"bench: FAILED: {name}: {error}", file=sys.stderr)


def report(found: list[Result], failures: dict[str, str], seconds: float) -> None:
    missed = [result for result in found if result.is_met is False]
    aims = sum(result.aim is not None for result in found)
    print(f"\n{aims - len(missed)} of {aims} aims met, in {seconds:.0f} s")
    for name in failures:
        print(f"NOT MEASURED: {name}, see above; --keep keeps the logs and databases of a run")


def started_at(seconds_ago: float) -> str:
    return datetime.fromtimestamp(time.time() - seconds_ago, timezone.utc).isoformat(timespec="seconds")


def write(path: Path, about: dict[str, object], found: list[Result], failures: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"run": about, "results": [result.json() for result in found], "failures": failures}
    # Atomic: the file is complete or absent.
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    partial.replace(path)
    shown = path.resolve()
    print(f"kept in {shown.relative_to(ROOT) if shown.is_relative_to(ROOT) else shown}")


def end(_: int, __: FrameType | None) -> NoReturn:
    """Unwinds, so that everything that was started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
