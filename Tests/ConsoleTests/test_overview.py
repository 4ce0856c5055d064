"""The first page: how the services are, who calls whom, and what to press where nobody has asked for anything yet."""
import re
import time
import urllib.parse

from stage import ConsoleTestCase, Environment, expect, get, wait_for

EMPTY = "The services are ready. Nobody has asked them for anything yet."


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def with_faults(environment, rule):
    """Sends ten requests while a fault is set."""
    environment.run("fault", "add", rule)
    try:
        environment.load(10, 15)
    finally:
        environment.run("fault", "clear")


class OverviewTests(ConsoleTestCase):
    def overview(self, path="/", **options):
        page = self.open(path, **options)
        expect(page.locator(".service-row.is-gateway")).to_be_visible()
        return page

    def row(self, page, service):
        return page.locator(f"li.service-row.is-{service}")

    def test_each_service_has_a_row_with_its_readiness_and_three_charts(self):
        page = self.overview()
        for service in ["gateway", "tasks", "executor", "payments"]:
            row = self.row(page, service)
            expect(row.locator(".readiness")).to_have_text("ready")
            expect(row.locator(".curves svg[role=img]")).to_have_count(3)
        # The order is that of the services, from the outside in, not that of their names.
        self.assertEqual(page.locator("ul > .service-row .who .service").all_inner_texts(), ["gateway", "tasks", "executor", "payments"])

    def test_the_figures_are_those_of_the_server(self):
        # What other tests have sent may still be on its way: then both are asked again.
        for _ in range(5):
            now = time.time_ns()
            page = self.overview(f"/?from={now // 1_000_000 - 3_600_000}&to={now // 1_000_000}")
            answer = get(f"{self.environment().console}/console/api/overview?from={now - 3600 * 10**9}&to={now}&buckets=60")
            requests = {service["name"]: sum(service["requests"]) for service in answer["services"]}
            rows = self.row(page, "gateway").locator("table tbody tr")
            shown = sum(int(text) for text in rows.locator("td:nth-child(2)").all_text_contents())
            if shown == requests["gateway"]:
                break
        self.assertEqual(shown, requests["gateway"])
        self.assertGreater(shown, 200)
        # Whatever is neither an error nor a warning is drawn as info.
        others = sum(lines for level, lines in answer["levels"].items() if level not in ("error", "warning"))
        expect(page.locator(".of-lines .legend", has_text="info")).to_contain_text(f"{others:,}")

    def test_a_figure_leads_to_the_traces_that_it_counts(self):
        page = self.overview()
        self.row(page, "gateway").locator("a.figure").first.click()
        expect(page).to_have_url(re.compile("/traces"))
        asked = parameters(page.url)
        self.assertIn('resource.service.name = "gateway"', asked["query"])
        # The figure is of the last minute, and so is what it leads to.
        self.assertEqual(int(asked["to"]) - int(asked["from"]), 60_000)

    def test_errors_lead_to_failed_requests_and_levels_to_lines(self):
        page = self.overview()
        errors = self.row(page, "payments").locator("a.figure").nth(1)
        self.assertIn("status = error", urllib.parse.unquote(errors.get_attribute("href")))
        with_faults(self.environment(), "payments.settle:db-error")
        page.reload()
        line = page.locator(".error-line").first
        expect(line.get_by_role("img", name="error")).to_be_visible()
        line.locator("a").last.click()
        expect(page).to_have_url(re.compile("/trace/[0-9a-f]{32}"))

    def test_a_level_of_the_legend_leads_to_as_many_lines_as_it_counts(self):
        page = self.overview()
        legend = page.locator(".of-lines .legend", has_text="info")
        lines = legend.locator("b").inner_text()
        legend.click()
        expect(page).to_have_url(re.compile("/logs"))
        expect(page.locator(".figures strong")).to_have_text(lines)
        # Several levels are drawn as one: each is a text, and no expression.
        link = page.evaluate("""async () => {
            const { lines } = await import("/console/overview/links.js");
            return lines(["we.ird|x", "war\\"n"], { from: "15m", to: "now" });
        }""")
        query = parameters(link)["query"]
        self.assertEqual(query, '{service=~".+"} | detected_level=~"we\\\\.ird\\\\|x|war\\"n"')
        get(f"{self.environment().console}/console/api/lines?" + urllib.parse.urlencode({"query": query}))

    def test_the_map_has_an_arrow_for_each_pair_of_services_that_call(self):
        page = self.overview()
        now = time.time_ns()
        self.environment().load(10, 12)
        page.reload()
        expect(page.locator(".map").get_by_role("link", name=re.compile("gateway calls tasks"))).to_be_attached()
        expect(page.locator(".map").get_by_role("link", name=re.compile("tasks calls payments"))).to_be_attached()
        edges = get(f"{self.environment().console}/console/api/overview?from={now - 900 * 10**9}&to={time.time_ns()}")["edges"]
        expect(page.locator(".map .edge")).to_have_count(len(edges))

    def test_a_link_of_the_map_does_not_load_the_console_again(self):
        page = self.overview()
        page.evaluate("window.isStillThere = true")
        page.locator(".map a").first.click()
        expect(page).to_have_url(re.compile("/traces"))
        expect(page.get_by_role("heading", name="Traces")).to_be_attached()
        self.assertTrue(page.evaluate("window.isStillThere === true"))

    def test_dragging_in_any_chart_narrows_the_range(self):
        page = self.overview()
        page.get_by_role("button", name="Live").click()
        chart = self.row(page, "tasks").locator(".curves").nth(2).bounding_box()
        middle = chart["y"] + chart["height"] / 2
        page.mouse.move(chart["x"] + 40, middle)
        page.mouse.down()
        page.mouse.move(chart["x"] + 160, middle, steps=3)
        expect(page.locator(".curves .tip:not(.at-point):visible")).to_be_visible()
        page.mouse.up()
        expect(page).to_have_url(re.compile(r"from=\d+&to=\d+"))
        asked = parameters(page.url)
        self.assertAlmostEqual((int(asked["to"]) - int(asked["from"])) / 900_000, 120 / chart["width"], delta=0.03)
        page.keyboard.press("r")
        expect(page).not_to_have_url(re.compile("from="))

    def test_a_range_that_nobody_changed_stays_as_exact_as_it_was(self):
        self.environment()
        now = time.time_ns() // 1_000_000_000 * 1000
        page = self.overview(f"/?from={now - 600_000 + 123}&to={now + 456}")
        address = page.evaluate("location.href")
        page.locator("button[title='Range of time']").click()
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        self.assertEqual(page.evaluate("location.href"), address)
        page.locator("button[title='Range of time']").click()
        page.get_by_role("dialog").get_by_label("from").fill("2026-02-31 10:00")
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("alert").filter(has_text="2026-02-31")).to_contain_text("is no time")
        self.assertEqual(page.evaluate("location.href"), address)

    def test_pointing_at_a_moment_shows_it_in_all_charts(self):
        page = self.overview()
        page.get_by_role("button", name="Live").click()
        chart = self.row(page, "gateway").locator(".curves").first.bounding_box()
        page.mouse.move(chart["x"] + chart["width"] - 6, chart["y"] + 10)
        hairs = page.locator("ul .curves .hair[visibility=visible]")
        expect(hairs).to_have_count(12)
        expect(self.row(page, "gateway").locator(".at-point").first).to_contain_text("/s")

    def test_live_shows_what_arrives_and_keeps_the_focus(self):
        page = self.overview()
        expect(page.get_by_role("button", name="Live")).to_have_attribute("aria-pressed", "true")
        figure = self.row(page, "gateway").locator("a.figure").first
        figure.focus()
        before = figure.get_attribute("title")
        self.environment().load(20, 13)
        expect(figure).not_to_have_attribute("title", before)
        self.assertTrue(figure.evaluate("element => element === document.activeElement"))

    def test_live_goes_on_after_a_chart_was_drawn_again_under_a_drag(self):
        page = self.overview()
        chart = self.row(page, "tasks").locator(".curves").nth(2)
        chart.scroll_into_view_if_needed()
        place = chart.bounding_box()
        page.mouse.move(place["x"] + 40, place["y"] + 10)
        page.mouse.down()
        page.mouse.move(place["x"] + 100, place["y"] + 10, steps=3)
        dragged = chart.locator("svg").element_handle()
        page.set_viewport_size({"width": 1100, "height": 720})
        page.wait_for_function("svg => !svg.isConnected", arg=dragged)
        page.mouse.up()
        figure = self.row(page, "gateway").locator("a.figure").first
        before = figure.get_attribute("title")
        self.environment().load(20, 17)
        expect(figure).not_to_have_attribute("title", before)

    def test_a_fault_is_listed_and_marked_where_it_was_set(self):
        environment = self.environment()
        environment.run("fault", "add", "payments.settle:latency=2ms")
        try:
            environment.load(5, 14)
            page = self.overview()
            fault = page.get_by_label("Faults in force", exact=True)
            expect(fault).to_contain_text("payments.settle:latency=2ms")
            expect(fault).to_contain_text("hit")
            expect(page.locator(".volume svg")).to_contain_text("1 fault set")
            expect(self.row(page, "payments").locator(".mark").first).to_be_attached()
        finally:
            environment.run("fault", "clear")

    def test_one_task_is_sent_and_its_trace_shown(self):
        page = self.overview()
        page.get_by_role("button", name="too poor").click()
        expect(page).to_have_url(re.compile("/trace/[0-9a-f]{32}"))

    def test_a_range_without_requests_says_so_and_offers_all(self):
        page = self.open("/?from=1500000000000&to=1500000900000")
        expect(page.get_by_role("heading", name="No request in this range.")).to_be_visible()
        page.get_by_role("button", name="Show all that is stored").click()
        expect(page.locator(".service-row.is-gateway")).to_be_visible()

    def test_a_phone_scrolls_in_one_direction(self):
        page = self.overview(size=(390, 844))
        self.assertNoSidewaysScrolling(page)
        self.picture(page, "overview-phone")


class EmptyOverviewTests(ConsoleTestCase):
    """An environment that nobody has asked for anything."""

    @classmethod
    def setUpClass(cls):
        cls.own = Environment()

    @classmethod
    def tearDownClass(cls):
        cls.own.stop()

    def test_it_says_what_to_press_and_fills_once_requests_come(self):
        page = self.open("/", console=self.own.console)
        expect(page.get_by_role("heading", name=EMPTY)).to_be_visible()
        expect(page.locator(".ready li")).to_have_count(4)
        expect(page.get_by_role("button", name="Send one task")).to_be_enabled()
        expect(page.locator("code", has_text="tailspan load --rate 5 --duration 30s")).to_be_visible()
        self.assertNoSidewaysScrolling(page)
        self.picture(page, "overview-empty")
        page.get_by_role("button", name="Copy the command").click()
        self.assertEqual(page.evaluate("navigator.clipboard.readText()"), "tailspan load --rate 5 --duration 30s")
        # It fills by itself, also while it does not follow what arrives.
        page.get_by_role("button", name="Live").click()
        self.own.load(5, 3)
        expect(page.locator(".service-row.is-gateway")).to_be_visible()
        expect(page.get_by_role("heading", name=EMPTY)).to_be_hidden()

    def test_then_a_small_load_is_started_by_a_press(self):
        page = self.open("/?from=1500000000000&to=1500000900000", console=self.own.console)
        page.get_by_role("button", name="Start a small load").click()
        wait_for(lambda: get(self.own.console + "/console/control/load")["running"], "the load to run")


if __name__ == "__main__":
    import unittest

    unittest.main()
