"""The Logs page: filters and query are one thing, the list is true to the data, and nothing of it is markup."""
import json
import re
import time
import unittest
import urllib.parse
import urllib.request

from playwright.sync_api import expect

from stage import ConsoleTestCase, Environment, get, wait_for

ALL = '{service=~".+"}'

# A text, whether it is whole, and its filters: where, what it says, and its part of the text.
QUERIES = [
    (ALL, True, []),
    ('{service=~"payments|tasks", level="error"} |= "x" # |= "no"\n | status >= 500 and guild_id="g-1"', True,
     ['service=~"payments|tasks"', 'level="error"', '|= "x"', "status >= 500", 'guild_id="g-1"']),
    ('{a="b"} | x="1" or y="2"', True, ['a="b"']),
    ('{a="b"} | (x="1")', True, ['a="b"']),
    ('{a="b"} | drop x!="y", z | keep a != "x" | line_format "|= {{.service}}"', True, ['a="b"']),
    ('sum by (state) (count_over_time({service="tasks"} |~ "a(b|c)" | json [30s]))', True,
     ["by (state)", 'service="tasks"', '|~ "a(b|c)"', "[30s]"]),
    ('sum(rate({a="b"}[1m])) / sum(rate({c="d"}[1m]))', True, []),
    ('{a="b"} | duration_ms > 20ms | p=`x\\`', True, ['a="b"', "| duration_ms > 20ms", "| p=`x\\`"]),
    ('{a="b"} |= sett', False, ['a="b"', "|="]),
    ('{a="b"} |= "sett', False, ['a="b"', "|="]),
    ('{a="b"', False, ['a="b"']),
    ('{a="b"} | ', False, ['a="b"']),
    ("", False, []),
]

# A text, an edit by the page's modules, and what it becomes: everything else stays, comments and spacing, too.
SPACED = '{ service=~"a|b" ,  level="error" }   |= "x"  # |= "no"\n  | status >= 500 and  guild_id="g-1"'
EDITS = [
    (SPACED, "without(text, of(0))", SPACED.replace('service=~"a|b" ,  ', "")),
    (SPACED, "without(text, of(1))", SPACED.replace(' ,  level="error"', "")),
    (SPACED, "without(text, of(2))", SPACED.replace('   |= "x"', "")),
    (SPACED, "without(text, of(3))", SPACED.replace("status >= 500 and  ", "")),
    (SPACED, "without(text, of(4))", SPACED.replace(' and  guild_id="g-1"', "")),
    (SPACED, "filterFor(text, 'guild_id', 'g-\"2', '{')", SPACED.replace('"g-1"', '"g-\\"2"')),
    (SPACED, "filterFor(text, 'peer', 'tasks', '{')", SPACED + ' | peer="tasks"'),
    (SPACED, "filterFor(text, 'version', '1', '{`version`: 1}')", SPACED + ' | json version | version="1"'),
    (SPACED, "filterFor(text, 'error_stack', 'f', '{`error`: {`stack`: []}}')",
     SPACED + ' | json error_stack="error.stack" | error_stack="f"'),
    (SPACED, "filterFor(text, 'version', '1', 'a=1 version=1')", SPACED + ' | logfmt | version="1"'),
    (SPACED, "filterOut(text, 'service', 'a', '{')", SPACED.replace('=~"a|b"', '="b"')),
    (SPACED, "filterOut(text, 'service', 'c', '{')", SPACED.replace('level="error"', 'level="error", service!="c"')),
    (SPACED, "writeText(text, '!=', 'y')", SPACED.replace('|= "x"  #', '|= "x" != "y"  #')),
    (ALL, "filterFor(text, 'service', 'tasks', '{')", '{service="tasks"}'),
    (ALL, "choose(text, 'level', ['error', 'warning'])", '{service=~".+", level=~"error|warning"}'),
    ('{service="a"}', "without(text, of(0))", ALL),
    ('{service!="a"} # all', "without(text, of(0))", ALL + " # all"),
    ('{a="b"} # end', "filterFor(text, 'peer', 'x', '{')", '{a="b"} | peer="x" # end'),
    ('sum(rate({a="b"} | unwrap amount [5m]))', "filterFor(text, 'peer', 'x', '{')",
     'sum(rate({a="b"} | peer="x" | unwrap amount [5m]))'),
]


def logs(**parameters):
    return "/logs?" + urllib.parse.urlencode(parameters)


def push(environment, streams):
    request = urllib.request.Request(
        environment.urls["loki"] + "/loki/api/v1/push", json.dumps({"streams": streams}).encode(),
        {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


class LogsTests(ConsoleTestCase):
    def setUp(self):
        super().setUp()
        self.console = self.environment().console

    def rows(self, page):
        return page.locator(".line[data-key]")

    def chips(self, page):
        return page.locator(".filter.set")

    def box(self, page):
        return page.get_by_role("combobox")

    def lines(self, query, **more):
        parameters = urllib.parse.urlencode({"query": query, "summary": 1, **more})
        return get(f"{self.console}/console/api/lines?{parameters}")

    def rows_at(self, page, index):
        """Scrolls to a row; returns the keys of those around it, in their order."""
        page.evaluate("""index => { const list = document.querySelector(".lines .virtual");
            scrollTo(0, list.getBoundingClientRect().top + scrollY + index * 27); }""", index)
        expect(page.locator(f'.line[data-key][data-index="{index}"]')).to_be_visible()
        expect(page.locator(".line.absent")).to_have_count(0)
        # A row that has the focus is there wherever one scrolls.
        return page.locator(".line[data-key]").evaluate_all(
            "(rows, at) => rows.filter(row => Math.abs(row.dataset.index - at) < 20)"
            ".sort((a, b) => a.dataset.index - b.dataset.index).map(row => row.dataset.key)", index)

    # MARK: The query

    def test_a_query_is_read_into_its_filters(self):
        page = self.open("/logs")
        found = page.evaluate("""async texts => {
            const { parse } = await import("/console/logs/query.js");
            const { filters } = await import("/console/logs/edit.js");
            return texts.map(text => { const query = parse(text);
              return [text, query.ok, filters(query).map(({ start, end }) => text.slice(start, end))]; });
        }""", [text for text, _, _ in QUERIES])
        self.assertEqual(found, [list(query) for query in QUERIES])

    def test_an_edit_leaves_the_rest_of_the_query_untouched(self):
        page = self.open("/logs")
        for text, edit, expected in EDITS:
            with self.subTest(text=text, edit=edit):
                found = page.evaluate("""async ([text, edit]) => {
                    const { parse } = await import("/console/logs/query.js");
                    const { filters, without } = await import("/console/logs/edit.js");
                    const { choose, filterFor, filterOut, writeText } = await import("/console/logs/kinds.js");
                    const of = index => filters(parse(text))[index];
                    switch (edit.replace(/\\(.*/, "")) {
                      case "without": return without(text, of(Number(/of\\((\\d)/.exec(edit)[1])));
                      default: {
                        const given = edit.replace(/^\\w+\\(text, |\\)$/g, "")
                          .replaceAll('"', '\\\\"').replaceAll("'", '"');
                        const values = JSON.parse("[" + given + "]")
                          .map(value => (typeof value === "string" ? value.replaceAll("`", '"') : value));
                        const run = { choose, filterFor, filterOut, writeText }[edit.replace(/\\(.*/, "")];
                        return run(text, ...values);
                      }
                    }
                }""", [text, edit])
                self.assertEqual(found, expected)

    def test_a_filter_writes_its_part_and_takes_it_away(self):
        page = self.open(logs(query=ALL + '  |= "request completed"  # why'))
        expect(self.chips(page)).to_have_count(1)
        page.get_by_role("button", name="service", exact=True).click()
        page.get_by_label("payments", exact=True).check()
        page.get_by_label("tasks", exact=True).check()
        page.get_by_role("button", name="Apply").click()
        expect(self.box(page)).to_have_value('{service=~"payments|tasks"}  |= "request completed"  # why')
        expect(self.chips(page).first).to_have_text("service payments, tasks")
        page.get_by_role("button", name="slower than", exact=True).click()
        page.get_by_label("duration_ms").fill("60x")
        page.keyboard.press("Enter")
        expect(page.get_by_text("“60x” is no duration. Write 30 ms, 1.5 s or 2 min.")).to_be_visible()
        page.get_by_label("duration_ms").fill("1.5 ms")
        page.keyboard.press("Enter")
        expected = '{service=~"payments|tasks"}  |= "request completed" | duration_ms > 1.5  # why'
        expect(self.box(page)).to_have_value(expected)
        matched = self.lines(expected)["summary"]["matched"]
        self.assertGreater(matched, 0)
        expect(page.locator(".figures strong")).to_have_text(f"{matched:,}")
        page.get_by_role("button", name="Take away: text request completed").click()
        expect(self.box(page)).to_have_value('{service=~"payments|tasks"} | duration_ms > 1.5  # why')
        page.go_back()
        expect(self.box(page)).to_have_value(expected)
        expect(self.chips(page)).to_have_count(3)

    def test_a_level_finds_its_lines_also_where_no_stream_has_it_as_a_label(self):
        # Of its own: what other tests count has its level as a label.
        environment = Environment()
        self.addCleanup(environment.stop)
        at = time.time_ns() - 10**9
        texts = ["[error] the first", "[error] the second", '{"level": "we.ird", "message": "the third"}', "the fourth says nothing"]
        push(environment, [{"stream": {"service": "unlabelled"}, "values": [[str(at + index), text] for index, text in enumerate(texts)]}])
        page = self.open("/logs", console=environment.console)
        for level, lines in [("error", 2), ("unknown", 2)]:
            chip = page.locator(".levels").get_by_role("button", name=re.compile(level))
            expect(chip.locator("strong")).to_have_text(str(lines))
            chip.click()
            expect(self.box(page)).to_have_value(f'{ALL} | detected_level="{level}"')
            expect(self.chips(page)).to_have_text([f"level {level}"])
            expect(page.locator(".figures strong")).to_have_text(str(lines))
            expect(chip).to_have_attribute("aria-pressed", "true")
            chip.click()
            expect(self.box(page)).to_have_value(ALL)
        page.get_by_role("button", name="level", exact=True).click()
        sheet = page.get_by_role("dialog", name="level")
        sheet.get_by_role("checkbox", name="error").check()
        sheet.get_by_role("checkbox", name="unknown").check()
        sheet.get_by_role("button", name="Apply").click()
        expect(self.box(page)).to_have_value(f'{ALL} | detected_level=~"error|unknown"')
        expect(page.locator(".figures strong")).to_have_text("4")

    def test_a_level_that_all_streams_have_is_asked_for_as_their_label(self):
        page = self.open(logs(query='{service="gateway"}'))
        page.locator(".levels").get_by_role("button", name=re.compile("warning|error")).first.click()
        expect(self.box(page)).to_have_value(re.compile('^{service="gateway", level="(warning|error)"}$'))
        expect(self.rows(page).first).to_be_visible()

    def test_a_filter_and_its_part_light_each_other(self):
        page = self.open(logs(query='{service="tasks"} |= "task" | state="settled"'))
        expect(self.chips(page)).to_have_count(3)
        self.chips(page).nth(1).hover()
        expect(page.locator(".under .part.lit")).to_have_text('|= "task"')
        page.mouse.move(700, 700)
        expect(page.locator(".under .part.lit")).to_have_count(0)
        part = page.locator(".under .part").nth(2).bounding_box()
        page.mouse.move(part["x"] + 20, part["y"] + 8)
        expect(page.locator(".filter.lit")).to_have_text("state settled")

    def test_typing_updates_the_filters_once_the_text_parses(self):
        page = self.open("/logs")
        expect(self.rows(page).first).to_be_visible()
        self.box(page).fill('{service="tasks"} | status="50')
        expect(self.chips(page)).to_have_count(0)
        self.box(page).fill('{service="tasks"} | status="502"')
        expect(self.chips(page)).to_have_text(["service tasks", "status 502"])
        self.assertNotIn("query=", page.url)
        self.box(page).press("Escape")
        self.box(page).press("Enter")
        expect(page).to_have_url(re.compile("query="))

    def test_completion_offers_what_the_data_holds(self):
        page = self.open(logs(query='{service="tasks"}'))
        expect(self.rows(page).first).to_be_visible()
        self.box(page).click()
        self.box(page).press("End")
        self.box(page).type(" | guil")
        options = page.get_by_role("option")
        expect(options.first).to_contain_text("guild_id")
        self.box(page).press("Tab")
        self.box(page).type('="g-1')
        expect(options.filter(has_text=re.compile("^\"g-1\\d*\"")).first).to_be_visible()
        self.box(page).press("ArrowDown")
        self.box(page).press("Enter")
        expect(self.box(page)).to_have_value(re.compile(r'^\{service="tasks"\} \| guild_id="g-1\d*"$'))

    def test_a_refused_query_says_where_and_keeps_the_result(self):
        page = self.open(logs(query='{service="tasks"}'))
        expect(self.rows(page).first).to_be_visible()
        self.box(page).fill('{service="tasks"} |= settled | json')
        self.box(page).press("Escape")
        self.box(page).press("Enter")
        expect(page.get_by_role("alert").filter(has_text="Line 1, column")).to_contain_text(
            "Line 1, column 22: a text in quotes or backticks is expected after |=, not settled.")
        expect(page.locator(".under .wrong")).to_have_text("settled")
        expect(self.rows(page).first).to_be_visible()
        page.get_by_role("button", name='{service="tasks"} |= "settled" | json').click()
        expect(self.box(page)).to_have_value('{service="tasks"} |= "settled" | json')
        expect(page.locator(".refused")).to_be_hidden()
        expect(self.rows(page).first).to_contain_text("settled")

    def test_an_empty_result_says_why_and_counts_what_it_offers(self):
        page = self.open(logs(query='{service=~"payments|tasks"} |= "settlemints"'))
        expect(page.get_by_role("heading", name="No line matches in the last 15 minutes.")).to_be_visible()
        summary = self.lines('{service=~"payments|tasks"}')["summary"]
        expect(page.locator(".empty")).to_contain_text(
            f"{summary['stored']:,} lines are stored for this range; {summary['selected']:,} pass the stream selector, "
            "none contains “settlemints”.")
        similar = self.lines('{service=~"payments|tasks"} |= "settlements"')["summary"]["matched"]
        expect(page.locator(".offers")).to_contain_text(f"settlements occurs in {similar:,} lines")
        expect(page.locator(".offers li", has_text="Look at the last hour")).to_contain_text("also none")
        page.get_by_role("button", name="Similar text").click()
        expect(self.box(page)).to_have_value('{service=~"payments|tasks"} |= "settlements"')
        expect(page.locator(".figures strong")).to_have_text(f"{similar:,}")

    # MARK: The lines

    def test_the_list_is_as_long_as_the_result_and_holds_what_is_in_view(self):
        page = self.open(logs(columns="status"))
        expect(self.rows(page).first).to_be_visible()
        grid = page.get_by_role("treegrid", name="Log lines")
        total = int(grid.get_attribute("aria-rowcount")) - 1
        self.assertGreater(total, 1000)
        height = page.locator(".lines .virtual").evaluate("element => element.offsetHeight")
        self.assertEqual(height, total * 27)
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        last = page.locator(f'.line[aria-rowindex="{total + 1}"]')
        oldest = get(f"{self.console}/console/api/lines?order=oldest&limit=1")["lines"][0]
        expect(last).to_have_attribute("data-key", oldest["key"])
        self.assertLess(page.locator(".line").count(), 120)
        expect(page.get_by_role("columnheader", name="status")).to_be_visible()

    def test_an_opened_row_shows_fields_neighbours_and_trace_and_is_in_the_address(self):
        query = '{service="payments"} |= "request completed" | status="201"'
        page = self.open(logs(query=query))
        row = self.rows(page).nth(2)
        key = row.get_attribute("data-key")
        line = next(line for line in self.lines(query)["lines"] if line["key"] == key)
        row.locator(".said").click()
        expect(page).to_have_url(re.compile("line=" + re.escape(key)))
        trace = get(f"{self.console}/console/api/trace/{line['trace']}")
        opened = row.locator(".opened")
        expect(opened.locator('[data-field="trace_id"] dd')).to_have_text(line["trace"])
        expect(opened.locator(".mini-trace header")).to_contain_text(
            f"{len(trace['spans'])} spans · {len(trace['lines'])} lines")
        expect(opened.locator(".mini-bar:not(.pale)")).to_have_count(1)
        expect(opened.locator(".around-row.this")).to_contain_text("this line")
        around = get(f"{self.console}/console/api/around?" + urllib.parse.urlencode(
            {"time": line["time"], "key": key, "service": "payments", "before": 5, "after": 5}))["lines"]
        expect(opened.locator(".around-row .said")).to_have_text([other["message"] for other in around])
        self.picture(page, "logs-opened")
        page.reload()
        opened = page.locator(f'.line[data-key="{key}"] .opened')
        expect(opened).to_be_visible()
        opened.locator('[data-field="operation"]').hover()
        opened.get_by_role("button", name="Filter out operation").click()
        other = query + f' | operation!="{dict(line["fields"])["operation"]}"'
        expect(self.box(page)).to_have_value(other)
        expect(page.locator(".figures strong")).to_have_text(f"{self.lines(other)['summary']['matched']:,}")
        page.go_back()
        expect(page.locator(".figures strong")).to_have_text(f"{self.lines(query)['summary']['matched']:,}")
        expect(opened).to_be_visible()
        page.go_back()
        expect(opened).to_have_count(0)

    def test_a_line_far_down_is_found_by_its_address(self):
        key = get(f"{self.console}/console/api/lines?order=oldest&limit=1&offset=40")["lines"][0]["key"]
        page = self.open(logs(line=key))
        expect(page.locator(f'.line[data-key="{key}"] .opened')).to_be_visible()
        expect(page.locator(f'.line[data-key="{key}"]')).to_be_in_viewport()

    def test_the_keys(self):
        page = self.open(logs(query='{service="tasks"} |= "task settled"'))
        expect(self.rows(page).first).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(self.rows(page).nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(self.rows(page).first).to_be_focused()
        page.keyboard.press("Enter")
        expect(self.rows(page).first).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowRight")
        expect(self.rows(page).first.locator('[data-field="trace_id"]')).to_be_focused()
        self.rows(page).first.locator('[data-field="guild_id"]').focus()
        page.keyboard.press("x")
        expect(page.get_by_role("columnheader", name="guild_id")).to_be_visible()
        expect(self.rows(page).first.locator('[data-field="guild_id"]')).to_be_focused()
        guild = self.rows(page).first.locator('[data-field="guild_id"] dd').inner_text()
        page.keyboard.press("+")
        expect(self.box(page)).to_have_value(f'{{service="tasks"}} |= "task settled" | guild_id="{guild}"')
        page.keyboard.press("f")
        expect(self.chips(page).first.get_by_role("button").first).to_be_focused()
        first = self.rows(page).first
        expect(page.locator(".figures")).to_be_visible()
        first.focus()
        link = first.locator(".trace a").get_attribute("href")
        page.keyboard.press("o")
        expect(page).to_have_url(re.compile(re.escape(link.split("?")[0])))

    def test_live_follows_and_whoever_reads_holds_it_back(self):
        environment = self.environment()
        page = self.open("/logs")
        expect(self.rows(page).first).to_be_visible()
        self.rows_at(page, 260)
        page.evaluate("scrollTo(0, 0)")
        expect(self.rows(page).first).to_be_in_viewport()
        page.keyboard.press("Space")
        before = self.rows(page).first.get_attribute("data-key")
        environment.load(2, 91)
        expect(self.rows(page).first).not_to_have_attribute("data-key", before)
        self.rows(page).nth(3).locator(".said").click()
        expect(page.locator(".strip")).to_contain_text("Paused at")
        key = self.rows(page).nth(3).get_attribute("data-key")
        kept = self.rows(page).first.get_attribute("data-key")
        environment.load(2, 92)
        expect(page.locator(".strip")).to_contain_text(re.compile(r"\d+ newer lines wait\."))
        self.assertEqual(self.rows(page).first.get_attribute("data-key"), kept)
        page.keyboard.press("Space")
        expect(page.locator(".strip")).to_be_hidden()
        expect(self.rows(page).first).not_to_have_attribute("data-key", kept)
        expect(page.locator(f'.line[data-key="{key}"] .opened')).to_be_attached()
        page.keyboard.press("Space")
        # What was fetched before lies where it belongs now: after what has come.
        keys = wait_for(lambda: self.rows_at(page, 200), "rows far down")
        stored = [line["key"] for line in get(f"{self.console}/console/api/lines?limit=5000")["lines"]]
        start = stored.index(keys[0])
        self.assertEqual(keys, stored[start:start + len(keys)])

    # MARK: Numbers

    def test_live_leaves_an_empty_result_as_it_is_while_nothing_arrives(self):
        page = self.open(logs(query='{service="gateway"} |= "nowhere"'))
        all_lines = page.get_by_role("button", name="All lines")
        expect(all_lines).to_be_visible()
        all_lines.focus()
        page.get_by_role("button", name="Live").evaluate("button => button.click()")
        for _ in range(2):
            with page.expect_response(re.compile("/console/api/lines.*nowhere")):
                pass
        expect(all_lines).to_be_focused()

    def test_numbers_are_drawn_and_lead_to_their_lines(self):
        query = 'sum by (service) (count_over_time({service=~".+"} |= "request completed" [10s]))'
        page = self.open(logs(query=query, chart="lines"))
        expect(page.locator(".metric .figures")).to_contain_text("4 series")
        styles = page.locator(".series-chart path.series").evaluate_all(
            "paths => paths.map(path => [getComputedStyle(path).strokeDasharray, getComputedStyle(path).stroke])")
        self.assertEqual(len({dash for dash, _ in styles}), 4, "the series have to differ by their dash")
        self.assertEqual(len({colour for _, colour in styles}), 4)
        chart = page.locator(".series-chart svg").first.bounding_box()
        page.mouse.move(chart["x"] + chart["width"] * 0.7, chart["y"] + 60)
        expect(page.locator(".readings .row")).to_have_count(4)
        page.mouse.click(chart["x"] + chart["width"] * 0.7, chart["y"] + 60)
        expect(self.box(page)).to_have_value('{service=~".+"} |= "request completed"')
        self.assertIn("from=", page.url)
        page.go_back()
        expect(page.locator(".series-table")).to_be_visible()
        page.locator(".series-chart svg").first.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".readings")).to_be_visible()
        page.keyboard.press("Enter")
        expect(self.box(page)).to_have_value('{service=~".+"} |= "request completed"')
        page.go_back()
        expect(page.locator(".series-table")).to_be_visible()
        page.get_by_role("button", name="Bars").click()
        expect(page.locator(".series-chart rect.series").first).to_be_visible()

    def test_dragging_in_the_histogram_narrows_the_range(self):
        page = self.open("/logs")
        expect(self.rows(page).first).to_be_visible()
        chart = page.locator(".chart svg").first.bounding_box()
        page.mouse.move(chart["x"] + chart["width"] - 200, chart["y"] + 40)
        page.mouse.down()
        page.mouse.move(chart["x"] + chart["width"] - 20, chart["y"] + 40, steps=4)
        expect(page.locator(".chart .tip").first).to_contain_text("lines")
        page.mouse.up()
        expect(page).to_have_url(re.compile(r"from=\d{13}&to=\d{13}"))

    # MARK: Everywhere

    def test_text_from_telemetry_stays_text(self):
        hostile = "<img src=x onerror=alert(1)> \u202e\u200btxt.exe \x1b[31m"
        push(self.environment(), [{"stream": {"service": "<b>evil</b>", "level": "info"},
                                    "values": [[str(time.time_ns()), hostile, {"<i>": "x", "guild_id": "<u>g</u>"}]]}])
        query = '{service="<b>evil</b>"}'
        wait_for(lambda: self.lines(query)["summary"]["matched"], "the line to be stored")
        page = self.open(logs(query=query, columns="guild_id"))
        row = self.rows(page).first
        expect(row).to_contain_text("<img src=x onerror=alert(1)> U+202EU+200Btxt.exe U+001B[31m")
        expect(row.locator(".of")).to_have_text("<b>evil</b>")
        row.locator(".said").click()
        expect(row.locator(".opened")).to_contain_text("<u>g</u>")
        self.assertEqual(page.locator("main :is(img, b, u, i)").count(), 0)

    def test_the_page_fits_a_phone_and_a_pane_that_scrolls(self):
        page = self.open(logs(query='{service=~"payments|tasks"}'), size=(390, 844))
        expect(self.rows(page).first).to_be_visible()
        self.rows(page).first.locator(".said").click()
        expect(self.rows(page).first.locator(".around-row.this")).to_be_visible()
        self.assertNoSidewaysScrolling(page)
        page.evaluate("""async () => {
            const { mountLogs } = await import("/console/logs/logs.js");
            const pane = document.createElement("div");
            pane.id = "pane";
            Object.assign(pane.style, { position: "fixed", left: 0, top: 0, width: "850px", height: "500px",
                overflow: "auto", background: "black", zIndex: 50 });
            document.body.append(pane);
            const nothing = () => {};
            const box = { use: nothing, set: nothing, light: nothing, refuse: nothing };
            window.mounted = mountLogs(pane, { box },
                { scroller: pane, isCompact: true, traceAddress: (trace, span) => `/inside?trace=${trace}` });
        }""")
        rows = page.locator("#pane .line[data-key]")
        expect(rows.first).to_be_visible()
        expect(rows.first.locator(".trace a")).to_have_attribute("href", re.compile("^/inside"))
        total = int(page.locator("#pane .lines").get_attribute("aria-rowcount"))
        page.locator("#pane").evaluate("pane => pane.scrollTo(0, pane.scrollHeight)")
        expect(page.locator(f'#pane .line[data-key][aria-rowindex="{total}"]')).to_be_visible()
        self.assertLess(rows.count(), 100)
        beyond = page.locator("#pane").evaluate("pane => pane.scrollWidth - pane.clientWidth")
        self.assertLessEqual(beyond, 0)

    def test_a_slow_search_can_be_stopped(self):
        page = self.open("/logs")
        expect(self.rows(page).first).to_be_visible()
        held = []
        answers = []
        page.route("**/console/api/lines?*", lambda route: route.continue_() if answers else held.append(route))
        self.box(page).fill('{service="tasks"}')
        self.box(page).press("Escape")
        self.box(page).press("Enter")
        expect(page.locator(".searching")).to_contain_text(re.compile(r"Searching 15 min · [\d,]+ lines · \d\.\d s"))
        expect(self.rows(page).first).to_be_hidden()
        page.get_by_role("button", name="Stop").click()
        expect(self.rows(page).first).to_be_visible()
        answers.append(True)
        page.get_by_role("button", name="Search again").click()
        expect(self.chips(page)).to_have_text("service tasks")
        matched = self.lines('{service="tasks"}')["summary"]["matched"]
        expect(page.locator(".figures strong")).to_have_text(f"{matched:,}")
        for route in held:
            route.abort()


if __name__ == "__main__":
    unittest.main()
