"""The context of every section, and the error for a failed measurement."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.builds import Build

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/tailspan"
METER = ROOT / ".build/release/tailspan-bench"


class MeasurementFailed(Exception):
    """The subject did not work as it should: its figures would be meaningless."""


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks."""

    # The run's files; removed at the end.
    folder: Path
    quick: bool
    new: Build
    # What the new build is compared with.
    old: Build | None = None
    # How many rounds of load, and how many seconds each subject has in a round.
    rounds: int = 7
    seconds: float = 3

    @property
    def builds(self) -> list[Build]:
        """Those that are measured, the old one first."""
        return [self.old, self.new] if self.old else [self.new]

    def subfolder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def meter(self, *arguments: str | int | Path) -> dict[str, Any]:
        """Runs a command of tailspan-bench and returns what it found."""
        command = [str(METER), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise MeasurementFailed(f"tailspan-bench {arguments[0]}: {done.stderr.strip()}")
        result: dict[str, Any] = json.loads(done.stdout)
        return result


def say(message: str) -> None:
    """Reports progress."""
    print(f"  {message}", file=sys.stderr, flush=True)
