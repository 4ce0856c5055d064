"""The peer's public API."""

from __future__ import annotations

import uuid
from typing import Annotated

import orjson
from fastapi import FastAPI, Header, Response

import upstream
from models import CreateTask

app = FastAPI(lifespan=upstream.connections)


@app.post("/v1/tasks")
async def create_task(body: CreateTask, idempotency_key: Annotated[str | None, Header()] = None) -> Response:
    key = idempotency_key or "gw-" + uuid.uuid4().hex[:16]
    task = await upstream.post("tasks", "/v1/tasks", body.model_dump(), key)
    return Response(orjson.dumps(task), 201, media_type="application/json")
