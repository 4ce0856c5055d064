"""A fixed number of requests, where their number matters and not their rate."""

from __future__ import annotations

import http.client
import json
import threading
import urllib.parse

from harness.bench import MeasurementFailed
from harness.chain import TASK


def send(url: str, requests: int, connections: int) -> None:
    """Sends tasks, each connection its share one after the other. Raises unless each is done and paid for."""
    parts = urllib.parse.urlsplit(url)
    failures: list[str] = []

    def run(count: int) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        try:
            for _ in range(count):
                connection.request("POST", parts.path, TASK, {"content-type": "application/json"})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 201 or json.loads(body).get("state") != "settled":
                    failures.append(f"{answer.status}: {body.decode(errors='replace')}")
        except OSError as error:
            failures.append(str(error))
        finally:
            connection.close()

    shares = [requests // connections + (number < requests % connections) for number in range(connections)]
    threads = [threading.Thread(target=run, args=(share,), daemon=True) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise MeasurementFailed(f"{url}: {len(failures)} of {requests} requests failed: {failures[0]}")
