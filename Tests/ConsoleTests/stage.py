"""What the console's tests stand on: one environment of real services for all of them, and Chromium.

Every page that a test opens is watched: a message in the browser's console, an exception, an answer of 500 or more, or a
request to anywhere but the console fails the test.
"""
import atexit
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request

from playwright.sync_api import expect, sync_playwright

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("TAILSPAN", os.path.join(ROOT, ".build", "debug", "tailspan"))
CHROMIUM = os.environ.get("TAILSPAN_CHROMIUM", "/usr/bin/chromium")
PICTURES = os.path.join(ROOT, ".build", "console-pictures")

# A machine that also compiles is slow.
expect.set_options(timeout=20_000)


class Environment:
    """Real services and the pocket stack, on free ports."""

    def __init__(self, *arguments, variables=None):
        self.folder = tempfile.TemporaryDirectory(prefix="tailspan-console-")
        self.output = open(os.path.join(self.folder.name, "up.log"), "wb")
        self.process = subprocess.Popen(
            [PROGRAM, "up", "--random-ports", "--environment", self.folder.name, "--log", "none", "--no-color", *arguments],
            cwd=ROOT, stdout=self.output, stderr=subprocess.STDOUT, env={**os.environ, **(variables or {})})
        atexit.register(self.stop)
        self.urls = wait_for(self._ready, "the environment to start", 60)

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"tailspan up ended: {self.log()}")
        try:
            with open(os.path.join(self.folder.name, "environment.json"), encoding="utf-8") as file:
                urls = json.load(file)
            state = get(urls["console"] + "/console/api/state")
            return urls if all(service["ready"] for service in state["services"]) else None
        except (OSError, ValueError):
            return None

    def log(self):
        self.output.flush()
        with open(self.output.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    @property
    def console(self):
        return self.urls["console"]

    def run(self, *arguments, check=True):
        """Runs a command of `tailspan` against this environment; returns what it wrote to standard output."""
        result = subprocess.run(
            [PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120,
            env={**os.environ, "TAILSPAN_ENVIRONMENT": self.folder.name})
        if check and result.returncode != 0:
            raise AssertionError(f"tailspan {' '.join(arguments)}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def load(self, requests, seed, *arguments):
        """Sends requests, and waits until their spans and lines are stored."""
        before = get(self.console + "/console/api/state")
        self.run("load", "--requests", str(requests), "--rate", "200", "--seed", str(seed), *arguments)

        def settled(last=[None]):
            state = get(self.console + "/console/api/state")
            figures = (state["lines"], state["traces"])
            is_settled = figures == last[0] and state["traces"] >= before["traces"] + requests * 9 // 10
            last[0] = figures
            return is_settled

        wait_for(settled, "the spans and lines of the load", 30, pause=0.6)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.output.close()


def get(url):
    """The JSON of an answer."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def wait_for(condition, what, seconds=10, pause=0.1):
    """What `condition` returns once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError(f"waited {seconds} s for {what}")


class ConsoleTestCase(unittest.TestCase):
    """A test with the shared environment and a browser. `self.open(path)` returns a page that is watched."""

    SIZE = (1280, 720)
    _environment = None
    _playwright = None
    _browser = None

    @classmethod
    def environment(cls):
        """The environment that all tests share, with 240 requests in it, some of which fail."""
        if ConsoleTestCase._environment is None:
            environment = Environment()
            environment.load(240, 11)
            ConsoleTestCase._environment = environment
        return ConsoleTestCase._environment

    @classmethod
    def browser(cls):
        if ConsoleTestCase._browser is None:
            ConsoleTestCase._playwright = sync_playwright().start()
            ConsoleTestCase._browser = ConsoleTestCase._playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox"])
            atexit.register(ConsoleTestCase._close)
        return ConsoleTestCase._browser

    @staticmethod
    def _close():
        ConsoleTestCase._browser.close()
        ConsoleTestCase._playwright.stop()

    def setUp(self):
        self.troubles = []
        self.contexts = []

    def tearDown(self):
        for context in self.contexts:
            context.close()
        self.assertEqual(self.troubles, [], "the browser complained")

    def open(self, path="/", size=None, scheme="dark", console=None, scripts=True):
        base = console or self.environment().console
        width, height = size or self.SIZE
        context = self.browser().new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts,
            permissions=["clipboard-read", "clipboard-write"])
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.troubles.append(message.text)
                if message.type in ("error", "warning") and "status of 4" not in message.text else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((base, "data:", "blob:"))
                else self.troubles.append("asked " + request.url))
        page.on("response", lambda response: self.troubles.append(f"{response.status} {response.url}")
                if response.status >= 500 and response.status != 503 else None)
        page.goto(base + path)
        return page

    def picture(self, page, name):
        """Keeps a picture of the page in `.build/console-pictures`, to be looked at."""
        os.makedirs(PICTURES, exist_ok=True)
        page.screenshot(path=os.path.join(PICTURES, name + ".png"))

    def assertNoSidewaysScrolling(self, page):
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.assertLessEqual(beyond, 0, f"{page.url} is wider than its window")
