"""The machine under the benchmarks: its properties, and what it lacks."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness import nginx
from harness.bench import ROOT


# Where Debian has what the sections need.
PACKAGES = {"wrk": "wrk", "nginx": "nginx-light", "strace": "strace", "valgrind": "valgrind", "objcopy": "binutils"}


def missing(tools: Iterable[str], programs: Iterable[Path]) -> list[str]:
    """What to do before anything can be measured, as sentences."""
    sentences: list[str] = []
    packages = [PACKAGES[tool] for tool in tools if find(tool) is None]
    if packages:
        # Installing nginx on Debian starts a system service, which nobody wants here.
        sentences.append(
            f"{', '.join(packages)} missing: sudo apt-get install {' '.join(packages)}"
            + (" && sudo systemctl disable --now nginx" if "nginx-light" in packages else "")
        )
    for program in programs:
        if not program.exists():
            build = f"swift build -c release --static-swift-stdlib --product {program.name}  (or: make bench)"
            is_ours = program.is_relative_to(ROOT)
            sentences.append(f"{program.relative_to(ROOT)} missing: {build}" if is_ours else f"{program} missing")
    return sentences


def find(tool: str) -> str | None:
    return nginx.program() if tool == "nginx" else shutil.which(tool)


def describe() -> dict[str, Any]:
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "system": platform.platform(),
        "busy_percent": round(busy_percent(), 1),
        "revision": revision(),
    }


def busy_percent() -> float:
    """How busy other processes currently keep the machine."""

    def sample() -> tuple[int, int]:
        times = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return sum(times), times[3] + times[4]

    (all_before, idle_before) = sample()
    time.sleep(1)
    (all_after, idle_after) = sample()
    return 100 * (1 - (idle_after - idle_before) / max(1, all_after - all_before))


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def revision() -> str:
    """The commit, with a plus if the tree differs from it; empty outside a repository."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.stdout.strip()
