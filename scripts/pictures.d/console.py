"""Pictures of the console's pages in Chromium, from the environment whose addresses are given.

Usage: console.py CONSOLE GATEWAY FOLDER. Needs Playwright, which `make test-tools` installs.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

SIZE = {"width": 1280, "height": 760}
# A settlement whose disk fails after a while: its money is given back, and the trace shows how.
RULES = ["payments.settle:db-error,rate=25%", "payments.settle:latency=lognormal(p50=24ms,p99=90ms)"]
REQUESTS = 120
TASK = {"guild_id": "g-7", "amount": 85, "workload": {"kind": "sort", "size": 60000}}


def ask(url, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def failed_trace(console, gateway):
    """A task that failed at its settlement, with all its spans stored: the one that other programs disturbed least."""
    ids = []
    for _ in range(REQUESTS):
        status, headers = ask(gateway + "/v1/tasks", TASK)
        if status in (500, 502):
            ids.append(headers["x-trace-id"])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [ask(f"{console}/console/api/trace/{trace}")[0] for trace in ids]
        whole = [trace for trace in found if isinstance(trace, dict) and trace["complete"] and len(trace["spans"]) >= 16]
        if ids and len(whole) == len(ids):
            return min(whole, key=between)
        time.sleep(0.2)
    sys.exit("pictures: no request failed at its settlement")


def between(trace):
    """The time in which gateway and tasks did nothing but pass on."""
    return sum(span["own"] for span in trace["spans"] if span["service"] in ("gateway", "tasks"))


def main():
    console, gateway, folder = sys.argv[1:]
    for rule in RULES:
        ask(console + "/console/control/faults", {"rule": rule}, "POST")
    trace = failed_trace(console, gateway)
    failed = [span for span in trace["spans"] if span["status"] == "error" and span["service"] == "payments"]
    deepest = failed[-1]["id"]
    pages = {"console-trace": f"/trace/{trace['id']}?span={deepest}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("TAILSPAN_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        context = browser.new_context(viewport=SIZE, color_scheme="dark", device_scale_factor=2)
        for name, path in pages.items():
            page = context.new_page()
            page.goto(console + path)
            page.locator("[role=row][aria-selected=true]").first.wait_for()
            page.wait_for_load_state("networkidle")
            target = os.path.join(folder, name + ".png")
            page.screenshot(path=target)
            print(os.path.relpath(target))
        browser.close()


if __name__ == "__main__":
    main()
