"""Calls to the other services of the peer, over persistent connections."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from fastapi import FastAPI, HTTPException

import telemetry

_clients: dict[str, httpx.AsyncClient] = {}


@asynccontextmanager
async def connections(_: FastAPI) -> AsyncIterator[None]:
    """Opens a client for each service with a known address, and closes them at the end."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    for name in ("tasks", "executor", "payments"):
        url = os.environ[f"{name.upper()}_URL"]
        _clients[name] = httpx.AsyncClient(base_url=url, limits=limits, timeout=20)
    yield
    for client in _clients.values():
        await client.aclose()


async def post(service: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Posts `body` and returns the answer's body; anything but success becomes a 502."""
    answer = await _clients[service].post(
        path,
        content=orjson.dumps(body),
        headers={
            "content-type": "application/json",
            "idempotency-key": key,
            "x-request-id": telemetry.request_id(),
        },
    )
    if not answer.is_success:
        raise HTTPException(502, f"{service} answered {answer.status_code}")
    result: dict[str, Any] = orjson.loads(answer.content)
    return result
