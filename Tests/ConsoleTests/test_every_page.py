"""What holds for every page: accessibility, width, the content policy, and that no text becomes markup."""
import json
import time
import urllib.error
import urllib.request

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stage import ConsoleTestCase, Environment, get, wait_for

PAGES = {
    "overview": "/", "logs": "/logs", "traces": "/traces", "send": "/send", "faults": "/faults",
    "incidents": "/incidents", "exercises": "/exercises",
}


class EveryPageTests(ConsoleTestCase):
    hostile = None

    def pages(self):
        """All pages, with a trace, a comparison, an incident and an exercise among them."""
        console = self.environment().console
        traces = get(console + "/console/api/traces?limit=2" + self.range())["traces"]
        pages = {**PAGES, "trace": f"/trace/{traces[0]['id']}", "compare": f"/compare?a={traces[0]['id']}&b={traces[1]['id']}"}
        pages["incident"] = "/incidents/" + get(console + "/console/control/incidents")["incidents"][0]["name"]
        pages["exercise"] = "/exercises/" + get(console + "/console/control/exercises")["exercises"][0]["name"]
        return pages

    @staticmethod
    def range():
        now = time.time_ns()
        return f"&from={now - 3_600_000_000_000}&to={now}"

    @staticmethod
    def settle(page):
        """Waits until the page has drawn itself: nothing is asked for half a second."""
        expect(page.locator("main .page > *").first).to_be_visible()
        page.wait_for_load_state("networkidle")

    def test_no_page_breaks_the_rules_of_accessibility(self):
        axe = Axe()
        for scheme in ("dark", "light"):
            for name, path in self.pages().items():
                page = self.open(path, scheme=scheme)
                self.settle(page)
                found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
                with self.subTest(page=name, scheme=scheme):
                    self.assertEqual([], [
                        (violation["id"], [node["html"][:200] for node in violation["nodes"][:3]])
                        for violation in found.response["violations"]])
                page.context.close()

    def test_no_page_is_wider_than_a_phone_or_a_projector(self):
        for size in ((390, 844), (1280, 720)):
            for name, path in self.pages().items():
                page = self.open(path, size=size)
                self.settle(page)
                with self.subTest(page=name, size=size):
                    self.assertNoSidewaysScrolling(page)
                self.picture(page, f"{name}-dark-{size[0]}")
                page.context.close()

    def test_every_page_is_reached_by_keys_alone(self):
        page = self.open("/")
        self.settle(page)
        for keys, path in (("l", "/logs"), ("t", "/traces"), ("s", "/send"), ("f", "/faults"), ("i", "/incidents"), ("o", "/")):
            page.keyboard.press("g")
            page.keyboard.press(keys)
            page.wait_for_url(lambda url, path=path: url.split("?")[0].endswith(path))
            self.settle(page)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)
        page.keyboard.press("/")
        expect(page.get_by_role("combobox", name="Trace id, task id, LogQL or TraceQL")).to_be_focused()

    def test_the_policy_admits_only_the_console_s_own_files(self):
        for path in [*PAGES.values(), "/trace/0123"]:
            try:
                answer = urllib.request.urlopen(self.environment().console + path)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                policy = answer.headers["content-security-policy"]
                self.assertIn("default-src 'none'", policy)
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertNotIn("unsafe", policy)
                self.assertEqual("nosniff", answer.headers["x-content-type-options"])

    @classmethod
    def hostile_environment(cls):
        """One of its own: other tests count what there is."""
        if cls.hostile is None:
            cls.hostile = Environment()
            cls.addClassCleanup(cls.hostile.stop)
        return cls.hostile

    def test_text_from_telemetry_stays_text(self):
        console = self.hostile_environment().console
        attack = "<img src=x onerror=alert(1)>\u202e\u001b[31m\"'`${1}</script>"
        trace, span = "a77ac0000000000000000000000a77ac", "a77ac0000000a77a"
        now = time.time_ns()
        self.send_span(trace, span, attack, now)
        self.send_line(trace, span, attack, now)
        wait_for(lambda: get(f"{console}/console/api/find?text={trace}")["ids"], "the span")
        for path in (f"/trace/{trace}?span={span}", "/logs?query=" + urllib.request.quote('{service="a77ac"}'), "/traces", "/"):
            page = self.open(path, console=console, size=(390, 844))
            self.settle(page)
            with self.subTest(path=path):
                self.assertNoSidewaysScrolling(page)
                self.assertEqual(0, page.locator("main img").count())
                text = page.locator("main").inner_text()
                self.assertNotIn("\u202e", text)
                self.assertNotIn("\u001b", text)
                if path.startswith(("/trace/", "/logs")):
                    self.assertIn("<img src=x onerror=alert(1)>U+202EU+001B[31m", text)
            page.context.close()

    def send_span(self, trace, span, attack, now):
        self.post(self.hostile_environment().urls["otlp"] + "/v1/traces", {"resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": attack}}]},
            "scopeSpans": [{"spans": [{
                "traceId": trace, "spanId": span, "name": attack, "kind": 2, "startTimeUnixNano": str(now - 50_000_000),
                "endTimeUnixNano": str(now), "status": {"code": 2, "message": attack},
                "attributes": [{"key": attack, "value": {"stringValue": attack}}],
                "events": [{"name": attack, "timeUnixNano": str(now), "attributes": []}]}]}]}]})

    def send_line(self, trace, span, attack, now):
        self.post(self.hostile_environment().urls["loki"] + "/loki/api/v1/push", {"streams": [{
            "stream": {"service": "a77ac", "level": "error"},
            "values": [[str(now), json.dumps({"message": attack, "field": attack}),
                        {"trace_id": trace, "span_id": span, "message": attack}]]}]})

    @staticmethod
    def post(url, body):
        request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def test_without_scripts_lines_and_traces_can_be_read(self):
        trace = get(self.environment().console + "/console/api/traces?limit=1" + self.range())["traces"][0]["id"]
        for path, text in (("/", "Recent traces"), ("/logs", "Log lines"), ("/traces", "Traces"), (f"/trace/{trace}", "Spans")):
            page = self.open(path, scripts=False)
            expect(page.locator("main.plain")).to_contain_text(text)
            page.context.close()
