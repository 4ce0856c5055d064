"""Ports and small requests on the loopback interface."""

from __future__ import annotations

import re
import socket
import urllib.request
from contextlib import ExitStack

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that nothing currently listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
    return body.decode()


def metric(exposition: str, name: str, labels: str = "") -> float:
    """The sum of a metric's series whose labels contain `labels`, in Prometheus' text format."""
    pattern = re.compile(rf"^{re.escape(name)}(\{{[^}}]*\}})? ([^ ]+)")
    total = 0.0
    for line in exposition.splitlines():
        if (match := pattern.match(line)) and labels in (match[1] or ""):
            total += float(match[2])
    return total
