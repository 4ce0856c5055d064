"""Runs the console's tests: each file in a process of its own, two at a time, since a browser waits more than it computes.

What a file says is shown once it fails; else a line says how long it took. Arguments choose files by a part of their names.
"""
import concurrent.futures
import glob
import os
import subprocess
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
# The longest first, so that none is left alone at the end.
LONGEST = ["test_incidents", "test_every_page", "test_traces", "test_logs"]
LIMIT_SECONDS = 600


def modules():
    found = [os.path.basename(path)[:-3] for path in glob.glob(os.path.join(FOLDER, "test_*.py"))]
    chosen = [name for name in found if not sys.argv[1:] or any(part in name for part in sys.argv[1:])]
    return sorted(chosen, key=lambda name: (LONGEST.index(name) if name in LONGEST else len(LONGEST), name))


def run(name):
    began = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-B", "-m", "unittest", name], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=LIMIT_SECONDS, check=False)
    seconds = time.monotonic() - began
    said = result.stdout.strip().splitlines()
    if result.returncode == 0:
        count = next((line for line in reversed(said) if line.startswith("Ran ")), "Ran nothing").split(" in ")[0]
        print(f"ok      {name}: {count[4:]}, {seconds:.0f} s", flush=True)
    else:
        print(f"FAILED  {name}, {seconds:.0f} s\n" + "\n".join(said), flush=True)
    return result.returncode == 0


def main():
    names = modules()
    if not names:
        print("no file of tests has such a name", file=sys.stderr)
        return 2
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return 0 if all(list(pool.map(run, names))) else 1


if __name__ == "__main__":
    sys.exit(main())
