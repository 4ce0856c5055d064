"""The counts that are kept in the repository, and whether a change makes them worse."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.bench import ROOT, MeasurementFailed
from harness.counts import Counts

FILE = ROOT / "Benchmarks/counts.json"
# How much more is still the same, in per cent. Runs of one build on a busy machine differ by less than that. The slower
# they are, the more timers fire in them. With several connections, how many requests share a turn of a loop is chance.
TOLERANCE = {
    ("instructions", True): 2.5,
    ("instructions", False): 2.5,
    ("system_calls", True): 4.0,
    ("system_calls", False): 10.0,
}


def tolerance(what: str, case: str) -> float:
    return TOLERANCE[what, case.endswith("_c1")]


def surroundings() -> dict[str, str]:
    """What counts depend on beside the code. Elsewhere they are others."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "") if Path("/etc/os-release").exists() else ""
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=False).stdout
    return {
        "system": system,
        "architecture": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "swift": next((line.strip() for line in swift.splitlines() if "version" in line), ""),
    }


def store(counts: Mapping[str, Counts], revision: str, file: Path = FILE) -> None:
    cases = {
        case: {
            "totals": rounded(found.totals),
            "instructions": rounded(found.instructions),
            "instructions_by_file": rounded({n: c for n, c in found.by_object.items() if c >= 100}),
            "system_calls": {role: rounded(calls) for role, calls in found.system_calls.items()},
        }
        for case, found in counts.items()
    }
    content = {"revision": revision, "surroundings": surroundings(), "cases": cases}
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def rounded(counts: Mapping[str, float]) -> dict[str, float]:
    """Largest first, with as many digits as mean something."""
    found = {name: round(count) if count >= 1000 else round(count, 2) for name, count in counts.items()}
    return {name: count for name, count in sorted(found.items(), key=lambda pair: -pair[1]) if count}


def load(file: Path = FILE) -> tuple[dict[str, Counts], list[str]]:
    """The counts by case, and sentences about what is different here."""
    try:
        content: dict[str, Any] = json.loads(file.read_text())
        counts = {
            case: Counts(found["instructions"], found["system_calls"], found["instructions_by_file"])
            for case, found in content["cases"].items()
        }
    except (OSError, ValueError, KeyError) as error:
        raise MeasurementFailed(f"{file} cannot be read: {error}; --store-counts writes it") from error
    here = surroundings()
    differences = [
        f"{name}: counted with {there or 'nothing known'}, here {here.get(name) or 'nothing known'}"
        for name, there in content["surroundings"].items()
        if here.get(name) != there
    ]
    return counts, differences


def judge(new: Mapping[str, Counts], kept: Mapping[str, Counts]) -> tuple[list[str], list[str]]:
    """Sentences about what is more than allowed, and about what is less by as much and could be stored."""
    worse: list[str] = []
    better: list[str] = []
    for case, found in new.items():
        if case not in kept:
            continue
        for what, value in found.totals.items():
            before, allowed = kept[case].totals[what], tolerance(what, case)
            percent = (value / before - 1) * 100
            if abs(percent) > allowed:
                sentence = f"{case}, {what.replace('_', ' ')}: {value:,.1f} per request, stored {before:,.1f}"
                sentence += f": {percent:+.1f} %, {allowed:g} % are allowed"
                (worse if percent > 0 else better).append(sentence)
    return worse, better
