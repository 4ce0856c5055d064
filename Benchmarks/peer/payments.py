"""The peer's double-entry ledger, with the same tables and statements as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Header, HTTPException, Response

import storage
from models import Reserve, Settle
from telemetry import database_span, logger

GUILDS = 16
OPENING_BALANCE = 1_000_000_000_000
REVENUE = 2

database = storage.open_database(
    "payments",
    """
    CREATE TABLE IF NOT EXISTS accounts (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, balance INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE IF NOT EXISTS channels (
        guild_id TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        available_account INTEGER NOT NULL REFERENCES accounts (id),
        held_account INTEGER NOT NULL REFERENCES accounts (id)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS reservations (
        id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL, guild_id TEXT NOT NULL, channel_id TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount >= 0),
        state TEXT NOT NULL CHECK (state IN ('held', 'captured', 'released'))) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS transfers (
        id INTEGER PRIMARY KEY, debit_account INTEGER NOT NULL REFERENCES accounts (id),
        credit_account INTEGER NOT NULL REFERENCES accounts (id), amount INTEGER NOT NULL CHECK (amount > 0),
        reservation_id TEXT) STRICT;
    INSERT OR IGNORE INTO accounts (id, name) VALUES (1, 'equity'), (2, 'revenue');
    """,
)
app = FastAPI()


def seed() -> None:
    if database.execute("SELECT count(*) FROM channels").fetchone()[0]:
        return
    with transaction():
        for number in range(1, GUILDS + 1):
            accounts = [
                database.execute(
                    "INSERT INTO accounts (name, balance) VALUES (?, ?)", (f"g-{number}/{name}", balance)
                ).lastrowid
                for name, balance in (("available", OPENING_BALANCE), ("held", 0))
            ]
            database.execute("INSERT INTO channels VALUES (?, ?, ?, ?)", (f"g-{number}", f"ch-{number}", *accounts))


@app.post("/v1/reservations")
async def reserve(body: Reserve, idempotency_key: Annotated[str, Header()]) -> Response:
    identity = f"r-{body.task_id}"
    with database_span("INSERT", "reservations", "payments"), transaction():
        if find(identity) is not None:
            raise HTTPException(409, "the task already has a reservation")
        channel = channel_of(body.guild_id)
        if channel["balance"] < body.amount:
            raise HTTPException(402, "the balance does not suffice")
        database.execute(
            """
            INSERT INTO reservations (id, idempotency_key, guild_id, channel_id, amount, state)
            VALUES (?, ?, ?, ?, ?, 'held')
            """,
            (identity, idempotency_key, body.guild_id, channel["id"], body.amount),
        )
        transfer(body.amount, channel["available"], channel["held"], identity)
    reservation = {
        "reservation_id": identity,
        "channel_id": channel["id"],
        "guild_id": body.guild_id,
        "amount": body.amount,
        "state": "held",
    }
    fields = {name: value for name, value in reservation.items() if name != "state"}
    logger.info("amount reserved", component="ledger", **fields, task_id=body.task_id)
    return Response(orjson.dumps(reservation), 201, media_type="application/json")


@app.post("/v1/settlements")
async def settle(body: Settle, idempotency_key: Annotated[str, Header()]) -> Response:
    with database_span("UPDATE", "reservations", "payments"), transaction():
        reservation = find(body.reservation_id)
        if reservation is None:
            raise HTTPException(404, "there is no such reservation")
        if reservation["state"] != "held":
            raise HTTPException(409, f"the reservation is {reservation['state']}")
        channel = channel_of(reservation["guild_id"])
        database.execute("UPDATE reservations SET state = ? WHERE id = ?", ("captured", body.reservation_id))
        transfer(reservation["amount"], channel["held"], REVENUE, body.reservation_id)
    fields = {name: value for name, value in reservation.items() if name != "state"}
    logger.info("reservation captured", component="ledger", **fields)
    return Response(orjson.dumps({**reservation, "state": "captured"}), 201, media_type="application/json")


def find(identity: str) -> dict[str, Any] | None:
    row = database.execute(
        "SELECT channel_id, guild_id, amount, state FROM reservations WHERE id = ?", (identity,)
    ).fetchone()
    if row is None:
        return None
    return {"reservation_id": identity, "channel_id": row[0], "guild_id": row[1], "amount": row[2], "state": row[3]}


def channel_of(guild: str) -> dict[str, Any]:
    row = database.execute(
        """
        SELECT c.id, c.available_account, c.held_account, a.balance, h.balance FROM channels c
        JOIN accounts a ON a.id = c.available_account JOIN accounts h ON h.id = c.held_account
        WHERE c.guild_id = ?
        """,
        (guild,),
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"there is no guild {guild}")
    return {"id": row[0], "available": row[1], "held": row[2], "balance": row[3]}


def transfer(amount: int, debit: int, credit: int, reservation: str) -> None:
    database.execute(
        "INSERT INTO transfers (debit_account, credit_account, amount, reservation_id) VALUES (?, ?, ?, ?)",
        (debit, credit, amount, reservation),
    )
    database.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, debit))
    database.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, credit))


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


seed()
