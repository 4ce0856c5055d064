"""The memory of a process, told apart by what is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """Resident memory in MB (10^6 bytes)."""

    resident: float
    # What the process has written: its heap, its stacks, its data. Nobody shares it.
    anonymous: float
    # Pages of the program and of libraries, from the file. The kernel drops them when it needs room.
    file_backed: float
    # How many libraries are mapped.
    libraries: int


def of(pid: int) -> Memory:
    folder = Path(f"/proc/{pid}")
    return parse((folder / "smaps_rollup").read_text(), (folder / "maps").read_text())


def parse(rollup: str, maps: str) -> Memory:
    """From the text of `smaps_rollup` and `maps` in a process' folder of /proc."""
    sizes: dict[str, float] = {}
    for line in rollup.splitlines()[1:]:
        name, _, value = line.partition(":")
        sizes[name] = int(value.split()[0]) * 1024 / 1e6
    # The sixth column is the file.
    files = {columns[5] for line in maps.splitlines() if len(columns := line.split(maxsplit=5)) == 6}
    libraries = {file for file in files if file.startswith("/") and ".so" in Path(file).name}
    anonymous = sizes["Anonymous"]
    return Memory(
        resident=sizes["Rss"],
        anonymous=anonymous,
        file_backed=sizes["Rss"] - anonymous,
        libraries=len(libraries),
    )
