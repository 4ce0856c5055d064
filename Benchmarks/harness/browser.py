"""Opens pages in Chromium and prints how long each took until it could be used, in milliseconds, as JSON.

Standard input: a JSON object of name to [URL, selector]; a page can be used once the selector matches something visible.
The one argument is how often each page is opened. Every time it is a new profile: nothing is cached.
"""

import json
import os
import sys
import time

from playwright.sync_api import sync_playwright


def main() -> None:
    pages, samples = json.load(sys.stdin), int(sys.argv[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("TAILSPAN_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        times: dict[str, list[float]] = {}
        for name, (url, selector) in pages.items():
            for _ in range(samples):
                context = browser.new_context(viewport={"width": 1280, "height": 720})
                page = context.new_page()
                started = time.perf_counter()
                page.goto(url, wait_until="commit")
                page.locator(selector).first.wait_for(state="visible", timeout=20_000)
                times.setdefault(name, []).append((time.perf_counter() - started) * 1000)
                context.close()
        browser.close()
    json.dump(times, sys.stdout)


if __name__ == "__main__":
    main()
