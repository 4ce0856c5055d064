"""What the command line may say, and what belongs together in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.bench import PROGRAM, ROOT

SECTIONS = {
    "chain": "the synchronous chain: against nginx, in memory, without telemetry; memory of the services",
    "peer": "the chain against the same in FastAPI",
    "counts": "system calls and instructions of a request",
    "encoders": "a log line and a span",
    "faults": "what an idle fault injector costs, and the journal of requests",
    "pocket": "the pocket stack: taking in, reading, memory",
    "console": "the console's pages in a browser, over 100,000 lines and 10,000 traces",
    "up": "from tailspan up until everything is ready, and until the first answer",
    "build": "a clean release build",
}
# Those that can measure an old and a new build in turns. The rest needs the parts in Swift, which only this tree has.
COMPARING = ("chain", "peer", "counts", "up")
TOOLS = {"chain": ("wrk", "nginx"), "peer": ("wrk", "nginx"), "counts": ("nginx", "strace", "valgrind", "objcopy"),
         "console": ("chromium",)}
NEEDS_METER = {"console", "encoders", "faults", "pocket"}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="Benchmarks/run",
        description="Measures what Tailspan costs and prints it beside what it should cost.",
        epilog="Sections: " + "; ".join(f"{name}: {what}" for name, what in SECTIONS.items()) + ".",
    )
    parser.add_argument("--quick", action="store_true", help="shorter rounds and less data: a first impression")
    parser.add_argument("--only", metavar="NAME", action="append", choices=SECTIONS, help="one section; repeatable")
    parser.add_argument(
        "--against", metavar="PATH", type=Path, help="an older build: measure both in turns, and say the ratios"
    )
    parser.add_argument(
        "--program", metavar="PATH", type=Path, default=PROGRAM, help="default: .build/release/tailspan"
    )
    parser.add_argument("--rounds", metavar="N", type=positive, help="rounds of load; 7 if nothing is said")
    parser.add_argument("--seconds", metavar="N", type=positive, help="of a subject in a round; 3 if nothing is said")
    parser.add_argument(
        "--compare", action="store_true", help="compare the counts with Benchmarks/counts.json: exit code 1 if worse"
    )
    parser.add_argument("--store-counts", action="store_true", help="write the counts to Benchmarks/counts.json")
    parser.add_argument("--build", action="store_true", help="also time a clean release build")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--keep", action="store_true", help="keep logs and databases of the run")
    parser.add_argument(
        "--json", metavar="FILE", type=Path, default=ROOT / ".build/bench.json", help="default: .build/bench.json"
    )
    options = parser.parse_args()
    for name in ("program", "against", "json"):
        if path := getattr(options, name):
            # The processes run in folders of their own.
            setattr(options, name, path.resolve())
    return options


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a whole number from 1 on")
    return value


def sections(options: argparse.Namespace) -> list[str]:
    """Those that run: what --only names, or all that are usual."""
    if options.only:
        return list(dict.fromkeys(options.only))
    if options.against:
        return list(COMPARING)
    return [name for name in SECTIONS if name != "build" or options.build]


def tools(wanted: list[str]) -> list[str]:
    """The outside programs that the sections need, each once."""
    return list(dict.fromkeys(tool for name in wanted for tool in TOOLS.get(name, ())))


def misuse(options: argparse.Namespace, wanted: list[str]) -> str | None:
    """A sentence about what does not go together."""
    if options.against and (unable := [name for name in wanted if name not in COMPARING]):
        return f"--against compares {', '.join(COMPARING)}; not {', '.join(unable)}"
    if (options.compare or options.store_counts) and "counts" not in wanted:
        return "--compare and --store-counts need the section counts"
    if options.compare and options.against:
        return "either --compare with what is stored, or --against an older build"
    return None
