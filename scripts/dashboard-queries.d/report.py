"""The table of results."""
import json
import shutil
import sys
from collections import Counter

COLUMNS = ["dashboard", "panel", "status", "rows", "ms", "note"]


def failures(rows, requires_rows, at_most):
    return [row for row in rows if row["status"] == "error"
            or requires_rows and row["status"] == "empty" or is_slow(row, at_most)]


def is_slow(row, at_most):
    return at_most is not None and row["ms"] > at_most


def write(rows, as_json, at_most):
    if as_json:
        json.dump(rows, sys.stdout, indent=1, ensure_ascii=False)
        print()
        return
    cells = [[str(row[name]) for name in COLUMNS] for row in rows]
    widths = [max(map(len, column)) for column in zip(COLUMNS, *cells)]
    # On a terminal the last column gets the rest of the line; in a file it is not cut.
    rest = shutil.get_terminal_size((100, 24)).columns - sum(widths[:-1]) - 2 * (len(COLUMNS) - 1)
    for cell in [COLUMNS] + cells:
        line = [text.rjust(width) if name in ("rows", "ms") else text.ljust(width)
                for name, text, width in zip(COLUMNS[:-1], cell, widths)]
        note = cell[-1] if len(cell[-1]) <= rest or not sys.stdout.isatty() else cell[-1][:max(0, rest - 1)] + "…"
        print("  ".join(line + [note]).rstrip())
    counts = Counter(row["status"] for row in rows)
    asked = [row["ms"] for row in rows if row["status"] != "skipped"]
    slow = sum(is_slow(row, at_most) for row in rows)
    summary = [f"{len(rows)} queries"] + [f"{count} {status}" for status, count in counts.items()]
    if asked:
        summary.append(f"the slowest took {max(asked)} ms")
    if slow:
        summary.append(f"{slow} took more than {at_most} ms")
    print("\n" + ", ".join(summary))
