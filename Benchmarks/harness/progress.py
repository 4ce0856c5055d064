"""Says on standard error how far a section is: one line that changes on a terminal, few lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import time
from types import TracebackType


class Progress:
    """Counts the steps of a section, and estimates how long the rest takes."""

    def __init__(self, section: str, steps: int) -> None:
        self.section = section
        self.steps = steps
        self.done = 0
        self.started = time.monotonic()
        self.said = ""
        self.is_live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def step(self, what: str) -> None:
        """Begins the next step."""
        text = f"  {self.section} {self.done}/{self.steps}{self.rest()}  {what}"
        self.done += 1
        if self.is_live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)
            return
        # A line for each round, not for each step.
        head = what.partition(":")[0]
        if head != self.said:
            self.said = head
            print(f"  {head}{self.rest()}", file=sys.stderr, flush=True)

    def rest(self) -> str:
        if self.done < 3:
            return ""
        seconds = (time.monotonic() - self.started) / self.done * (self.steps - self.done)
        return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"
