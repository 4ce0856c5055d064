"""The way that the console is for: from a request that failed to its line, to its trace, and back, without typing an id."""
import re
import urllib.parse

from playwright.sync_api import expect

from stage import ConsoleTestCase, Environment, get, wait_for


class ClickPathTests(ConsoleTestCase):
    @classmethod
    def setUpClass(cls):
        # One of its own: the rule would reach other tests.
        cls.own = Environment()
        cls.addClassCleanup(cls.own.stop)

    def lines(self, page):
        return page.locator(".line[data-key]")

    def test_from_a_fault_to_the_failed_request_its_line_its_trace_and_back(self):
        console = self.own.console
        page = self.open("/faults?rule=" + urllib.parse.quote("payments.settle:db-error"), console=console)
        page.get_by_role("button", name=re.compile("^Set the rule")).click()
        expect(page.get_by_role("article")).to_contain_text("in force")

        page.get_by_role("link", name="Send", exact=True).click()
        page.get_by_role("button", name=re.compile("^Send")).click()
        answer = page.locator(".answer")
        expect(answer).to_contain_text("502 Bad Gateway")
        expect(answer.get_by_role("treegrid")).to_contain_text("payments")
        answer.get_by_role("link", name=re.compile("^Lines|lines$")).first.click()

        # The error line of the service in which it began, and from it to its span.
        row = self.lines(page).filter(has_text="operation failed").filter(has_text="payments").first
        key = row.get_attribute("data-key")
        shown = self.lines(page).count()
        row.locator("a").last.click()
        page.wait_for_url(re.compile("/trace/[0-9a-f]{32}\\?.*span=[0-9a-f]{16}"))
        trace = get(console + "/console/api/trace/" + re.search("/trace/([0-9a-f]{32})", page.url)[1])
        line = next(line for line in trace["lines"] if line["key"] == key)
        selected = page.locator(".tree-row[aria-selected=true]")
        expect(selected).to_have_attribute("data-span", line["span"])
        expect(selected).to_contain_text("error")

        # And back: exactly the lines of this trace.
        page.keyboard.press("b")
        page.wait_for_url(re.compile("/logs\\?"))
        expect(self.lines(page)).to_have_count(len(trace["lines"]))
        self.assertEqual(shown, len(trace["lines"]))
        keys = {row.get_attribute("data-key") for row in self.lines(page).all()}
        self.assertEqual(keys, {line["key"] for line in trace["lines"]})

    def test_from_a_dot_of_the_traces_to_the_lines_of_its_error(self):
        console = self.own.console
        self.own.run("fault", "clear")
        self.own.load(20, 31, "--mix", "unknown-guild=1")
        wait_for(lambda: get(console + "/console/api/traces?order=errors")["matched"] >= 20, "the traces")
        page = self.open("/traces?order=errors", console=console)
        page.locator(".trace[data-id]").first.locator("a").first.click()
        page.wait_for_url(re.compile("/trace/[0-9a-f]{32}"))
        expect(page.locator(".tree-row").first).to_be_visible()
        page.keyboard.press("e")
        expect(page.locator(".tree-row[aria-selected=true]")).to_contain_text("404")
        page.get_by_role("link", name="Lines of this trace").click()
        expect(self.lines(page).first).to_be_visible()
        expect(self.lines(page).filter(has_text="404").first).to_be_visible()
