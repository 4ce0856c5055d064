"""The cost of a log line and of a span, alone and inside a request; measured by tailspan-bench."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.bench import Bench, say
from harness.results import Aim, Result, at_most, median

SECTION = "encoders"
# A batch of spans is one allocation, its bytes: 1/500 allocation per span counts as none.
NO_ALLOCATION = at_most(0.01)
# What one more of them costs in a request with sixteen.
IN_PLACE = (
    ("database_span", "a statement's span inside a request", at_most(700)),
    ("internal_span", "  a span with its own context and attributes", None),
    ("line", "a log line of 15 fields inside a request", at_most(600)),
    ("request", "a request's own span, line and metrics", None),
    ("typical_request", "  with four more spans and two more lines", None),
)


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
    yield from in_place(bench.meter("in-place", "--rounds", rounds, "--round-ms", 20))


def in_place(found: dict[str, Any]) -> Iterator[Result]:
    for key, what, aim in IN_PLACE:
        cost = found["per_" + key]
        yield Result(SECTION, "in_place_" + key, what, cost["ns"], "ns", aim, note=f"{cost['p5']:.0f}–{cost['p95']:.0f}")


def subject(
    found: dict[str, Any], key: str, what: str, time: Aim | None = None, allocations: Aim | None = None
) -> Iterator[Result]:
    yield median(SECTION, key, what, found[key]["rounds"], "ns", time)
    indent = "  " + what[: len(what) - len(what.lstrip())]
    yield Result(SECTION, f"{key}_allocations", indent + "allocations", found[key]["allocations"], "", allocations)
