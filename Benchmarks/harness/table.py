"""The results as text: a table for a terminal, or one in Markdown."""

from __future__ import annotations

import os
import shutil
import statistics
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TextIO

from harness.results import Aim, Result, Spread

GREEN, RED, DIM, BOLD = "32", "31", "2", "1"
# Text in, text out; the identity where there is no colour.
Paint = Callable[[str, str], str]
GAP = "  "


def paint_for(stream: TextIO) -> Paint:
    """Colours for a terminal, unless NO_COLOR says otherwise (https://no-color.org)."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return plain
    return lambda text, code: f"\x1b[{code}m{text}\x1b[0m" if text.strip() else text


def plain(text: str, _: str) -> str:
    return text


def width_of(stream: TextIO) -> int:
    """The columns that a table may have: those of the terminal, 80 in a file."""
    return max(60, shutil.get_terminal_size((80, 24)).columns) if stream.isatty() else 80


def number(value: float) -> str:
    """Three significant digits, or all digits of the integer part with thousands separated."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def two_digits(ratio: float) -> str:
    return f"{ratio:.2f}"


def quantity(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def aim_text(aim: Aim | None, unit: str) -> str:
    if aim is None:
        return ""
    bound = f"{aim.bound:,.15g}" if aim.bound < 1000 else number(aim.bound)
    return ("≤ " if aim.is_upper else "≥ ") + f"{bound} {'× old' if aim.is_of_ratio else unit}".rstrip()


def half_width(values: Sequence[float]) -> str:
    percent = Spread.of(values).half_width_percent if len(values) > 2 else None
    return "" if percent is None else f"±{percent:.0f}%" if percent >= 0.95 else f"±{percent:.1f}%"


def met_text(result: Result) -> str:
    return {True: "yes", False: "NO", None: ""}[result.is_met]


def table(results: Sequence[Result], paint: Paint = plain, width: int = 80, before: str = "old") -> str:
    """Columns: what, measured (old, new and their ratio where there is an old build), spread, aim, met.

    `before` is the head of the column that the new build is compared with.
    """
    compares = any(result.before for result in results)
    cells = [row(result, compares) for result in results]
    heads = (before, "new", "ratio", "", "aim", "met?") if compares else ("measured", "", "aim", "met?")
    widths = [max(len(line[column]) for line in [heads, *cells]) for column in range(len(heads))]
    room = width - sum(widths) - len(GAP) * len(widths)
    # The first column is no wider than its texts, and breaks them if they have no room.
    first = max(20, min(room, max(len(result.what) + indent(result) for result in results)))

    def line(what: str, others: Sequence[str], bold: bool = False) -> str:
        # Numbers stand below each other by their right end, aims and words by their left.
        aligned = [
            text.ljust(w) if column >= len(heads) - 2 else text.rjust(w)
            for column, (text, w) in enumerate(zip(others, widths, strict=True))
        ]
        if not bold:
            aligned[-1] = paint(aligned[-1], GREEN if others[-1] == "yes" else RED)
        text = GAP.join([what.ljust(first), *aligned]).rstrip()
        return paint(text, BOLD) if bold else text

    text = [line("what", heads, bold=True), GAP.join("─" * w for w in [first, *widths])]
    for index, (name, rows) in enumerate(blocks(results)):
        if index:
            text.append("")
        if name:
            text.append(paint(name, BOLD))
        for result in rows:
            text += wrapped(result, row(result, compares), first, width, line, paint)
    return "\n".join(text)


def blocks(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    """Neighbours of one section and group."""
    for (_, group), rows in groupby(results, key=lambda result: (result.section, result.group)):
        yield group, list(rows)


def row(result: Result, compares: bool) -> tuple[str, ...]:
    """The cells behind the first."""
    measured = quantity(result.value, result.unit)
    last = (aim_text(result.aim, result.unit), met_text(result))
    if not compares:
        return (measured, half_width(result.rounds), *last)
    old = "" if result.old is None else number(result.old)
    ratio = two_digits(statistics.median(result.ratios)) if result.ratios else ""
    return (old, measured, ratio, half_width(result.ratios or result.rounds), *last)


def indent(result: Result) -> int:
    return 2 if result.group else 0


def wrapped(
    result: Result, cells: tuple[str, ...], first: int, width: int, line: Callable[..., str], paint: Paint
) -> list[str]:
    margin = " " * indent(result) + result.what[: len(result.what) - len(result.what.lstrip())]
    parts = textwrap.wrap(result.what.strip(), first, initial_indent=margin, subsequent_indent=margin + "  ")
    lines = [line(parts[0], cells), *parts[1:]]
    if result.note:
        notes = textwrap.wrap(result.note, width, initial_indent=margin + "  ", subsequent_indent=margin + "  ")
        lines += [paint(note, DIM) for note in notes]
    return lines


def markdown(results: Sequence[Result], before: str = "old") -> str:
    """The same for a page: quartiles in parentheses, and one table."""
    compares = any(result.before for result in results)
    heads = ["What", before.capitalize(), "New", f"New ÷ {before}", "Aim", ""] if compares else ["What", "Measured", "Aim", ""]
    text = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    for name, rows in blocks(results):
        if name:
            text.append(f"| **{name}** |" + " |" * (len(heads) - 1))
        text += ["| " + " | ".join(markdown_row(result, compares)) + " |" for result in rows]
    return "\n".join(text)


def markdown_row(result: Result, compares: bool) -> list[str]:
    met = {True: "met", False: "**missed**", None: ""}[result.is_met]
    # A part of the row above it.
    part = "… " if result.what.startswith(" ") else ""
    what = part + result.what.strip() + (f" ({result.note})" if result.note else "")
    measured = quantity(result.value, result.unit)
    last = [aim_text(result.aim, result.unit), met]
    if not compares:
        return [what, measured + between(result.rounds), *last]
    old = "" if result.old is None else quantity(result.old, result.unit)
    ratios = result.ratios
    ratio = two_digits(statistics.median(ratios)) + between(ratios, two_digits) if ratios else ""
    return [what, old, measured, ratio, *last]


def between(values: Sequence[float], shown: Callable[[float], str] = number) -> str:
    """The quartiles."""
    if len(values) < 3:
        return ""
    spread = Spread.of(values)
    return f" ({shown(spread.lower)}–{shown(spread.upper)})"
