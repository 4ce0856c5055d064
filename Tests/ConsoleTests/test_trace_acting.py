"""What the page of a trace asks of the environment, and the same trace in a pane of another page."""
import re
import unittest

from stage import ConsoleTestCase, expect, get, wait_for


class TraceActingTests(ConsoleTestCase):
    @classmethod
    def setUpClass(cls):
        """A request that went well, and all of its trace."""
        environment = cls.environment()
        environment.load(5, 71)
        query = "%7B%20kind%20%3D%20server%20%26%26%20resource.service.name%20%3D%20%22executor%22%20%7D"
        found = wait_for(
            lambda: get(f"{environment.urls['tempo']}/api/search?q={query}&limit=5").get("traces"), "a trace of the executor")
        cls.id = found[0]["traceID"].rjust(32, "0")

        def verified():
            return get(f"{environment.console}/console/control/verdict/{cls.id}")["state"] == "verified"

        wait_for(verified, "the verdict", 30)

    def show(self, path=""):
        page = self.open(f"/trace/{self.id}{path}")
        page.locator(".tree-row").first.wait_for()
        return page

    def answer(self, page, path, value):
        """Answers a request of the page with something that rarely happens."""
        page.route(re.compile(re.escape(path)), lambda route: route.fulfill(json=value))

    def test_verdict(self):
        page = self.show()
        verdict = page.get_by_role("button", name="Verified")
        held = get(f"{self.environment().console}/console/control/verdict/{self.id}")["held"]
        expect(verdict).to_have_text(f"Verified · {held} rules hold")
        verdict.click()
        sheet = page.get_by_role("dialog", name="Verdict")
        expect(sheet.get_by_role("listitem")).to_have_count(held)
        expect(sheet.get_by_role("img", name="holds")).to_have_count(held)

    def test_a_broken_verdict_leads_to_what_it_means(self):
        trace = get(f"{self.environment().console}/console/api/trace/{self.id}")
        line, span = trace["lines"][-1], trace["spans"][-1]
        page = self.open("/")
        rule = {"number": 6, "title": "line's span exists", "explanation": "It does. Broken by much.", "holds": False}
        self.answer(page, "/console/control/verdict/", {"state": "broken", "held": 1, "rules": [
            {"number": 1, "title": "trace found", "explanation": "It is.", "holds": True, "violations": []},
            {**rule, "violations": [{"text": "<b>a line</b>", "span": None, "line": line["key"]}]},
            {**rule, "number": 9, "violations": [{"text": "a span", "span": span["id"], "line": None}]}]})
        page.goto(f"{self.environment().console}/trace/{self.id}")
        page.get_by_role("button", name="2 rules broken").click()
        sheet = page.get_by_role("dialog", name="Verdict")
        expect(sheet.get_by_role("listitem").first).to_contain_text("<b>a line</b>")
        sheet.get_by_role("button", name="Its line").click()
        expect(page.locator(".tree-row[aria-selected=true]")).to_contain_text(line["message"])
        page.get_by_role("button", name="2 rules broken").click()
        sheet.get_by_role("button", name="Its span").click()
        expect(page.locator(f".tree-row[data-span='{span['id']}']")).to_have_attribute("aria-selected", "true")

    def test_replay(self):
        page = self.show()
        status = page.locator("h1 .tag").inner_text()
        page.get_by_role("button", name="Replay").click()
        sheet = page.get_by_role("dialog", name="Replay")
        expect(sheet.get_by_role("heading", level=2)).to_have_text("The same happened again", timeout=40_000)
        expect(sheet.get_by_role("row", name="again")).to_contain_text(status)
        sheet.get_by_role("link", name="Open the new trace").click()
        expect(page).not_to_have_url(re.compile(self.id))
        expect(sheet).to_be_hidden()
        expect(page.locator(".tree-row").first).to_be_visible()

    def test_a_replay_is_not_compared_with_another_trace(self):
        other = get(f"{self.environment().console}/console/api/traces?query=%7B%7D&limit=2")["traces"]
        other = next(trace["id"] for trace in other if trace["id"] != self.id)
        page = self.show()
        held = []
        page.route("**/console/control/replay/*", lambda route: held.append(route))
        replay = page.get_by_role("button", name="Replay")
        replay.click()
        expect(page.get_by_role("button", name="Sending …")).to_be_visible()
        page.evaluate("async path => (await import('/console/shell/address.js')).go(path)", f"/trace/{other}")
        expect(page.get_by_role("link", name="Compare", exact=True)).to_have_attribute("href", re.compile(other))
        expect(replay).to_have_attribute("aria-busy", "false")
        first = held.pop()
        self.assertIn(self.id, first.request.url)
        first.abort()
        # The button sends the trace that is shown now.
        replay.click()
        wait_for(lambda: page.evaluate("1") and held, "the other replay to be sent")
        self.assertIn(other, held[0].request.url)
        held.pop().fulfill(json={"trace": self.id, "same": True, "before": {"status": 201, "duration": 1, "faults": []},
                                 "after": {"status": 201, "duration": 1, "faults": []}, "differences": [], "warnings": []})
        sheet = page.get_by_role("dialog", name="Replay")
        expect(sheet.get_by_role("link", name="before")).to_have_attribute("href", f"/trace/{other}")
        expect(sheet.get_by_role("link", name="Compare")).to_have_attribute("href", f"/compare?a={other}&b={self.id}")

    def test_a_console_that_cannot_act(self):
        page = self.open("/")
        state = get(f"{self.environment().console}/console/api/state")
        self.answer(page, "/console/api/state", {**state, "canAct": False})
        page.goto(f"{self.environment().console}/trace/{self.id}")
        expect(page.get_by_role("link", name="Compare")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("Replay|Verified"))).to_have_count(0)

    def test_in_a_pane(self):
        page = self.open("/faults")
        page.evaluate("""async id => {
            const { mountTrace } = await import("/console/trace/mount.js");
            const pane = document.createElement("div");
            Object.assign(pane.style, { width: "850px", height: "260px", overflow: "auto" });
            pane.id = "pane";
            document.querySelector("main").prepend(pane);
            window.pane = mountTrace(pane, { onState() {} }, { id, compact: true });
        }""", self.id)
        pane = page.locator("#pane")
        before = page.url
        first = pane.locator(".tree-row").first
        expect(first).to_be_visible()
        expect(page.get_by_role("complementary")).to_have_count(0)
        first.click()
        page.keyboard.press("End")
        last = pane.locator(".tree-row[aria-selected=true]")
        expect(last).to_have_attribute("aria-rowindex", pane.get_by_role("treegrid").get_attribute("aria-rowcount"))
        # It scrolls by itself, and the address is not its own.
        box, seen = last.bounding_box(), pane.bounding_box()
        self.assertLessEqual(box["y"] + box["height"], seen["y"] + seen["height"] + 1)
        self.assertEqual(page.evaluate("scrollY"), 0)
        self.assertEqual(page.url, before)
        self.assertIsNotNone(page.evaluate("(window.pane.selected.span ?? window.pane.selected.line) && window.pane.trace.id"))
        page.keyboard.press("Escape")
        expect(pane.get_by_role("complementary")).to_have_count(0)
        pane.locator(".tree-row").first.focus()
        page.keyboard.press("o")
        expect(page).to_have_url(re.compile(f"/trace/{self.id}"))


if __name__ == "__main__":
    unittest.main()
