"""Measured values with their aims, and the table and JSON of all results."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Aim:
    """A bound in the result's own unit."""

    bound: float
    is_upper: bool

    def is_met_by(self, value: float) -> bool:
        return value <= self.bound if self.is_upper else value >= self.bound


def at_most(bound: float) -> Aim:
    return Aim(bound, is_upper=True)


def at_least(bound: float) -> Aim:
    return Aim(bound, is_upper=False)


@dataclass(frozen=True)
class Result:
    """One row of the table."""

    section: str
    # The name in the JSON, unique within the section.
    key: str
    # A description for people.
    what: str
    value: float
    unit: str
    aim: Aim | None = None
    # A remark to read with the value.
    note: str = ""
    # The value in each round, if the result is a median.
    rounds: Sequence[float] = field(default_factory=tuple)

    @property
    def is_met(self) -> bool | None:
        return None if self.aim is None else self.aim.is_met_by(self.value)

    def json(self) -> dict[str, Any]:
        result: dict[str, Any] = {
            "section": self.section,
            "name": self.key,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
        }
        if self.aim is not None:
            result["aim"] = {"at_most" if self.aim.is_upper else "at_least": self.aim.bound}
            result["met"] = self.is_met
        if self.note:
            result["note"] = self.note
        if self.rounds:
            result["rounds"] = list(self.rounds)
        return result


def median(
    section: str, key: str, what: str, rounds: Sequence[float], unit: str, aim: Aim | None = None, note: str = ""
) -> Result:
    """A result with the median of several rounds."""
    return Result(section, key, what, statistics.median(rounds), unit, aim, note, tuple(rounds))


def number(value: float) -> str:
    """Three significant digits, or all digits of the integer part with thousands separated."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def quantity(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def table(results: Sequence[Result]) -> str:
    """Columns: what, measured, aim, met; one block per section."""
    heads = ("what", "measured", "aim", "met?")
    lines: list[tuple[str, str, str, str]] = []
    for result in results:
        aim, met = "", ""
        if result.aim is not None:
            aim = ("≤ " if result.aim.is_upper else "≥ ") + quantity(result.aim.bound, result.unit)
            met = "yes" if result.is_met else "NO"
        measured = quantity(result.value, result.unit) + (f" ({result.note})" if result.note else "")
        lines.append((result.what, measured, aim, met))
    widths = [max(len(line[column]) for line in [heads, *lines]) for column in range(3)]

    def row(cells: tuple[str, str, str, str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, [*widths, 0], strict=True)).rstrip()

    text = [row(heads), "  ".join("─" * width for width in [*widths, 4])]
    for index, (result, line) in enumerate(zip(results, lines, strict=True)):
        if index > 0 and results[index - 1].section != result.section:
            text.append("")
        text.append(row(line))
    return "\n".join(text)
