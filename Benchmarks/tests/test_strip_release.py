"""The release binary without debug information, and what is kept of it."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/strip-release"
# Both come with Swift or with what it needs.
COMPILER = shutil.which("clang") or shutil.which("cc")
SOURCE = "int named(int x) { return x + 1; }\nint main(void) { return named(-1); }\n"


@unittest.skipIf(COMPILER is None, "no C compiler")
class StripRelease(unittest.TestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.program = Path(folder.name) / "program"
        self.debug = self.program.with_name("program.debug")
        self.link()

    def link(self) -> None:
        subprocess.run([COMPILER, "-g", "-x", "c", "-o", self.program, "-"], input=SOURCE, text=True, check=True)

    def run_script(self, action: str) -> None:
        subprocess.run([SCRIPT, action, self.program], check=True)

    def sections(self, file: Path) -> str:
        return subprocess.run(["readelf", "-S", "-W", file], capture_output=True, text=True, check=True).stdout

    def test_the_program_keeps_its_names_and_loses_its_debug_information(self) -> None:
        linked = self.program.stat()
        self.run_script("strip")
        sections = self.sections(self.program)
        self.assertNotIn(".debug_info", sections)
        self.assertIn(".symtab", sections)
        self.assertIn(".gnu_debuglink", sections)
        self.assertIn(".debug_info", self.sections(self.debug))
        self.assertEqual(subprocess.run([self.program], check=False).returncode, 0)
        self.assertTrue(os.access(self.program, os.X_OK))
        self.assertEqual(self.debug.stat().st_ino, linked.st_ino)
        self.assertEqual(sorted(self.program.parent.iterdir()), [self.program, self.debug])

    def test_a_debugger_finds_what_was_kept(self) -> None:
        self.run_script("strip")
        command = ["readelf", "--string-dump=.gnu_debuglink", self.program]
        link = subprocess.run(command, capture_output=True, check=True)
        self.assertIn(b"program.debug", link.stdout)

    def test_the_next_build_finds_the_file_that_the_linker_wrote(self) -> None:
        linked = self.program.stat()
        self.run_script("strip")
        self.run_script("restore")
        found = self.program.stat()
        self.assertEqual(
            (found.st_ino, found.st_mtime_ns, found.st_size), (linked.st_ino, linked.st_mtime_ns, linked.st_size)
        )
        self.assertFalse(self.debug.exists())

    def test_a_program_that_was_linked_since_is_not_replaced_by_an_older_one(self) -> None:
        self.run_script("strip")
        self.program.unlink()
        self.link()
        linked = self.program.stat()
        self.run_script("restore")
        self.assertEqual(self.program.stat().st_ino, linked.st_ino)
        self.run_script("strip")
        self.assertEqual(self.debug.stat().st_ino, linked.st_ino)

    def test_nothing_to_restore_is_no_error(self) -> None:
        self.program.unlink()
        self.run_script("restore")


if __name__ == "__main__":
    unittest.main()
