"""The builds of the program under measurement: this one, and with --against an older one."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.bench import MeasurementFailed

# The setting of a service that names a socket to listen on, in the list of `tailspan settings`.
SOCKET_SETTING = re.compile(r"^\w*SOCKET\w* .*$", re.MULTILINE)


@dataclass(frozen=True)
class Build:
    """One built program."""

    # "old" or "new"; "new" if there is only one.
    name: str
    program: Path

    @cached_property
    def socket_setting(self) -> str | None:
        """The variable with which a service listens on a Unix-domain socket too; none in builds that cannot."""
        return self.socket_line.partition(" ")[0] or None

    def socket_value(self, socket: Path) -> str:
        """What the variable is set to, so that a service listens on `socket`."""
        return f"unix:{socket}" if "unix:" in self.socket_line else str(socket)

    @cached_property
    def socket_line(self) -> str:
        """The variable's line in the list of settings; empty where there is none."""
        done = subprocess.run([self.program, "settings"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise MeasurementFailed(f"{self.program} settings ended with {done.returncode}: {done.stderr.strip()}")
        found = SOCKET_SETTING.search(done.stdout)
        return found[0] if found else ""
