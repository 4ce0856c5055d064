"""The page of a trace: its tree on a time axis, what is folded, selected, narrowed and found, and what is not there."""
import json
import re
import secrets
import time
import unittest
import urllib.parse
import urllib.request

from stage import ConsoleTestCase, expect, get, wait_for

MILLISECOND = 1_000_000


def span(trace, number, parent=None, start=0, length=100, name=None, **more):
    """A span of OTLP that began `start` milliseconds after the others' beginning."""
    begin = more.pop("begin")
    return {"traceId": trace, "spanId": f"{number:016x}", **({"parentSpanId": f"{parent:016x}"} if parent else {}),
            "name": name or f"step {number}", "kind": more.pop("kind", 1), "startTimeUnixNano": str(begin + int(start * MILLISECOND)),
            "endTimeUnixNano": str(begin + int((start + length) * MILLISECOND)), **more}


class TraceTests(ConsoleTestCase):
    @classmethod
    def setUpClass(cls):
        """A settlement that failed and was compensated, among the others."""
        environment = cls.environment()
        environment.run("fault", "add", "payments.settle:db-error")
        environment.load(12, 5)
        environment.run("fault", "clear")

        def failed():
            query = urllib.parse.quote('{ status = error && span.db.system.name = "sqlite" }')
            return [found["traceID"] for found in get(f"{environment.urls['tempo']}/api/search?q={query}&limit=5").get("traces", [])]

        cls.id = wait_for(failed, "a settlement that failed", 20)[0].rjust(32, "0")

        def whole():
            trace = get(f"{environment.console}/console/api/trace/{cls.id}")
            return trace if trace["complete"] and len(trace["lines"]) >= 13 else None

        cls.trace = wait_for(whole, "all of the trace", 20)
        cls.deepest = next(each for each in cls.trace["spans"] if each["message"])

    def send(self, spans, service="shop"):
        """Spans of a service of our own, over OTLP."""
        body = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                                   "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}
        request = urllib.request.Request(self.environment().urls["otlp"] + "/v1/traces", json.dumps(body).encode(),
                                         {"content-type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def show(self, path="", **more):
        page = self.open(f"/trace/{self.id}{path}", **more)
        page.locator(".tree-row").first.wait_for()
        return page

    def parameter(self, page, name):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query).get(name, [None])[0]

    def test_heading_and_bars(self):
        page = self.show("?short=open")
        errors = [each for each in self.trace["spans"] if each["status"] == "error"]
        expect(page.locator("h1")).to_contain_text("POST /v1/tasks")
        expect(page.locator("h1 .tag")).to_have_text("502 Bad Gateway")
        expect(page.locator(".facts")).to_contain_text(f"{len(self.trace['spans'])} spans")
        expect(page.locator(".facts")).to_contain_text(f"{len(errors)} errors")
        rows = len(self.trace["spans"]) + len(self.trace["lines"])
        expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(rows))
        first = page.locator(".tree-row").first
        expect(first).to_have_attribute("aria-level", "1")
        expect(first.locator(".status.bad")).to_have_text("502")
        # A duration stands beside its bar: it covers no part of it, and stays in the pane.
        overlaps = page.evaluate("""[...document.querySelectorAll('.of-span .lane')].filter(lane => {
            const bar = lane.querySelector('.took-bar').getBoundingClientRect();
            const text = lane.querySelector('.beside').getBoundingClientRect();
            return text.left < bar.right - 0.5 || text.right > lane.parentElement.getBoundingClientRect().right;
        }).length""")
        self.assertEqual(overlaps, 0)
        # Ruler and bars have one axis: the root's bar is as wide as the ruler's base line.
        self.assertTrue(page.evaluate("""(() => {
            const box = selector => document.querySelector(selector).getBoundingClientRect();
            return Math.abs(box('.took-bar').left - box('.axis .base').left) < 1.5 && Math.abs(box('.lane').width - box('.axis .base').width) < 1.5;
        })()"""))
        self.picture(page, "trace")

    def test_a_selected_span_is_revealed_and_told(self):
        page = self.show(f"?span={self.deepest['id']}&closed={self.trace['spans'][1]['id']}")
        selected = page.locator(".tree-row[aria-selected=true]")
        expect(selected).to_have_count(1)
        expect(selected).to_be_in_viewport()
        panel = page.get_by_role("complementary")
        expect(panel.locator(".what-it-says")).to_have_text(self.deepest["message"])
        expect(panel.get_by_role("tabpanel")).to_contain_text("db.query.text")
        panel.get_by_role("tab", name="Resource").click()
        expect(panel.get_by_role("tabpanel")).to_contain_text("service.name")
        panel.get_by_role("tab", name="Resource").press("ArrowRight")
        expect(panel.get_by_role("tabpanel")).to_contain_text("exception.message")
        panel.get_by_role("tab", name="JSON").click()
        self.assertEqual(json.loads(panel.locator("pre").inner_text())["id"], self.deepest["id"])
        panel.get_by_role("button", name="operation failed").click()
        expect(panel).to_contain_text("error_message")
        panel.get_by_role("button", name="Close").click()
        expect(panel).to_be_hidden()
        self.assertIsNone(self.parameter(page, "at"))

    def test_folds(self):
        identifier, begin = secrets.token_hex(16), time.time_ns()
        self.send([span(identifier, 1, begin=begin, length=1000), span(identifier, 2, 1, 10, 30, "quick", begin=begin),
                   span(identifier, 3, 2, 11, 5, begin=begin), span(identifier, 4, 3, 12, 1, begin=begin),
                   span(identifier, 5, 1, 50, 30, "failing", begin=begin), span(identifier, 6, 5, 51, 5, begin=begin, status={"code": 2})])
        page = self.open(f"/trace/{identifier}")
        quick = page.locator(".tree-row", has_text="quick")
        expect(quick).to_have_attribute("aria-expanded", "false")
        expect(quick).to_contain_text("2 folded")
        expect(page.locator(".tree-row", has_text="failing")).to_have_attribute("aria-expanded", "true")
        quick.locator(".arrow").click()
        expect(page.locator(".tree-row")).to_have_count(6)
        self.assertEqual(self.parameter(page, "open"), f"{2:016x}")
        page.reload()
        expect(page.locator(".tree-row")).to_have_count(6)
        page.keyboard.press("z")
        expect(page.locator(".tree-row")).to_have_count(6)
        self.assertEqual(self.parameter(page, "short"), "open")
        page.keyboard.press("z")
        expect(page.locator(".tree-row")).to_have_count(4)

    def test_keys(self):
        page = self.show()
        page.keyboard.press("e")
        selected = page.locator(".tree-row[aria-selected=true]")
        expect(selected).to_contain_text(self.deepest["name"])
        expect(selected).to_be_focused()
        level = int(selected.get_attribute("aria-level"))
        page.keyboard.press("ArrowLeft")
        expect(selected).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("ArrowLeft")
        expect(selected).to_have_attribute("aria-level", str(level - 1))
        page.keyboard.press("Home")
        expect(selected).to_have_attribute("aria-rowindex", "1")
        page.keyboard.press("j")
        expect(selected).to_have_attribute("aria-rowindex", "2")
        page.keyboard.press("Escape")
        expect(selected).to_have_count(0)
        page.keyboard.press("k")
        expect(page.locator(".tree-row:focus")).to_have_attribute("aria-rowindex", "1")
        page.keyboard.press("Enter")
        expect(selected).to_have_attribute("aria-rowindex", "1")
        page.keyboard.press("c")
        expect(page).to_have_url(re.compile(f"/compare\\?a={self.id}"))

    def test_the_axis_narrows(self):
        page = self.show()
        plane = page.locator(".map-plane").bounding_box()
        y = page.locator(".axis").bounding_box()["y"] + 12
        page.mouse.move(plane["x"] + plane["width"] * 0.5, y)
        page.mouse.down()
        page.mouse.move(plane["x"] + plane["width"] * 0.75, y, steps=4)
        expect(page.locator(".drag-tip")).to_be_visible()
        page.mouse.up()
        start, end = (int(part) for part in self.parameter(page, "zoom").split("-"))
        self.assertAlmostEqual(start / self.trace["duration"], 0.5, delta=0.01)
        self.assertAlmostEqual(end / self.trace["duration"], 0.75, delta=0.01)
        handle = page.get_by_role("slider", name="Start")
        handle.press("ArrowLeft")
        self.assertLess(int(self.parameter(page, "zoom").split("-")[0]), start)
        page.get_by_role("button", name="Whole").click()
        self.assertIsNone(self.parameter(page, "zoom"))
        # Less than ten pixels is a slip.
        page.mouse.move(plane["x"] + 100, y)
        page.mouse.down()
        page.mouse.move(plane["x"] + 106, y)
        page.mouse.up()
        self.assertIsNone(self.parameter(page, "zoom"))

    def test_lines_are_rows_at_their_time(self):
        page = self.show()
        line = next(each for each in self.trace["lines"] if each["level"] == "error")
        row = page.locator(f".tree-row[data-line='{self.trace['lines'].index(line)}']")
        above = page.locator(f".tree-row[data-span='{line['span']}']")
        self.assertEqual(int(row.get_attribute("aria-level")), int(above.get_attribute("aria-level")) + 1)
        lane, mark = row.locator(".lane").bounding_box(), row.locator(".mark .icon").bounding_box()
        self.assertAlmostEqual((mark["x"] + mark["width"] / 2 - lane["x"]) / lane["width"], line["offset"] / self.trace["duration"], delta=0.01)
        row.click()
        expect(page.get_by_role("complementary")).to_contain_text(line["message"])
        page.keyboard.press("l")
        expect(page.locator(".of-line.tree-row")).to_have_count(0)
        page.keyboard.press("b")
        expect(page).to_have_url(re.compile("/logs\\?"))
        query = self.parameter(page, "query")
        # The usual range holds all of them, so it stays.
        self.assertEqual([self.parameter(page, name) for name in ("from", "to")], [None, None])
        start, end = time.time_ns() - 900_000 * MILLISECOND, time.time_ns()
        found = get(f"{self.environment().urls['loki']}/loki/api/v1/query_range?"
                    + urllib.parse.urlencode({"query": query, "start": start, "end": end, "limit": 1000}))
        self.assertEqual(sum(len(stream["values"]) for stream in found["data"]["result"]), len(self.trace["lines"]))

    def test_find_and_services(self):
        page = self.show()
        page.keyboard.press("f")
        page.keyboard.type(self.deepest["message"][:12])
        expect(page.locator(".tree-row.found").first).to_be_visible()
        expect(page.locator(".tree-row").first).to_have_class(re.compile("dim"))
        page.keyboard.press("Enter")
        expect(page.locator(".tree-row[aria-selected=true]")).to_have_class(re.compile("found"))
        expect(page.locator(".found-count")).to_contain_text("1 / ")
        page.keyboard.press("Escape")
        expect(page.locator(".tree-row.dim")).to_have_count(0)
        page.get_by_role("group", name="Services").get_by_role("button", name="payments").click()
        expect(page.locator(".tree-row.is-tasks:not(.dim)")).to_have_count(0)
        expect(page.locator(".tree-row.is-payments.dim")).to_have_count(0)
        self.assertEqual(self.parameter(page, "only"), "payments")

    def test_what_is_shown(self):
        page = self.show()
        expect(page.locator(".on-path")).to_have_count(0)
        page.get_by_role("button", name="Show").click()
        page.get_by_label("Critical path").check()
        expect(page.locator(".on-path").first).to_be_visible()
        page.get_by_label("Warnings and errors").check()
        expect(page.locator(".tree-row.is-info")).to_have_count(0)
        expect(page.locator(".tree-row.is-error").first).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("p")
        expect(page.locator(".on-path")).to_have_count(0)

    def test_a_trace_that_is_not_there(self):
        page = self.open("/trace/" + "0" * 31 + "1")
        expect(page.locator("h1")).to_have_text("No trace begins with " + "0" * 31 + "1.")
        expect(page.get_by_role("status").filter(has_text="Looking for it for")).to_contain_text("spans come in batches")
        identifier, begin = "5ca1ab1e" + secrets.token_hex(12), time.time_ns()
        page = self.open("/trace/5ca1ab1e")
        expect(page.locator("h1")).to_have_text("No trace begins with 5ca1ab1e.")
        self.send([span(identifier, 1, begin=begin)])
        expect(page.locator("h1")).to_have_text("step 1")
        expect(page).to_have_url(re.compile(identifier))
        other = "5ca1ab1e" + secrets.token_hex(12)
        self.send([span(other, 1, begin=begin)])
        page = self.open("/trace/5ca1ab1e")
        expect(page.locator(".candidates a")).to_have_count(2)
        page.locator(".candidates a", has_text=other[8:]).click()
        expect(page).to_have_url(re.compile(other))

    def test_a_trace_of_which_only_lines_came(self):
        identifier = secrets.token_hex(16)
        lines = [[str(time.time_ns() + number), f"line {number}", {"trace_id": identifier}] for number in range(2)]
        body = json.dumps({"streams": [{"stream": {"service": "shop"}, "values": lines}]}).encode()
        request = urllib.request.Request(self.environment().urls["loki"] + "/loki/api/v1/push", body, {"content-type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()
        page = self.open("/")
        page.clock.install()
        page.goto(f"{self.environment().console}/trace/{identifier}")
        status = page.get_by_role("status").filter(has_text="2 log lines name it")
        for left in range(10, 0, -1):
            expect(status).to_have_text(f"2 log lines name it. Looking for it for {left} s more: spans come in batches.")
            page.clock.run_for(1000)
        expect(status).to_have_text("2 log lines name it, so its spans were lost or not sampled.")
        expect(page.get_by_role("link", name="Show the 2 lines")).to_have_attribute("href", re.compile(f"trace_id.*{identifier}"))
        page.get_by_role("button", name="Look again").click()
        expect(status).to_contain_text("Looking for it")

    def test_a_trace_that_still_arrives(self):
        identifier, begin = secrets.token_hex(16), time.time_ns()
        self.send([span(identifier, 2, 1, 10, 50, "the child", begin=begin)])
        page = self.open(f"/trace/{identifier}")
        expect(page.locator(".facts")).to_contain_text("1 span names a parent that has not arrived")
        self.send([span(identifier, 1, None, 0, 100, "the parent", begin=begin)])
        expect(page.locator("h1")).to_contain_text("the parent")
        expect(page.locator(".tree-row", has_text="the child")).to_have_attribute("aria-level", "2")
        expect(page.locator(".facts .warning-text")).to_have_count(0)

    def test_texts_stay_texts(self):
        identifier, begin = secrets.token_hex(16), time.time_ns()
        hostile = "<img src=x onerror=alert(1)>\u202egnp"
        self.send([span(identifier, 1, name=hostile, begin=begin, status={"code": 2, "message": "<b>bold</b>"},
                        attributes=[{"key": "<i>key</i>", "value": {"stringValue": "<script>alert(2)</script>"}}],
                        events=[{"name": "<u>", "timeUnixNano": str(begin), "attributes": []}],
                        links=[{"traceId": self.id, "spanId": self.deepest["id"]}])], service="<svg onload=alert(3)>")
        page = self.open(f"/trace/{identifier}?span={1:016x}")
        expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>U+202Egnp")
        expect(page.locator(".what-it-says")).to_have_text("<b>bold</b>")
        expect(page.get_by_role("tabpanel")).to_contain_text("<script>alert(2)</script>")
        expect(page.locator("main img, main script, main b > i")).to_have_count(0)
        page.get_by_role("tab", name="Links").click()
        page.get_by_role("tabpanel").get_by_role("link", name=self.id[:8]).click()
        expect(page).to_have_url(re.compile(f"/trace/{self.id}\\?span={self.deepest['id']}"))
        expect(page.locator(".what-it-says")).to_have_text(self.deepest["message"])

    def test_many_spans(self):
        identifier, begin, count = secrets.token_hex(16), time.time_ns(), 5000
        spans = [span(identifier, 1, begin=begin, length=count)]
        spans += [span(identifier, number, 1 if number % 50 == 2 else number - 1 if number % 50 < 7 else 2 + (number - 2) // 50 * 50,
                       number - 1, 0.5, begin=begin) for number in range(2, count + 1)]
        for part in range(0, count, 1000):
            self.send(spans[part:part + 1000])
        wait_for(lambda: len(get(f"{self.environment().console}/console/api/trace/{identifier}")["spans"]) == count, "the spans", 20)
        page = self.open(f"/trace/{identifier}")
        expect(page.get_by_text("5,000 spans: unfolded to depth 3.")).to_be_visible()
        page.get_by_role("button", name="Unfold all").click()
        grid = page.get_by_role("treegrid")
        expect(grid).to_have_attribute("aria-rowcount", str(count))
        self.assertLess(page.locator(".tree-row").count(), 120)
        page.locator(".tree-row").first.focus()
        page.keyboard.press("End")
        expect(page.locator(".tree-row:focus")).to_have_attribute("aria-rowindex", str(count))
        expect(page.locator(".tree-row:focus")).to_be_in_viewport()

    def test_on_a_phone(self):
        page = self.show(f"?span={self.deepest['id']}", size=(390, 844))
        self.assertNoSidewaysScrolling(page)
        panel = page.get_by_role("complementary")
        self.assertLess(panel.bounding_box()["height"], 420)
        selected = page.locator(".tree-row[aria-selected=true]")
        box = selected.bounding_box()
        self.assertLessEqual(box["y"] + box["height"], panel.bounding_box()["y"])
        # The whole left edge of a row folds it.
        box = selected.bounding_box()
        page.mouse.click(box["x"] + 4, box["y"] + box["height"] - 4)
        expect(selected).to_have_attribute("aria-expanded", "false")
        self.picture(page, "trace-phone")


if __name__ == "__main__":
    unittest.main()
