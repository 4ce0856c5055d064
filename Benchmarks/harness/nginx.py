"""nginx as the reference for throughput, and as an OTLP endpoint that discards everything."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from harness.net import HOST, free_ports
from harness.processes import Process, Processes

# A single-process nginx that neither reads nor writes the system's own installation.
CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 100000000; client_max_body_size 64m;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port};
        location / {{ default_type text/plain; return 200 "a static answer\\n"; }}
        location /v1/ {{ default_type application/x-protobuf; return 200 ""; }}
    }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    process: Process
    url: str


def program() -> str | None:
    """The path of nginx; on Debian not in every user's PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def start(processes: Processes, name: str, folder: Path) -> Nginx:
    """Starts an nginx that answers `/` with a short text and accepts anything under `/v1/`."""
    (port,) = free_ports(1)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, host=HOST, port=port))
    command: list[str | Path] = [program() or "nginx", "-p", folder, "-e", folder / "error.log", "-c", configuration]
    process = processes.start(name, command, {}, folder)
    url = f"http://{HOST}:{port}"
    process.wait_ready(url + "/")
    return Nginx(process, url)
