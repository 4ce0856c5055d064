"""The cost of a log line and of a span alone; measured by tailspan-bench."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.bench import Bench, say
from harness.results import Aim, Result, at_most, median

SECTION = "encoders"
# A batch of spans is one allocation, its bytes: 1/500 allocation per span counts as none.
NO_ALLOCATION = at_most(0.01)


def measure(bench: Bench) -> Iterator[Result]:
    say("log lines and spans")
    rounds = 7 if bench.quick else 21
    found = bench.meter("encoders", "--folder", bench.subfolder("encoders"), "--rounds", rounds)
    yield from subject(found, "log_line", "a log line of 14 fields, to /dev/null", at_most(200), NO_ALLOCATION)
    yield from subject(found, "log_line_handler", "  the handler alone, the fields being there")
    yield from subject(found, "log_line_to_file", "  to a file")
    yield from subject(found, "span_encoded", "a span of 8 attributes, encoded", at_most(250), NO_ALLOCATION)
    yield Result(SECTION, "span_size", "  its size in OTLP", found["bytes_per_span"], "B")
    yield from subject(found, "span_started_and_ended", "  started and ended by the tracer")


def subject(
    found: dict[str, Any], key: str, what: str, time: Aim | None = None, allocations: Aim | None = None
) -> Iterator[Result]:
    yield median(SECTION, key, what, found[key]["rounds"], "ns", time)
    indent = "  " + what[: len(what) - len(what.lstrip())]
    yield Result(SECTION, f"{key}_allocations", indent + "allocations", found[key]["allocations"], "", allocations)
