"""The page of faults: the form and the text of a rule, its preview, and what is set."""
import json
import re
import unittest
import urllib.request
from urllib.parse import parse_qs, quote, urlsplit

from playwright.sync_api import expect

from stage import ConsoleTestCase, Environment, get, wait_for

SETTLE = "payments.settle:latency=1ms,rate=50%"


class FaultTests(ConsoleTestCase):
    def tearDown(self):
        if self._environment:
            self._environment.run("fault", "clear")
        super().tearDown()

    def faults(self, rule=None, **options):
        return self.open("/faults" + (f"?rule={quote(rule)}" if rule else ""), **options)

    def text(self, page):
        return page.get_by_label("The rule as text")

    def field(self, page, name):
        return page.locator(f'[data-field="{name}"]')

    def button(self, page):
        return page.locator(".making button.primary")

    def check(self, rule):
        request = urllib.request.Request(self.environment().console + "/console/control/faults/check", method="POST",
                                         data=json.dumps({"rule": rule}).encode(), headers={"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def test_the_form_writes_the_rule(self):
        page = self.faults()
        page.get_by_label("Find a kind").fill("waits handled")
        expect(page.locator(".kind")).to_have_count(1)
        page.keyboard.press("Enter")
        page.get_by_label("service", exact=True).select_option("payments")
        page.get_by_label("operation").select_option("settle")
        self.field(page, "argument").get_by_label("distribution").select_option(label="lognormal")
        self.field(page, "rate").get_by_label("rate", exact=True).fill("40%")
        self.field(page, "match 0").get_by_label("value").fill("g 7")
        page.get_by_label("for", exact=True).fill("60s")
        rule = 'payments.settle:latency=lognormal(p50=100ms,p99=2s),rate=40%,match=guild_id:"g 7",for=60s'
        expect(self.text(page)).to_have_value(rule)
        self.assertEqual(parse_qs(urlsplit(page.url).query)["rule"], [rule])
        expect(self.button(page)).to_be_enabled()
        # A second condition is a row of its own; taking the first away keeps it.
        page.get_by_role("button", name="and another condition").click()
        self.field(page, "match 1").get_by_label("what is compared").select_option("workload")
        self.field(page, "match 1").get_by_label("value").fill("sort")
        expect(self.text(page)).to_have_value(rule.replace(",for", ",match=workload:sort,for"))
        self.field(page, "match 0").get_by_role("button").click()
        expect(self.text(page)).to_have_value(rule.replace('guild_id:"g 7"', "workload:sort"))

    def test_the_form_follows_the_text(self):
        page = self.faults()
        self.text(page).fill('tasks.create-task:error=429:"not now, \\"please\\"",rate=0.25,match=baggage.room:b*,from=5s,id=mine,seed=9')
        expect(page.get_by_label("service", exact=True)).to_have_value("tasks")
        expect(page.get_by_label("operation")).to_have_value("create-task")
        expect(page.get_by_label("status and message")).to_have_value("429")
        expect(page.get_by_label("message", exact=True)).to_have_value('not now, "please"')
        expect(page.get_by_label("rate, in per cent")).to_have_value("25")
        expect(page.get_by_label("name in the baggage")).to_have_value("room")
        expect(page.get_by_label("value")).to_have_value("b*")
        expect(page.get_by_label("from", exact=True)).to_have_value("5s")
        expect(page.get_by_label("id", exact=True)).to_have_value("mine")
        expect(page.get_by_label("seed", exact=True)).to_have_value("9")
        expect(page.locator(".kind[aria-selected=true]")).to_contain_text("error")
        # What happens to a whole service has neither an operation nor a rate.
        page.get_by_role("option", name=re.compile("^unready")).click()
        expect(self.text(page)).to_have_value("tasks:unready,from=5s,seed=9")
        expect(page.get_by_label("operation")).to_have_count(0)
        expect(self.field(page, "rate")).to_have_count(0)

    def test_a_field_that_does_not_parse_says_so_and_cannot_be_set(self):
        page = self.faults("payments.settle:error=503,rate=40%,for=60x")
        problem = self.field(page, "for").get_by_role("alert")
        expect(problem).to_have_text("“60x” is no duration. Write 30s, 5m or 1h.")
        expect(page.get_by_label("for", exact=True)).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".rule-under .wrong")).to_have_text("for=60x")
        expect(self.button(page)).to_be_disabled()
        page.get_by_label("for", exact=True).fill("60s")
        expect(problem).to_be_hidden()
        expect(self.button(page)).to_be_enabled()

    def test_what_only_the_server_can_tell_stands_at_the_field_too(self):
        page = self.faults("payments.settle:latency=2m")
        expect(self.field(page, "argument").get_by_role("alert")).to_contain_text("expected at most 1m")
        expect(self.button(page)).to_be_disabled()
        # A mistake that no field has is said below the text.
        self.text(page).fill("payments.settle:latnecy=2s")
        expect(page.locator("#rule-problem")).to_contain_text("did you mean 'latency'?")
        expect(page.locator(".rule-under .wrong")).to_have_text("latnecy")

    def test_the_preview_shows_exactly_which_requests_would_have_been_hit(self):
        page = self.faults(SETTLE)
        preview = self.check(SETTLE)["preview"]
        hits = [request["trace"] for request in preview if request["hit"]]
        self.assertGreater(len(hits), 20)
        expect(page.locator(".preview")).to_contain_text(f"the last 120 requests it concerns: {len(hits)} of 120 would have been hit")
        marks = page.locator(".preview .mark")
        expect(marks).to_have_count(120)
        shown = page.eval_on_selector_all(".preview .mark.hit", "marks => marks.map(mark => mark.dataset.trace)")
        self.assertEqual(shown, hits[::-1])
        # One mark is in the order of tabs; arrows reach the others, Enter opens the trace.
        marks.last.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(marks.nth(117)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/trace/{preview[2]['trace']}$"))

    def test_a_rule_is_set_takes_effect_is_replaced_cleared_and_set_again(self):
        environment = self.environment()
        page = self.faults(SETTLE)
        expect(page.get_by_text("No fault is set. Choose a kind, or play an incident.")).to_be_visible()
        expect(self.button(page)).to_be_enabled()
        self.text(page).press("Control+Enter")
        item = page.get_by_role("article", name="payments-settle-latency")
        expect(item).to_contain_text("in force")
        expect(page.locator(".making")).to_contain_text("This rule is set.")
        environment.load(60, 22, "--mix", "sync=1")
        injected = get(environment.console + "/console/control/faults")["rules"][0]["injected"]
        self.assertGreater(injected, 10)
        expect(item).to_contain_text(f"{injected} times since it was set")
        expect(item).to_contain_text(re.compile(r"[\d.]+ % of \d+ requests"))
        # Its links lead to what it marked.
        for name, path, key in [("its traces", "traces", "matched"), ("its lines", "lines", "lines")]:
            query = parse_qs(urlsplit(item.get_by_role("link", name=name).get_attribute("href")).query)["query"][0]

            def are_found():
                found = get(f"{environment.console}/console/api/{path}?query={quote(query)}")[key]
                return (found if isinstance(found, int) else len(found)) >= injected

            wait_for(are_found, f"as many {path} as were hit: {query}", 20)
        # The same id: the new rule takes the place of the old one.
        item.get_by_role("button", name="Edit").click()
        page.get_by_label("rate", exact=True).fill("10%")
        expect(self.button(page)).to_contain_text("Replace the rule")
        self.button(page).click()
        expect(item).to_contain_text("payments.settle:latency=1ms,rate=10%")
        expect(page.locator(".set-rule")).to_have_count(1)
        item.get_by_role("button", name="Clear").click()
        expect(page.get_by_text("No fault is set.")).to_be_visible()
        self.assertEqual(get(environment.console + "/console/control/faults")["rules"], [])
        page.get_by_role("button", name="Set again").click()
        expect(item).to_contain_text("rate=10%")
        page.get_by_role("button", name="Clear all").click()
        expect(page.get_by_text("No fault is set.")).to_be_visible()

    def test_a_refused_replacement_brings_the_old_rule_back(self):
        self.environment().run("fault", "add", SETTLE)
        page = self.faults("payments.settle:latency=3ms")
        page.route("**/console/control/faults", lambda route: route.fulfill(status=502, json={"detail": "payments does not answer"})
                   if route.request.method == "POST" and "3ms" in route.request.post_data else route.continue_())
        expect(self.button(page)).to_contain_text("Replace the rule")
        # The browser is told of a gateway's error on purpose.
        self.button(page).click()
        expect(page.locator(".making .notice")).to_contain_text("payments does not answer")
        expect(page.get_by_role("article")).to_contain_text(SETTLE)
        self.assertEqual([rule["rule"] for rule in get(self.environment().console + "/console/control/faults")["rules"]], [SETTLE])
        self.troubles = [trouble for trouble in self.troubles if "502" not in trouble]

    def test_a_played_incident_hides_the_page_until_it_is_stopped(self):
        # An environment of its own: in the other one everything would fall silent.
        environment = Environment()
        self.addCleanup(environment.stop)

        def control(method, path):
            request = urllib.request.Request(environment.console + "/console/control/incidents/" + path, method=method,
                                             data=b"{}", headers={"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)

        page = self.open("/faults?rule=" + quote(SETTLE), size=(390, 844), console=environment.console)
        expect(page.locator(".making")).to_be_visible()
        incident = next(each for each in get(environment.console + "/console/control/incidents")["incidents"] if each["playable"])
        control("POST", incident["name"] + "/play")
        expect(page.get_by_role("heading", name=f"The faults of “{incident['title']}” are hidden")).to_be_visible()
        expect(page.locator(".fault-tools")).to_be_hidden()
        expect(page.locator(".state")).to_contain_text(incident["title"])
        self.assertNoSidewaysScrolling(page)
        page.get_by_role("link", name="To the incident").click()
        expect(page).to_have_url(re.compile("/incidents/" + re.escape(incident["name"])))
        page.go_back()
        control("DELETE", "playing")
        expect(page.locator(".making")).to_be_visible()

    def test_nothing_is_shown_while_one_who_knows_says_that_faults_are_hidden(self):
        page = self.faults(SETTLE)
        expect(page.locator(".making")).to_be_visible()
        page.locator("main").press("f")
        expect(page.get_by_label("Find a kind")).to_be_focused()
        state = {"rules": [], "hidden": True, "incident": {"name": "heron", "title": "<b>The heron</b>"}, "seed": "0", "silent": []}
        page.route("**/console/control/faults", lambda route: route.fulfill(json=state))
        expect(page.get_by_role("heading", name="The faults of “<b>The heron</b>” are hidden")).to_be_visible()
        expect(page.locator(".fault-tools")).to_be_hidden()
        expect(page.get_by_role("link", name="To the incident")).to_have_attribute("href", "/incidents/heron")
        # The state of the environment says nothing of it here: one of the two is enough.
        with page.expect_response("**/console/api/state"):
            pass
        with page.expect_response("**/console/api/state"):
            pass
        expect(page.locator(".fault-tools")).to_be_hidden()
        page.unroute("**/console/control/faults")
        expect(page.locator(".fault-tools")).to_be_visible()

    def test_without_the_token_it_is_asked_for_and_sent(self):
        def guard(route):
            if route.request.method != "GET" and route.request.headers.get("authorization") != "Bearer open sesame":
                return route.fulfill(status=403, json={"type": "urn:tailspan:problem:admin-only", "status": 403, "detail": "expected the token"})
            return route.continue_()

        page = self.open("/faults")
        page.route("**/console/control/**", guard)
        page.goto(f"{self.environment().console}/faults?rule={quote(SETTLE)}")
        expect(page.locator(".making")).to_contain_text("The console acts only for those who have its admin token.")
        self.assertEqual(page.get_by_role("dialog").count(), 0)
        page.get_by_role("button", name="Enter the admin token").click()
        page.locator("#admin-token").fill("wrong")
        page.get_by_role("button", name="Use the token").click()
        page.get_by_role("button", name="Enter the admin token").click()
        expect(page.get_by_role("dialog")).to_contain_text("The server did not accept this token.")
        page.locator("#admin-token").fill("open sesame")
        page.get_by_role("button", name="Use the token").click()
        expect(self.button(page)).to_be_enabled()
        self.button(page).click()
        expect(page.get_by_role("article", name="payments-settle-latency")).to_be_visible()
        # It is kept for this tab alone.
        self.assertEqual(page.evaluate("sessionStorage.getItem('admin-token')"), "open sesame")
        self.assertIsNone(page.evaluate("localStorage.getItem('admin-token')"))
        page.evaluate("sessionStorage.setItem('admin-token', 'old')")
        page.get_by_role("button", name="Clear payments-settle-latency").click()
        expect(page.get_by_role("dialog")).to_contain_text("The server did not accept this token.")
        page.locator("#admin-token").fill("open sesame")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No fault is set.")).to_be_visible()

    def test_the_rule_is_copied_where_pages_have_no_clipboard(self):
        page = self.open("/logs")
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.goto(f"{self.environment().console}/faults?rule={quote(SETTLE)}")
        page.locator(".making").get_by_role("button", name="Copy").click()
        page.get_by_label("Find a kind").press("Control+v")
        expect(page.get_by_label("Find a kind")).to_have_value(SETTLE)

    def test_a_hostile_rule_stays_text(self):
        page = self.faults("pay<img src=x onerror=alert(1)>\u202e:error,<script>=1")
        expect(page.locator(".problem:visible").first).to_be_visible()
        for rule, place in [("pay<img src=x onerror=alert(1)>:error", page.locator("#rule-problem")),
                            ("payments:latency=<img src=x onerror=alert(1)>", self.field(page, "argument").get_by_role("alert"))]:
            self.text(page).fill(rule)
            expect(place).to_contain_text("<img src=x onerror=alert(1)>")
            expect(self.button(page)).to_be_disabled()
        self.assertEqual(page.locator("main img, main script").count(), 0)

    def test_a_console_that_only_reads_names_the_commands(self):
        page = self.open("/logs")
        page.route("**/console/control/**", lambda route: route.fulfill(status=404, json={"title": "Not Found", "status": 404}))
        page.goto(self.environment().console + "/faults")
        expect(page.get_by_role("heading", name="This console can only read")).to_be_visible()
        expect(page.get_by_text("tailspan fault list")).to_be_visible()

    def test_a_phone_opens_the_kinds_over_the_form(self):
        page = self.faults(size=(390, 844))
        kinds = page.get_by_role("listbox", name="Kinds of faults")
        expect(page.locator(".making")).to_be_visible()
        expect(kinds).to_be_hidden()
        page.get_by_role("button", name="All kinds").click()
        page.get_by_role("option", name=re.compile("^db-error")).click()
        expect(kinds).to_be_hidden()
        expect(self.text(page)).to_have_value(re.compile("db-error"))
        self.assertNoSidewaysScrolling(page)


if __name__ == "__main__":
    unittest.main()
