"""One service of the peer: the same chain as ours, in idiomatic FastAPI. `python service.py ROLE`."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import uvicorn

import telemetry

ROLES = ("gateway", "tasks", "executor", "payments")


def main() -> None:
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ROLES:
        sys.exit(f"expected one of {', '.join(ROLES)}")
    telemetry.configure(role)
    # Imported by name: a role's module opens its database, and its libraries must be instrumented before.
    app = telemetry.instrument(import_module(role).app)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
