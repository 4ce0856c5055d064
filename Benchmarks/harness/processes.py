"""The processes under measurement; they end with the run, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from harness import memory
from harness.bench import MeasurementFailed
from harness.memory import Memory

# clock_getcpuclockid(3) makes the clock of another process of its id and this.
CPUCLOCK_SCHED = 2
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


class Process:
    """One process, with its standard error."""

    def __init__(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, *, pipe: bool
    ) -> None:
        self.name = name
        self.errors = folder / f"{name}.stderr"
        with self.errors.open("wb") as errors:
            self.handle = subprocess.Popen(
                [str(word) for word in command],
                env=base_environment() | dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipe else subprocess.DEVNULL,
                stderr=errors,
                text=pipe,
                # Ctrl-C only reaches the run, which then stops its processes one by one.
                start_new_session=True,
                # The last resort, in case the run itself is killed.
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
            )

    @property
    def pid(self) -> int:
        return self.handle.pid

    @property
    def is_alive(self) -> bool:
        return self.handle.poll() is None

    def cpu_seconds(self) -> float:
        """The CPU time of all its threads so far, in user and kernel mode, to the nanosecond."""
        return time.clock_gettime((~self.pid << 3) | CPUCLOCK_SCHED)

    def settled_cpu_seconds(self) -> float:
        """Like ``cpu_seconds``, once its background work is done, or after ten seconds."""
        seconds = self.cpu_seconds()
        for _ in range(40):
            time.sleep(0.25)
            seconds, before = self.cpu_seconds(), seconds
            if seconds - before <= 0.01:
                break
        return seconds

    def memory(self) -> Memory:
        return memory.of(self.pid)

    def last_words(self) -> str:
        return "\n".join(self.errors.read_text(errors="replace").splitlines()[-5:])

    def wait_ready(self, url: str, seconds: float = 30) -> None:
        """Waits until `url` answers 200."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.is_alive:
                raise MeasurementFailed(f"{self.name} ended with {self.handle.returncode}:\n{self.last_words()}")
            with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.02)
        raise MeasurementFailed(f"{self.name} was not ready after {seconds:g} s: {url}\n{self.last_words()}")


class Processes:
    """Starts processes; those still running are stopped at the end of the `with` block."""

    def __init__(self) -> None:
        self.all: list[Process] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(*self.all)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        *,
        pipe: bool = False,
    ) -> Process:
        process = Process(name, command, environment, folder, pipe=pipe)
        self.all.append(process)
        return process

    def stop(self, *processes: Process, signal_number: int = signal.SIGTERM, seconds: float = 10) -> None:
        """Asks processes to end, and kills those still running after some seconds."""
        for process in processes:
            if process.is_alive:
                process.handle.send_signal(signal_number)
        deadline = time.monotonic() + seconds
        try:
            for process in processes:
                process.handle.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        finally:
            # Also if a second Ctrl-C cuts the wait short.
            for process in processes:
                if process.is_alive:
                    process.handle.kill()
                process.handle.wait()
                if process.handle.stdout is not None:
                    process.handle.stdout.close()
                if process in self.all:
                    self.all.remove(process)


def base_environment() -> dict[str, str]:
    """The variables that a process inherits: none that configure logs, telemetry or ports."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
