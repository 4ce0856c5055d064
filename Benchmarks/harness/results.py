"""Measured values with their aims and their spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Aim:
    """A bound in the result's own unit, or for the new build's value divided by the old one's."""

    bound: float
    is_upper: bool
    is_of_ratio: bool = False

    def is_met_by(self, value: float) -> bool:
        return value <= self.bound if self.is_upper else value >= self.bound


def at_most(bound: float) -> Aim:
    return Aim(bound, is_upper=True)


def at_least(bound: float) -> Aim:
    return Aim(bound, is_upper=False)


def at_least_times(bound: float) -> Aim:
    """At least so many times the old build's value."""
    return Aim(bound, is_upper=False, is_of_ratio=True)


def at_most_times(bound: float) -> Aim:
    """At most so many times the old build's value."""
    return Aim(bound, is_upper=True, is_of_ratio=True)


@dataclass(frozen=True)
class Spread:
    """The median and the quartiles of a few values."""

    median: float
    lower: float
    upper: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        if len(values) == 1:
            return Spread(values[0], values[0], values[0])
        lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
        return Spread(median, lower, upper)

    @property
    def half_width_percent(self) -> float | None:
        """Half the distance of the quartiles, in per cent of the median."""
        return (self.upper - self.lower) / 2 / abs(self.median) * 100 if self.median else None


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
    # What this row has in common with its neighbours; their heading.
    group: str = ""
    # The old build's value in each round, if there is an old build.
    before: Sequence[float] = field(default_factory=tuple)

    @property
    def old(self) -> float | None:
        return statistics.median(self.before) if self.before else None

    @property
    def ratios(self) -> list[float]:
        """New by old, round by round. Empty where it says nothing."""
        values = list(self.rounds) or [self.value]
        if len(values) != len(self.before) or not all(self.before):
            return []
        return [new / old for new, old in zip(values, self.before, strict=True)]

    @property
    def is_met(self) -> bool | None:
        if self.aim is None:
            return None
        if not self.aim.is_of_ratio:
            return self.aim.is_met_by(self.value)
        return self.aim.is_met_by(statistics.median(self.ratios)) if self.ratios else None

    def json(self) -> dict[str, Any]:
        result: dict[str, Any] = {
            "section": self.section,
            "name": self.key,
            "what": f"{self.group}: {self.what.strip()}" if self.group else self.what,
            "value": self.value,
            "unit": self.unit,
        }
        if self.aim is not None:
            bound = "at_most" if self.aim.is_upper else "at_least"
            result["aim"] = {bound + ("_times_old" if self.aim.is_of_ratio else ""): self.aim.bound}
            result["met"] = self.is_met
        if self.note:
            result["note"] = self.note
        if self.rounds:
            result["rounds"] = list(self.rounds)
            result["quartiles"] = quartiles(self.rounds)
        if self.before:
            result |= {"old": self.old, "old_rounds": list(self.before)}
        if self.ratios:
            result |= {"ratio": statistics.median(self.ratios), "ratio_quartiles": quartiles(self.ratios)}
        return result


def quartiles(values: Sequence[float]) -> list[float]:
    spread = Spread.of(values)
    return [spread.lower, spread.upper]


def median(
    section: str,
    key: str,
    what: str,
    rounds: Sequence[float],
    unit: str,
    aim: Aim | None = None,
    note: str = "",
    *,
    group: str = "",
    before: Sequence[float] = (),
) -> Result:
    """A result with the median of several rounds."""
    value = statistics.median(rounds)
    return Result(section, key, what, value, unit, aim, note, tuple(rounds), group, tuple(before))
