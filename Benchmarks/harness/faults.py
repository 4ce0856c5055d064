"""The cost of idle fault injection; measured by tailspan-bench."""

from __future__ import annotations

from collections.abc import Iterator

from harness.bench import Bench, say
from harness.results import Result, at_most

SECTION = "faults"
PLACES = {"over_a_socket": "a request over a socket", "in_memory": "the middleware alone, in memory"}
SUBJECTS = {
    "idle": "  with an idle injector",
    "open": "  where requests may bring rules, and bring none",
    "journal": "  the gateway's journal of requests besides",
}


def measure(bench: Bench) -> Iterator[Result]:
    say("an idle fault injector")
    found = bench.meter("faults", "--rounds", 51 if bench.quick else 201, "--round-ms", 10)
    for place, what in PLACES.items():
        part = found[place]
        noise = part["noise"]
        yield Result(SECTION, f"{place}_without", f"{what}, without injector", part["ns"]["without"], "ns")
        band = f"noise {noise['p5']:.3f}–{noise['p95']:.3f}"
        for name, subject in SUBJECTS.items():
            # No more than the difference between two runs of the same code.
            aim = at_most(noise["p95"]) if (place, name) == ("over_a_socket", "idle") else None
            yield Result(SECTION, f"{place}_{name}", subject, part[name]["ratio"], "×", aim, note=band)
