"""The list of traces, and the comparison of two of them."""
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

from stage import ConsoleTestCase, expect, get, wait_for

BOX = "Trace id, task id, LogQL or TraceQL"


def asked(page):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))


def traces(console, query="{}", **parameters):
    return get(f"{console}/console/api/traces?" + urllib.parse.urlencode({"query": query, **parameters}))


class TracesTestCase(ConsoleTestCase):
    def traces(self, query=None, path="/traces", **options):
        page = self.open(path + ("?" + urllib.parse.urlencode({"query": query}) if query else ""), **options)
        expect(page.locator(".trace:not(.grey)").first).to_be_visible()
        return page

    def box(self, page):
        return page.get_by_role("combobox", name=BOX)


class TracesTests(TracesTestCase):
    def test_the_count_says_how_many_of_how_many(self):
        page = self.traces('{ span.http.response.status_code = 404 }')
        answer = traces(self.environment().console, '{ span.http.response.status_code = 404 }')
        self.assertLess(answer["matched"], answer["stored"])
        expect(page.locator(".tally")).to_have_text(f"{answer['matched']} of {answer['stored']:,} traces")
        expect(page.locator(".table")).to_have_attribute("aria-rowcount", str(answer["matched"] + 1))

    def test_a_filter_writes_its_own_part_and_nothing_else(self):
        query = '{  kind=server   && !(name = "x") } >> { kind = client }'
        page = self.traces(query)
        page.get_by_role("button", name="service", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="gateway").click()
        expect(self.box(page)).to_have_value('{  kind=server   && !(name = "x") && resource.service.name = "gateway" } >> { kind = client }')
        expect(page).to_have_url(re.compile("gateway"))
        self.assertEqual(asked(page)["query"], '{  kind=server   && !(name = "x") && resource.service.name = "gateway" } >> { kind = client }')
        page.get_by_role("button", name="Take away the filter kind server").click()
        expect(self.box(page)).to_have_value('{  !(name = "x") && resource.service.name = "gateway" } >> { kind = client }')
        page.go_back()
        expect(self.box(page)).to_have_value(re.compile("kind=server .*gateway"))
        page.go_back()
        expect(self.box(page)).to_have_value(query)

    def test_going_back_overtakes_an_answer_that_is_under_way(self):
        page = self.traces()
        held = []
        page.route(re.compile(r"/console/api/traces.*client"), lambda route: held.append(route))
        box = self.box(page)
        box.fill("{ kind = client }")
        box.press("Enter")
        expect(page).to_have_url(re.compile("client"))
        page.locator("h1").focus()
        page.go_back()
        expect(box).to_have_value("{ }")
        expect(page.locator(".trace").first).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        for route in held:
            route.abort()

    def test_pointing_at_a_filter_lights_its_part_and_typing_changes_the_filters(self):
        page = self.traces('{ resource.service.name = "gateway" && kind = server }')
        page.locator(".filter.set", has_text="kind").hover()
        expect(page.locator(".under .part.lit")).to_have_text("kind = server")
        box = self.box(page)
        box.fill('{ status = error }')
        expect(page.locator(".filter.set")).to_have_text(["status error"])
        box.press("Enter")
        expect(page).to_have_url(re.compile("status"))

    def test_space_before_a_query_does_not_move_its_parts(self):
        page = self.traces()
        box = self.box(page)
        for press_enter in [False, True]:
            box.fill("   { kind = server && status = error }")
            if press_enter:
                box.press("Enter")
                page.wait_for_function("new URLSearchParams(location.search).get('query') === '{ kind = server && status = error }'")
            page.get_by_role("button", name="Take away the filter kind server").click()
            expect(box).to_have_value("{ status = error }")

    def test_slower_than_takes_only_a_duration(self):
        page = self.traces()
        page.get_by_role("button", name="slower than").click()
        field = page.get_by_role("textbox", name="Slower than")
        field.fill("60x")
        field.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="“60x” is no duration")).to_be_visible()
        field.fill("1 ms")
        field.press("Enter")
        expect(self.box(page)).to_have_value("{ traceDuration > 1ms }")

    def test_a_sheet_goes_with_its_page(self):
        page = self.open("/")
        page.get_by_role("link", name="Traces", exact=True).first.click()
        expect(page.locator(".trace:not(.grey)").first).to_be_visible()
        page.get_by_role("button", name="service", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.go_back()
        expect(page.locator(".service-row").first).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_on_this_page_single_braces_are_traceql(self):
        page = self.traces()
        box = self.box(page)
        for query in ['{ name != "x" }', '{ name =~ "G.*" }', '{ name = "GET /v1/tasks/{id}" }']:
            box.fill(query)
            expect(page.locator(".box .language")).to_have_text("TraceQL")
            box.press("Enter")
            page.wait_for_function("query => new URLSearchParams(location.search).get('query') === query", arg=query)
            self.assertEqual(urllib.parse.urlsplit(page.url).path, "/traces")
        # What was asked before is the same language when it is asked again.
        page.get_by_role("button", name="History").click()
        page.get_by_role("menu").get_by_role("menuitem", name='{ name != "x" }').click()
        page.wait_for_function("query => new URLSearchParams(location.search).get('query') === query", arg='{ name != "x" }')
        self.assertEqual(urllib.parse.urlsplit(page.url).path, "/traces")

    def test_a_refused_query_says_where_and_keeps_the_result(self):
        page = self.traces()
        box = self.box(page)
        box.fill("{ status = errr }")
        box.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="Line 1, column")).to_be_visible()
        expect(page.locator(".trace").first).to_be_visible()

    def test_completion_offers_fields_and_the_values_that_were_seen(self):
        page = self.traces()
        box = self.box(page)
        box.fill("")
        box.press_sequentially("{ resource.service.na")
        expect(page.get_by_role("option", name="resource.service.name", exact=False).first).to_be_visible()
        box.press("ArrowDown")
        box.press("Enter")
        box.press_sequentially('= ')
        expect(page.get_by_role("option", name="payments")).to_be_visible()
        box.press_sequentially("pay")
        expect(page.get_by_role("option")).to_have_count(1)
        box.press("Tab")
        expect(box).to_have_value('{ resource.service.name = "payments" ')

    def test_each_trace_is_a_dot_and_failed_ones_are_diamonds(self):
        page = self.traces()
        dots = page.locator(".dots .answered").get_attribute("d").count("M")
        diamonds = page.locator(".dots .failed").get_attribute("d").count("z")
        answer = traces(self.environment().console)
        self.assertEqual(dots + diamonds, answer["matched"])
        expect(page.locator(".legend", has_text="with errors")).to_contain_text(str(diamonds))
        self.assertGreater(diamonds, 0)
        page.locator(".legend", has_text="with errors").click()
        expect(page.locator(".dots .failed")).to_have_attribute("d", "")

    def test_a_dot_tells_what_it_is_and_opens_its_trace(self):
        page = self.traces()
        place = wait_for(lambda: page.locator(".dots svg").first.bounding_box(), "the dots")
        x, y = map(float, re.search(r"M([\d.]+) ([\d.]+)", page.locator(".dots .failed").get_attribute("d")).groups())
        page.mouse.move(place["x"] + x, place["y"] + y)
        expect(page.locator(".dots .tip:visible")).to_contain_text("with errors")
        short = page.locator(".dots .tip:visible code").inner_text()
        page.mouse.down()
        page.mouse.up()
        expect(page).to_have_url(re.compile(f"/trace/{short}[0-9a-f]{{24}}"))

    def test_a_flat_drag_narrows_time_and_a_box_duration_as_well(self):
        def drag(height):
            page = self.traces()
            # It is drawn again when its place gets its width.
            place = wait_for(lambda: page.locator(".dots .can-brush").bounding_box(), "the place to drag in")
            page.mouse.move(place["x"] + 100, place["y"] + 20)
            page.mouse.down()
            page.mouse.move(place["x"] + place["width"] - 2, place["y"] + 20 + height, steps=3)
            expect(page.locator(".dots .tip:visible")).to_contain_text("trace")
            page.mouse.up()
            expect(page).to_have_url(re.compile(r"from=\d+"))
            return page

        page = drag(4)
        self.assertNotIn("query", asked(page))
        page.keyboard.press("r")
        expect(page).not_to_have_url(re.compile("from="))
        page = drag(80)
        expect(self.box(page)).to_have_value(re.compile(r"^\{ traceDuration >= [\d.]+(us|ms|s) && traceDuration <= [\d.]+(us|ms|s) \}$"))
        expect(page.locator(".filter.set")).to_have_text([re.compile("slower than"), re.compile("faster than")])

    def test_the_order_is_in_the_address_and_rows_come_page_by_page(self):
        page = self.traces()
        page.get_by_role("button", name="Duration").click()
        expect(page).to_have_url(re.compile("order=slowest"))
        slowest = traces(self.environment().console, order="slowest", limit=200)["traces"]
        expect(page.locator(".trace").first).to_have_attribute("data-id", slowest[0]["id"])
        # Rows beyond the first page are fetched once they come into view.
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        last = traces(self.environment().console, order="slowest", offset=traces(self.environment().console)["matched"] - 1)["traces"][0]
        expect(page.locator(f".trace[data-id='{last['id']}']")).to_be_visible()
        self.assertLess(page.locator(".trace").count(), 80)

    def test_coming_back_finds_the_place_as_it_was(self):
        page = self.traces()
        page.evaluate("scrollTo(0, 4000)")
        row = page.locator(".trace:not(.grey)").nth(30)
        expect(row).to_be_in_viewport()
        identity, place = row.get_attribute("data-id"), row.bounding_box()["y"]
        row.locator("a").click()
        expect(page).to_have_url(re.compile(identity))
        # The place is there at once, however long an answer takes.
        held = []
        page.route(re.compile("/console/api/traces"), lambda route: held.append(route))
        page.go_back()
        same = page.locator(f".trace[data-id='{identity}']")
        expect(same).to_be_in_viewport()
        self.assertAlmostEqual(same.bounding_box()["y"], place, delta=2)
        for route in held:
            route.abort()

    def test_keys_tick_two_traces_and_compare_them(self):
        page = self.traces()
        page.keyboard.press("j")
        expect(page.locator(".trace").nth(0)).to_be_focused()
        page.keyboard.press("m")
        page.keyboard.press("j")
        page.keyboard.press("m")
        expect(page.locator(".ticked-bar")).to_contain_text("2 ticked")
        ids = [page.locator(".trace").nth(index).get_attribute("data-id") for index in (0, 1)]
        self.assertEqual(asked(page)["ticked"].split(","), ids)
        page.keyboard.press("c")
        expect(page).to_have_url(re.compile("/compare"))
        self.assertEqual([asked(page)["a"], asked(page)["b"]], ids)
        page.go_back()
        expect(page.locator(".trace.ticked")).to_have_count(2)
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/trace/{ids[0]}"))

    def test_nothing_found_says_what_is_stored_and_what_would_find_some(self):
        page = self.open("/traces?" + urllib.parse.urlencode({"query": "{ kind = server && traceDuration > 900s }"}))
        expect(page.get_by_role("heading", name="No trace matches in the last 15 minutes.")).to_be_visible()
        stored = traces(self.environment().console)["stored"]
        expect(page.locator(".empty")).to_contain_text(f"{stored:,} traces are stored for this range; the slowest took")
        page.get_by_role("button", name="Without traceDuration > 900s").click()
        expect(self.box(page)).to_have_value("{ kind = server }")
        expect(page.locator(".trace").first).to_be_visible()

    def test_a_query_that_returns_numbers_is_drawn_as_series(self):
        page = self.open("/traces?" + urllib.parse.urlencode({"query": "{ kind = server } | rate() by (resource.service.name)"}))
        rows = page.locator(".series-table tbody tr")
        expect(rows.filter(has_text="gateway")).to_be_visible()
        expect(page.locator(".series-chart path.series")).to_have_count(rows.count())
        page.get_by_role("button", name="Take away the filter kind server").click()
        expect(self.box(page)).to_have_value("{ } | rate() by (resource.service.name)")

    def test_names_from_telemetry_stay_text(self):
        environment = self.environment()
        trace = send_trace(environment, "c0ffee00" + "ab" * 12, "<img src=x onerror=alert(1)>", "drop\u202e table\u001b[31m")
        page = self.traces(f'{{ trace:id = "{trace}" }}')
        row = page.locator(f".trace[data-id='{trace}']")
        expect(row.locator(".service")).to_have_text("<img src=x onerror=alert(1)>")
        expect(row.locator(".entry")).to_contain_text("dropU+202E tableU+001B[31m")
        expect(page.locator("main img:not([role])")).to_have_count(0)

    def test_an_attribute_of_any_name_can_be_asked_for(self):
        environment = self.environment()
        name = 'odd" = 1 || "x {} \\ \b\n'
        trace = send_trace(environment, "c0ffee01" + "ab" * 12, "odd", "an odd attribute", {name: 'va"l \b'})
        query = '{ span."odd\\" = 1 || \\"x {} \\\\ \\u0008\\n" = "va\\"l \\u0008" }'
        # The way of a span's attribute to the traces that are alike.
        page = self.open(f"/trace/{trace}?span={'ab' * 8}")
        page.get_by_role("link", name='va"l U+0008').click()
        expect(page).to_have_url(re.compile("/traces"))
        self.assertEqual(asked(page)["query"], query)
        expect(page.locator(".trace:not(.grey)")).to_have_count(1)
        expect(page.locator(".trace")).to_have_attribute("data-id", trace)
        # And the way of the filters, which are offered what was seen.
        page = self.traces()
        page.get_by_role("button", name="other attribute").click()
        page.get_by_role("searchbox", name="Look for an attribute").fill("odd")
        page.get_by_role("dialog").get_by_role("button").click()
        page.get_by_role("dialog").get_by_role("button", name='va"l U+0008').click()
        expect(page).to_have_url(re.compile("odd"))
        self.assertTrue(asked(page)["query"].startswith(query.split(" = \"va")[0]), asked(page)["query"])
        expect(page.locator(".trace:not(.grey)")).to_have_count(1)
        expect(page.locator(".trace")).to_have_attribute("data-id", trace)

    def test_live_counts_what_arrives_while_one_reads_further_down(self):
        page = self.traces()
        page.keyboard.press(" ")
        expect(page.get_by_role("button", name="Live")).to_have_attribute("aria-pressed", "true")
        page.evaluate("scrollTo(0, 2000)")
        self.environment().load(15, 21)
        paused = page.get_by_role("button", name=re.compile("Paused · [1-9]"))
        expect(paused).to_be_visible()
        newest = traces(self.environment().console)["traces"][0]["id"]
        expect(page.locator(f".trace[data-id='{newest}']")).to_have_count(0)
        page.keyboard.press(" ")
        expect(page.locator(f".trace[data-id='{newest}']")).to_be_visible()

    def test_a_phone_scrolls_in_one_direction(self):
        page = self.traces(size=(390, 844))
        self.assertNoSidewaysScrolling(page)
        expect(page.locator(".trace .took").first).to_be_in_viewport()
        self.picture(page, "traces-phone")


def act(url):
    """The answer to a POST without a body of its own."""
    request = urllib.request.Request(url, b"{}", {"content-type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def send_trace(environment, trace, service, name, attributes=None):
    """Stores a trace of one span."""
    now = time.time_ns()
    span = {"traceId": trace, "spanId": "ab" * 8, "name": name, "kind": 2, "startTimeUnixNano": str(now - 10**9), "endTimeUnixNano": str(now - 10**9 + 5_000_000),
            "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in (attributes or {}).items()]}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    request = urllib.request.Request(environment.urls["otlp"] + "/v1/traces", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()
    wait_for(lambda: traces(environment.console, f'{{ trace:id = "{trace}" }}')["matched"], "the trace to be stored")
    return trace


class CompareTests(TracesTestCase):
    def pair(self):
        """A trace that failed within, and one that did not, of the same operation."""
        console = self.environment().console
        # Other tests send requests in other ways.
        of_load = '{ rootServiceName = "load" && span.http.response.status_code = %d }'
        healthy = traces(console, of_load % 201, limit=1)["traces"][0]
        failed = traces(console, of_load % 404, limit=1)["traces"][0]
        return healthy["id"], failed["id"]

    def compare(self, a, b, **options):
        page = self.open(f"/compare?a={a}&b={b}", **options)
        expect(page.locator(".pair-list .pair").first).to_be_visible()
        return page

    def test_spans_are_paired_and_differences_stand_first(self):
        a, b = self.pair()
        page = self.compare(a, b)
        first = page.locator(".differences > li").first
        expect(first.locator(".badge")).to_have_text("status")
        expect(first).to_contain_text("404 in B")
        expect(page.locator(".differences")).to_contain_text("only in A")
        # Each span of both stands in one row: as a pair, or alone.
        console = self.environment().console
        spans = sum(len(get(f"{console}/console/api/trace/{trace}")["spans"]) for trace in (a, b))
        bars = page.locator(".pair .lane .waits")
        expect(bars).to_have_count(spans)
        self.picture(page, "compare")

    def test_a_trace_and_its_replay_are_paired_although_others_asked(self):
        environment = self.environment()
        failed = self.pair()[1]
        replay = act(environment.console + f"/console/control/replay/{failed}")["trace"]
        bare = "ba5e" * 8
        request = urllib.request.Request(
            environment.urls["gateway"] + "/v1/tasks", b"{}",
            {"content-type": "application/json", "traceparent": f"00-{bare}-{'ba5e' * 4}-01"})
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10)
        for other in (replay, bare):
            wait_for(lambda other=other: self.has_gateway(other), "the trace")
            page = self.compare(failed, other)
            gateway = page.locator(".pair").filter(has_text="gateway").first
            expect(gateway).not_to_contain_text("only in")
            page.context.close()

    def has_gateway(self, trace):
        try:
            found = get(self.environment().console + f"/console/api/trace/{trace}")
        except urllib.error.HTTPError:
            return False
        return any(span["service"] == "gateway" and span["kind"] == "server" for span in found["spans"])

    def test_a_trace_beside_itself_does_not_differ(self):
        a, _ = self.pair()
        page = self.compare(a, a)
        expect(page.locator(".alike")).to_be_visible()
        expect(page.locator(".badge")).to_have_count(0)

    def test_keys_go_from_difference_to_difference_and_show_what_differs(self):
        page = self.compare(*self.pair())
        page.keyboard.press("e")
        row = page.locator(".pair:focus")
        expect(row.locator(".badge")).to_be_visible()
        page.keyboard.press("Enter")
        expect(row).to_have_attribute("aria-expanded", "true")
        expect(row.locator(".detail")).to_contain_text("http.response.status_code")
        expect(row.locator(".detail a").first).to_have_attribute("href", re.compile(r"/trace/[0-9a-f]{32}\?.*span=[0-9a-f]{16}"))

    def test_a_difference_that_is_pressed_opens_its_row(self):
        page = self.compare(*self.pair())
        page.locator(".differences button.link").first.click()
        expect(page.locator(".pair[aria-expanded=true]")).to_be_in_viewport()

    def test_swapping_exchanges_both_and_differences_can_stand_alone(self):
        a, b = self.pair()
        page = self.compare(a, b)
        rows = page.locator(".pair-list .pair").count()
        page.get_by_role("button", name="Swap").click()
        self.assertEqual([asked(page)["a"], asked(page)["b"]], [b, a])
        expect(page.locator(".differences > li").first).to_contain_text("404 in A")
        page.get_by_role("button", name="Differences only").click()
        expect(page.locator(".cut-note")).to_contain_text("without a difference")
        self.assertLess(page.locator(".pair-list .pair").count(), rows)

    def test_one_trace_alone_is_offered_others_of_its_operation(self):
        _, b = self.pair()
        page = self.open(f"/compare?a={b}")
        expect(page.locator(".proposals li")).not_to_have_count(0)
        expect(page.locator(".proposals")).to_contain_text("The nearest in time that went well")
        page.locator(".proposals a", has_text="The fastest without errors").click()
        expect(page.locator(".pair-list .pair").first).to_be_visible()
        self.assertEqual(asked(page)["a"], b)
        self.assertNotEqual(asked(page)["b"], b)

    def test_a_trace_that_is_not_there_is_named(self):
        a, _ = self.pair()
        page = self.open(f"/compare?a={a}&b=0f82dead")
        expect(page.get_by_role("heading", name="No trace begins with 0f82dead.")).to_be_visible()
        page.get_by_role("link", name="Choose another one").click()
        expect(page.locator(".proposals li").first).to_be_visible()

    def test_a_phone_scrolls_in_one_direction(self):
        page = self.compare(*self.pair(), size=(390, 844))
        self.assertNoSidewaysScrolling(page)


if __name__ == "__main__":
    import unittest

    unittest.main()
