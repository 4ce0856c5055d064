"""The peer's executor: computes on a thread pool."""

from __future__ import annotations

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
from fastapi import FastAPI, Response

from models import Execute
from telemetry import logger, tracer

app = FastAPI()
pool = ThreadPoolExecutor(max_workers=2)


@app.post("/v1/executions")
async def execute(body: Execute) -> Response:
    attributes: dict[str, str | int] = {
        "tailspan.task.id": body.task_id,
        "tailspan.workload.kind": body.workload.kind,
        "tailspan.workload.size": body.workload.size,
    }
    with tracer.start_as_current_span("compute sort", attributes=attributes):
        execution = await asyncio.get_running_loop().run_in_executor(pool, compute, body.workload.size)
    logger.info(
        "workload computed",
        component="executor",
        task_id=body.task_id,
        executor_id=execution["executor_id"],
        workload=body.workload.kind,
        size=body.workload.size,
        duration_ms=execution["duration_ms"],
        memory_bytes=execution["memory_bytes"],
    )
    return Response(orjson.dumps(execution), 201, media_type="application/json")


def compute(size: int) -> dict[str, Any]:
    started = time.perf_counter()
    generator = random.Random(size)
    numbers = sorted(generator.getrandbits(64) for _ in range(size))
    return {
        "executor_id": "exec-1",
        "result": f"{numbers[size // 2]:016x}",
        "duration_ms": round((time.perf_counter() - started) * 1000, 3),
        "memory_bytes": size * 8,
    }
