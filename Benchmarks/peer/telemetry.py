"""Spans over OTLP and JSON lines with trace ids, with the usual libraries in their fastest common configuration."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

tracer = trace.get_tracer("peer")
logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
QUIET = "/readyz"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def configure(role: str) -> None:
    """Sets up both signals for the process."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": role, "service.namespace": "peer", "service.version": "1.0.0"})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    HTTPXClientInstrumentor().instrument()

    folder = os.path.join(os.environ["LOG_DIR"], role)
    os.makedirs(folder, exist_ok=True)
    structlog.configure(
        cache_logger_on_first_use=True,
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            _correlate(role),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        logger_factory=structlog.BytesLoggerFactory(file=open(os.path.join(folder, f"{role}.log"), "ab")),
    )


def instrument(app: FastAPI) -> FastAPI:
    """Adds a SERVER span and a log line to each request, and the readiness route."""

    @app.get(QUIET)
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    app.add_middleware(RequestLog)
    # One span per request, as in ours: none for each ASGI message.
    FastAPIInstrumentor.instrument_app(app, excluded_urls=QUIET, exclude_spans=["receive", "send"])
    return app


@contextmanager
def database_span(operation: str, table: str, namespace: str) -> Iterator[None]:
    """A CLIENT span around one statement or transaction."""
    attributes = {
        "db.system.name": "sqlite",
        "db.namespace": namespace,
        "db.operation.name": operation,
        "db.collection.name": table,
        "db.query.summary": f"{operation} {table}",
    }
    with tracer.start_as_current_span(f"{operation} {table}", kind=trace.SpanKind.CLIENT, attributes=attributes):
        yield


def request_id() -> str:
    """The id of the request being served."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestLog:
    """Assigns each request an id, and logs a line when it has been answered."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == QUIET:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        structlog.contextvars.bind_contextvars(request_id=given or uuid.uuid4().hex[:16])
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            logger.info(
                "request completed",
                component="http.server",
                operation=f"{scope['method']} {scope['path']}",
                status=status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
            )
            structlog.contextvars.clear_contextvars()


def _correlate(role: str) -> structlog.typing.Processor:
    def add(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        context = trace.get_current_span().get_span_context()
        event["service"] = role
        event["version"] = "1.0.0"
        event["environment"] = "demo"
        event["region"] = "local"
        if context.is_valid:
            event["trace_id"] = trace.format_trace_id(context.trace_id)
            event["span_id"] = trace.format_span_id(context.span_id)
            event["trace_sampled"] = context.trace_flags.sampled
        return event

    return add
