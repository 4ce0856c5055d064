"""A fixed number of requests, where their number matters and not their rate."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import urllib.parse

from harness.bench import MeasurementFailed
from harness.chain import TASK


def send(url: str, requests: int, connections: int) -> None:
    """Sends tasks, each connection its share one after the other. Raises unless each is done and paid for."""
    parts = urllib.parse.urlsplit(url)
    # At once, as wrk does: http.client sends head and body in two parts, which the gateway would have to read twice.
    request = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(TASK)}\r\n\r\n"
    ).encode() + TASK
    failures: list[str] = []

    def run(count: int) -> None:
        try:
            with socket.create_connection((parts.hostname, parts.port), timeout=120) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for _ in range(count):
                    connection.sendall(request)
                    status, body = read(connection)
                    if status != 201 or json.loads(body).get("state") != "settled":
                        failures.append(f"{status}: {body.decode(errors='replace')}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            failures.append(f"{type(error).__name__}: {error}")

    shares = [requests // connections + (number < requests % connections) for number in range(connections)]
    threads = [threading.Thread(target=run, args=(share,), daemon=True) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise MeasurementFailed(f"{url}: {len(failures)} of {requests} requests failed: {failures[0]}")


def read(connection: socket.socket) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(connection, method="POST")
    try:
        answer.begin()
        return answer.status, answer.read()
    finally:
        answer.close()
