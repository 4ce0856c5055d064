"""SQLite as our services open it."""

from __future__ import annotations

import os
import sqlite3


def open_database(name: str, schema: str) -> sqlite3.Connection:
    """Opens `DATA_DIR/name.sqlite` for exclusive use, and creates its tables."""
    path = os.path.join(os.environ["DATA_DIR"], f"{name}.sqlite")
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA foreign_keys = ON")
    database.executescript(schema)
    return database
