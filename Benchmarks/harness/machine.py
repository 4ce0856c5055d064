"""The machine under the benchmarks: its properties, and what it lacks."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from harness import nginx
from harness.bench import METER, PROGRAM, ROOT


def missing(*, load: bool) -> list[str]:
    """What to do before anything can be measured, as sentences. `load`: whether wrk and nginx are needed."""
    sentences: list[str] = []
    if load:
        packages = []
        if shutil.which("wrk") is None:
            packages.append("wrk")
        if nginx.program() is None:
            packages.append("nginx-light")
        if packages:
            # Installing nginx on Debian starts a system service, which nobody wants here.
            sentences.append(
                f"{' and '.join(packages)} missing: sudo apt-get install {' '.join(packages)}"
                + (" && sudo systemctl disable --now nginx" if "nginx-light" in packages else "")
            )
    for program in (PROGRAM, METER):
        if not program.exists():
            sentences.append(
                f"{program.relative_to(ROOT)} missing: "
                f"swift build -c release --static-swift-stdlib --product {program.name}  (or: make bench)"
            )
    return sentences


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
