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
from typing import NoReturn, TextIO

from harness import build, console, counts, encoders, faults, machine, peer, pocket, startup, stored, table, throughput
from harness.bench import METER, ROOT, Bench, MeasurementFailed, say
from harness.builds import Build
from harness.counts import Counts
from harness.options import NEEDS_METER, misuse, parse, sections, tools
from harness.results import Result

def main() -> int:
    options = parse()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    wanted = sections(options)
    if sentence := misuse(options, wanted):
        print(f"bench: {sentence}", file=sys.stderr)
        return 2
    if sentences := machine.missing(tools(wanted), programs(options, wanted)):
        for sentence in sentences:
            print(f"bench: {sentence}", file=sys.stderr)
        return 1
    # By build and case.
    counted: dict[str, dict[str, Counts]] = {}
    kept: dict[str, Counts] | None = None
    if options.compare:
        try:
            kept, differences = stored.load()
        except MeasurementFailed as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        for sentence in differences:
            print(f"bench: the stored counts are not from here: {sentence}", file=sys.stderr)
    about = machine.describe()
    print(f"{about['cpu']}, {about['cores']} cores", file=sys.stderr)
    if about["busy_percent"] > 10:
        print(f"others use {about['busy_percent']:.0f} % of it: rates will be too low, ratios less so", file=sys.stderr)

    started = time.monotonic()
    parent = ROOT / ".build/bench"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    bench = bench_of(options, folder)
    try:
        found, failures = run(bench, wanted, counted, kept)
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        if options.keep:
            say(f"files kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started

    before = "stored" if options.compare else "old"
    if found:
        if options.markdown:
            print(table.markdown(found, before))
        else:
            print(table.table(found, table.paint_for(sys.stdout), table.width_of(sys.stdout), before))
    # With --markdown, standard output has the table only.
    words = sys.stderr if options.markdown else sys.stdout
    report(found, failures, seconds, words)
    about |= {"new": str(options.program), "old": str(options.against) if options.against else None}
    about |= {"rounds": bench.rounds, "seconds_of_load": bench.seconds}
    about |= {"quick": options.quick, "started": started_at(seconds), "seconds": round(seconds, 1)}
    write(options.json, about, found, failures)
    print(f"kept in {shown(options.json)}", file=words)
    # Not if they could not be counted.
    is_allowed = judge(options, counted["new"], words) if "new" in counted and "counts" not in failures else True
    return 0 if is_allowed and not failures else 1


def programs(options: argparse.Namespace, wanted: list[str]) -> list[Path]:
    """The built programs that the sections need."""
    builds = [options.program, *([options.against] if options.against else [])]
    return builds + ([METER] if NEEDS_METER & set(wanted) else [])


def bench_of(options: argparse.Namespace, folder: Path) -> Bench:
    rounds, seconds = options.rounds or (3 if options.quick else 7), options.seconds or (2 if options.quick else 3)
    old = Build("old", options.against) if options.against else None
    return Bench(folder, options.quick, Build("new", options.program), old, rounds, seconds)


def judge(options: argparse.Namespace, counted: dict[str, Counts], words: TextIO) -> bool:
    """Compares and stores the counts of this build. False if one is more than the stored one allows."""
    is_allowed = True
    if options.compare:
        worse, better = stored.judge(counted, stored.load()[0])
        for sentence in worse:
            print(f"WORSE: {sentence}", file=words)
        for sentence in better:
            print(f"better: {sentence}; --store-counts keeps it", file=words)
        if not worse:
            print(f"no count is more than {stored.FILE.relative_to(ROOT)} allows", file=words)
        is_allowed = not worse
    if options.store_counts:
        stored.store(counted, machine.revision())
        print(f"counts stored in {stored.FILE.relative_to(ROOT)}", file=words)
    return is_allowed


def run(
    bench: Bench, wanted: list[str], counted: dict[str, dict[str, Counts]], kept: dict[str, Counts] | None
) -> tuple[list[Result], dict[str, str]]:
    """Runs the sections. If one fails, the others still run."""
    load = {"chain", "peer"} & set(wanted)
    sections: dict[str, Callable[[], Iterator[Result]]] = {
        # In one run, because both are compared within the same rounds.
        "chain": lambda: throughput.measure(bench, ours="chain" in load, against_fastapi="peer" in load),
        "counts": lambda: counts.measure(bench, counted, kept),
        "encoders": lambda: encoders.measure(bench),
        "faults": lambda: faults.measure(bench),
        "pocket": lambda: pocket.measure(bench),
        "console": lambda: console.measure(bench),
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


def report(found: list[Result], failures: dict[str, str], seconds: float, words: TextIO) -> None:
    missed = [result for result in found if result.is_met is False]
    aims = sum(result.is_met is not None for result in found)
    print(f"\n{aims - len(missed)} of {aims} aims met, in {seconds:.0f} s", file=words)
    for name in failures:
        print(f"NOT MEASURED: {name}, see above; --keep keeps the logs and databases of a run", file=words)


def started_at(seconds_ago: float) -> str:
    return datetime.fromtimestamp(time.time() - seconds_ago, timezone.utc).isoformat(timespec="seconds")


def write(path: Path, about: dict[str, object], found: list[Result], failures: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"run": about, "results": [result.json() for result in found], "failures": failures}
    # Atomic: the file is complete or absent.
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    partial.replace(path)


def shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def end(_: int, __: FrameType | None) -> NoReturn:
    """Unwinds, so that everything that was started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
