"""Reading what strace, callgrind and the kernel write, and judging counts."""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import instructions, memory, stored, syscalls
from harness.bench import MeasurementFailed
from harness.counts import Counts

STRACE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.30    0.001206          12      1000        25 recvfrom
 38.70    0.000761           7       500           sendmsg
------ ----------- ----------- --------- --------- ----------------
100.00    0.001967          10      1500        25 total
"""

CALLGRIND = """\
version: 1
positions: line
events: Ir
summary: 165

ob=(1) /opt/tailspan
fl=(1) a.swift
fn=(1) first
10 40
+2 5
*
cob=(2) /usr/lib/libc.so.6
cfn=(2) malloc
calls=3 20
12 100
-1 20

ob=(2)
fn=(2)
20 100
totals: 165
"""

ROLLUP = """\
55d0-7ffc ---p 00000000 00:00 0                          [rollup]
Rss:               20000 kB
Pss:               15000 kB
Shared_Clean:       9000 kB
Private_Clean:      6000 kB
Private_Dirty:      5000 kB
Anonymous:          5000 kB
"""

MAPS = """\
55d000-55e000 r--p 00000000 08:01 131 /usr/local/bin/tailspan
7f0000-7f1000 r--p 00000000 08:01 132 /usr/lib/x86_64-linux-gnu/libc.so.6
7f1000-7f2000 r-xp 00001000 08:01 132 /usr/lib/x86_64-linux-gnu/libc.so.6
7f2000-7f3000 r-xp 00001000 08:01 133 /usr/lib/x86_64-linux-gnu/libsqlite3.so.0.8.6
7f2800-7f3000 r-xp 00001000 08:01 134 /usr/lib/x86_64-linux-gnu/libz.so.1.2.13
7f3000-7f4000 rw-p 00000000 00:00 0
7ffc00-7ffd00 rw-p 00000000 00:00 0 [stack]
"""


def counts(instructions: float, calls: float) -> Counts:
    return Counts({"gateway": instructions / 4, "tasks": instructions * 3 / 4}, {"gateway": {"read": calls}})


class Readings(unittest.TestCase):
    def test_calls_with_and_without_errors_are_read(self) -> None:
        self.assertEqual(syscalls.parse(STRACE), {"recvfrom": 1000, "sendmsg": 500})

    def test_a_summary_that_does_not_add_up_is_refused(self) -> None:
        with self.assertRaises(MeasurementFailed):
            syscalls.parse(STRACE.replace("1500", "1501"))

    def test_an_instruction_is_counted_once_and_where_it_is(self) -> None:
        found = instructions.parse(CALLGRIND)
        self.assertEqual(found.by_object, {"tailspan": 65, "libc.so.6": 100})
        self.assertEqual(found.total, 165)

    def test_pages_of_files_and_own_pages_are_told_apart(self) -> None:
        found = memory.parse(ROLLUP, MAPS)
        self.assertAlmostEqual(found.resident, 20.48)
        self.assertAlmostEqual(found.anonymous, 5.12)
        self.assertAlmostEqual(found.file_backed, 15.36)
        self.assertEqual(found.libraries, 3)


class Judgement(unittest.TestCase):
    def test_what_is_within_the_tolerance_is_neither_worse_nor_better(self) -> None:
        kept = {"files_c1": counts(1_000_000, 100)}
        self.assertEqual(stored.judge({"files_c1": counts(1_015_000, 98.5)}, kept), ([], []))

    def test_more_than_the_tolerance_is_worse_and_less_is_better(self) -> None:
        worse, better = stored.judge({"files_c1": counts(1_030_000, 90)}, {"files_c1": counts(1_000_000, 100)})
        self.assertEqual(worse, [
            "files_c1, instructions: 1,030,000.0 per request, stored 1,000,000.0: +3.0 %, 2.5 % are allowed"
        ])  # fmt: skip
        self.assertEqual(len(better), 1)

    def test_several_connections_have_a_wider_tolerance(self) -> None:
        kept, new = counts(1_000_000, 100), counts(1_000_000, 105)
        self.assertEqual(stored.judge({"files_c16": new}, {"files_c16": kept}), ([], []))
        self.assertEqual(len(stored.judge({"files_c1": new}, {"files_c1": kept})[0]), 1)

    def test_what_is_stored_is_read_again(self) -> None:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "counts.json"
            stored.store({"files_c1": counts(1_000_000, 100.004)}, "abc", file)
            found, differences = stored.load(file)
            self.assertEqual(differences, [])
            self.assertEqual(found["files_c1"].totals, {"instructions": 1_000_000, "system_calls": 100.0})
            with self.assertRaises(MeasurementFailed):
                stored.load(Path(folder) / "absent.json")


if __name__ == "__main__":
    unittest.main()
