"""The same chain in FastAPI, uvicorn, httpx, structlog and OpenTelemetry's Python SDK."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from harness import chain
from harness.bench import ROOT, MeasurementFailed, say
from harness.chain import Chain
from harness.processes import Processes

FOLDER = ROOT / "Benchmarks/peer"
ENVIRONMENT = ROOT / ".build/bench-python"
PYTHON = ENVIRONMENT / "bin/python"


def install() -> None:
    """Installs the pinned packages into their own virtual environment, unless they are installed."""
    wanted = (FOLDER / "requirements.txt").read_text()
    installed = ENVIRONMENT / "installed.txt"
    if installed.exists() and installed.read_text() == wanted:
        return
    say("installing the peer's packages into .build/bench-python")
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
    done = subprocess.run(
        [*command, str(FOLDER / "requirements.txt")], stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise MeasurementFailed(f"the peer's packages could not be installed:\n{done.stderr.strip()}")
    installed.write_text(wanted)


def start(processes: Processes, folder: Path, otlp: str) -> Chain:
    """Starts the peer: storage in files, logs to a file, spans to `otlp`."""
    environment = chain.BATCHING | {
        "DATA_DIR": str(folder),
        "LOG_DIR": str(folder / "logs"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
        # Only the attributes of the current conventions, as in ours.
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    program = FOLDER / "service.py"
    return chain.start(
        processes, "FastAPI", folder, environment, lambda role: [PYTHON, program, role], has_metrics=False
    )
