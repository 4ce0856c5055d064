"""The peer's saga: reserve, compute, settle; the task's state is stored at each step."""

from __future__ import annotations

import time
import uuid
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Header, Response
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import storage
import upstream
from models import CreateTask
from telemetry import database_span, logger, request_id

database = storage.open_database(
    "tasks",
    """
    CREATE TABLE IF NOT EXISTS tasks (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, idempotency_key TEXT NOT NULL UNIQUE,
        request_id TEXT NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL, guild_id TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount > 0), workload_kind TEXT NOT NULL, workload_size INTEGER NOT NULL,
        channel_id TEXT, executor_id TEXT, result TEXT, duration_us INTEGER, memory_bytes INTEGER, error TEXT,
        traceparent TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS tasks_by_guild ON tasks (guild_id, seq);
    CREATE INDEX IF NOT EXISTS tasks_unfinished ON tasks (seq) WHERE state IN ('created', 'reserved', 'executing');
    """,
)
propagator = TraceContextTextMapPropagator()
app = FastAPI(lifespan=upstream.connections)


@app.post("/v1/tasks")
async def create(body: CreateTask, idempotency_key: Annotated[str | None, Header()] = None) -> Response:
    key = idempotency_key or "auto-" + uuid.uuid4().hex[:16]
    task: dict[str, Any] = {
        "task_id": "t-" + uuid.uuid4().hex[:16],
        "state": "created",
        **body.model_dump(),
        "created_at": time.time_ns(),
    }
    insert(task, key)
    await run(task)
    return Response(
        orjson.dumps(task), 201, media_type="application/json", headers={"location": f"/v1/tasks/{task['task_id']}"}
    )


async def run(task: dict[str, Any]) -> None:
    identity = task["task_id"]
    reservation = await upstream.post(
        "payments",
        "/v1/reservations",
        {"guild_id": task["guild_id"], "task_id": identity, "amount": task["amount"]},
        f"{identity}:reserve",
    )
    task["channel_id"] = reservation["channel_id"]
    update(task, "reserved")
    update(task, "executing")
    execution = await upstream.post(
        "executor", "/v1/executions", {"task_id": identity, "workload": task["workload"]}, f"{identity}:execute"
    )
    task.update(execution)
    await upstream.post("payments", "/v1/settlements", {"reservation_id": f"r-{identity}"}, f"{identity}:settle")
    update(task, "settled")
    logger.info(
        "task settled",
        component="saga",
        task_id=identity,
        state=task["state"],
        guild_id=task["guild_id"],
        amount=task["amount"],
        workload=task["workload"]["kind"],
        channel_id=task["channel_id"],
        executor_id=task["executor_id"],
    )


def insert(task: dict[str, Any], key: str) -> None:
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    with database_span("INSERT", "tasks", "tasks"):
        database.execute(
            """
            INSERT INTO tasks (id, idempotency_key, request_id, mode, state, guild_id, amount, workload_kind,
                workload_size, traceparent, created_at, updated_at)
            VALUES (?, ?, ?, 'sync', 'created', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO NOTHING
            """,
            (
                task["task_id"], key, request_id(), task["guild_id"], task["amount"], task["workload"]["kind"],
                task["workload"]["size"], carrier.get("traceparent"), task["created_at"], task["created_at"],
            ),
        )  # fmt: skip


def update(task: dict[str, Any], state: str) -> None:
    task["state"] = state
    task["updated_at"] = time.time_ns()
    duration = task.get("duration_ms")
    with database_span("UPDATE", "tasks", "tasks"):
        database.execute(
            """
            UPDATE tasks SET state = ?, channel_id = ?, executor_id = ?, result = ?, duration_us = ?,
                memory_bytes = ?, error = ?, updated_at = ? WHERE id = ?
            """,
            (
                state, task.get("channel_id"), task.get("executor_id"), task.get("result"),
                None if duration is None else round(duration * 1000), task.get("memory_bytes"), None,
                task["updated_at"], task["task_id"],
            ),
        )  # fmt: skip
