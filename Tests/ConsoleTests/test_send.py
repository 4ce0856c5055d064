"""The page that sends requests: what is asked, what came of it, and a small load."""
import re
import shlex
import subprocess
import unittest
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

from stage import ConsoleTestCase, get, wait_for

TRACE = re.compile(r"trace=([0-9a-f]{32})")


class SendTests(ConsoleTestCase):
    def tearDown(self):
        if self._environment:
            self._environment.run("fault", "clear")
        super().tearDown()

    def answer(self, page):
        return page.get_by_label("The answer", exact=True)

    def send(self, page):
        page.locator(".send-form").get_by_role("button", name="Send").click()

    def choose(self, page, label):
        page.locator(".send-kinds").get_by_text(label, exact=True).click()

    def test_a_healthy_task_is_answered_and_its_trace_grows_until_it_is_whole(self):
        page = self.open("/send?guild=g-7&workload=sort&size=2000")
        self.send(page)
        answer = self.answer(page)
        expect(answer.get_by_role("heading", name="201 Created")).to_be_visible()
        expect(answer).to_contain_text(re.compile(r"whole after .* spans, \d+ lines, \d+ rules hold"), timeout=30_000)
        for service in ("gateway", "tasks", "executor"):
            expect(answer.get_by_role("treegrid")).to_contain_text(service)
        trace = TRACE.search(page.url).group(1)
        stored = get(f"{self.environment().console}/console/api/trace/{trace}")
        expect(answer).to_contain_text(f"{len(stored['spans'])} spans, {len(stored['lines'])} lines")
        query = parse_qs(urlsplit(answer.get_by_role("link", name=re.compile("lines$")).get_attribute("href")).query)["query"][0]
        self.assertIn(f'trace_id="{trace}"', query)
        page.keyboard.press("o")
        expect(page).to_have_url(re.compile(f"/trace/{trace}$"))

    def test_each_kind_gets_the_answer_that_it_is_meant_to_get(self):
        page = self.open("/send")
        for label, title in [("async", "202 Accepted"), ("unknown guild", "404 Not Found"), ("too poor", "402 Payment Required"),
                             ("bad body", re.compile("^4(22|00) "))]:
            self.choose(page, label)
            self.send(page)
            expect(self.answer(page).get_by_role("heading", name=title)).to_be_visible()
            expect(self.answer(page).locator("header")).not_to_contain_text("was expected")
        expect(page.locator(".earlier li")).to_have_count(4)

    def test_a_fault_makes_the_answer_unexpected_and_shows_in_the_tree(self):
        self.environment().run("fault", "add", "payments.reserve:error=503")
        page = self.open("/send")
        self.send(page)
        answer = self.answer(page)
        expect(answer.locator("header")).to_contain_text("201 was expected")
        expect(answer.locator("header .icon.error")).to_be_visible()
        expect(answer.get_by_role("row").filter(has_text="POST /v1/reservations").filter(has_text="503").first).to_be_visible(timeout=30_000)

    def test_what_is_asked_stands_in_the_address_and_a_wrong_size_is_not_sent(self):
        page = self.open("/send")
        page.get_by_role("textbox", name="guild").fill("g-3")
        page.get_by_label("workload").select_option("primes")
        size = page.get_by_role("textbox", name="size")
        size.fill("many")
        expect(page.get_by_role("alert").filter(has_text="“many” is no size. Write 1 to 5000000.")).to_be_visible()
        expect(page.locator(".send-form button.primary")).to_be_disabled()
        size.fill("777")
        page.reload()
        expect(page.get_by_role("textbox", name="guild")).to_have_value("g-3")
        self.send(page)
        page.get_by_label("The answer", exact=True).get_by_text(re.compile("^Request")).click()
        wire = page.get_by_label("Request as it went over the wire")
        for text in ('"guild_id": "g-3"', '"kind": "primes"', '"size": 777', "idempotency-key: "):
            expect(wire).to_contain_text(text)

    def test_a_body_of_ones_own_is_sent_as_it_is_and_shown_as_text(self):
        page = self.open("/send")
        self.choose(page, "own body")
        expect(page.get_by_label("body", exact=True)).to_have_value(re.compile('"guild_id"'))
        page.get_by_label("body", exact=True).fill('<img src=x onerror="document.title=1">\u202e')
        expect(page.get_by_text("This is no JSON. It is sent as it is.")).to_be_visible()
        self.send(page)
        expect(self.answer(page).get_by_role("heading", name="400 Bad Request")).to_be_visible()
        self.answer(page).get_by_text(re.compile("^Request")).click()
        expect(page.get_by_label("Request as it went over the wire")).to_contain_text('<img src=x onerror="document.title=1">U+202E')
        self.assertEqual(page.locator("main img").count(), 0)

    def test_what_was_sent_can_be_looked_at_and_sent_again(self):
        page = self.open("/send?guild=g-5")
        self.send(page)
        expect(self.answer(page).get_by_role("heading", name="201 Created")).to_be_visible()
        first = TRACE.search(page.url).group(1)
        self.choose(page, "bad body")
        self.send(page)
        expect(self.answer(page).get_by_role("heading", name="422")).to_be_visible()
        earlier = page.locator(".earlier li")
        earlier.nth(1).get_by_role("button").first.click()
        expect(self.answer(page).get_by_role("link", name=first)).to_be_visible()
        earlier.nth(1).get_by_role("button", name=re.compile("^Send again")).click()
        expect(earlier).to_have_count(3)
        expect(self.answer(page).get_by_role("heading", name="201 Created")).to_be_visible()
        expect(page.get_by_role("textbox", name="guild")).to_have_value("g-5")
        self.assertNotEqual(TRACE.search(page.url).group(1), first)
        # After a reload only the trace is known.
        page.reload()
        expect(self.answer(page)).to_contain_text("its answer was not kept")
        expect(self.answer(page).get_by_role("treegrid")).to_contain_text("gateway")

    def test_the_copied_command_asks_the_same(self):
        page = self.open("/send?guild=g-9&workload=sort&size=321")
        self.choose(page, "async")
        page.get_by_role("button", name="As a command").click()
        sheet = page.get_by_role("dialog", name="The same for a terminal")
        expect(sheet).to_contain_text("tailspan load --requests 1 --mix async=1 --workload-mix sort=1")
        sheet.get_by_role("button", name="Copy the curl command").click()
        command = wait_for(lambda: page.evaluate("navigator.clipboard.readText()"), "the command to be copied")
        answer = subprocess.run(["bash", "-c", command.replace("curl -i", "curl -is")], capture_output=True, text=True, timeout=20, check=True)
        self.assertIn("202 Accepted", answer.stdout)
        self.assertIn('"guild_id":"g-9"', answer.stdout)
        self.assertIn('"size":321', answer.stdout)

    def test_no_address_puts_a_command_into_the_copied_one(self):
        hostile = "sort;$(touch x)`y` 'z"
        page = self.open("/send?" + urlencode({"kind": "async", "workload": hostile}))
        page.get_by_role("button", name="As a command").click()
        sheet = page.get_by_role("dialog", name="The same for a terminal")
        expect(sheet.locator("pre").last).to_have_text("tailspan load --requests 1 --mix async=1")
        expect(sheet).not_to_contain_text("touch")
        # Whatever is asked is one word of the shell.
        command = page.evaluate("""async workload => {
            const { commandsOf } = await import("/console/send/commands.js");
            return commandsOf({ kind: "async", guild: "", workload, size: "", body: "" }, "http://127.0.0.1:1").at(-1)[1];
        }""", hostile)
        self.assertEqual(shlex.split(command), ["tailspan", "load", "--requests", "1", "--mix", "async=1", "--workload-mix", hostile + "=1"])

    def test_a_small_load_runs_shows_how_far_it_is_and_can_be_stopped(self):
        page = self.open("/send")
        card = page.get_by_label("A small load")
        card.get_by_label("for").fill("60x")
        expect(card.get_by_role("alert").filter(has_text="“60x” is no duration from 1s to 1h. Write 30s or 5m.")).to_be_visible()
        card.get_by_label("for").fill("2m")
        card.get_by_label("requests a second").fill("6")
        card.get_by_role("button", name="Start").click()
        expect(card.get_by_role("progressbar")).to_be_visible()
        expect(card).to_contain_text(re.compile(r"[1-9]\d* of 1,800 requests sent"))
        card.get_by_role("button", name="Stop").click()
        expect(card).to_contain_text("sent by the last load")
        self.assertFalse(get(self.environment().console + "/console/control/load")["running"])
        card.get_by_label("for").fill("1s")
        card.get_by_role("button", name="Start").click()
        expect(card).to_contain_text("15 requests sent by the last load")

    def test_keys_send_but_not_while_one_types(self):
        page = self.open("/send")
        page.get_by_role("textbox", name="guild").focus()
        page.keyboard.type("s")
        expect(page.get_by_role("textbox", name="guild")).to_have_value("s")
        expect(page.locator(".earlier li")).to_have_count(0)
        page.get_by_role("textbox", name="guild").fill("")
        page.get_by_role("textbox", name="guild").blur()
        page.keyboard.press("s")
        expect(self.answer(page).get_by_role("heading", name="201 Created")).to_be_visible()

    def test_a_request_without_an_answer_says_so(self):
        self.environment().run("fault", "add", "gateway.create-task:abort")
        page = self.open("/send")
        self.send(page)
        expect(self.answer(page).get_by_role("heading", name="No answer")).to_be_visible()
        expect(page.locator(".earlier li .icon.error")).to_be_visible()

    def test_pages_that_were_left_ask_nothing_more(self):
        page = self.open("/send")
        self.send(page)
        expect(self.answer(page).get_by_role("heading", name="201 Created")).to_be_visible()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Faults").click()
        expect(page.locator(".preview .mark").first).to_be_visible()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Traces").click()
        expect(page.locator(".fault-tools")).to_have_count(0)
        asked = []
        # The frame's own question, every two seconds, is the clock.
        with page.expect_response("**/console/api/state"):
            pass
        page.on("request", lambda request: asked.append(request.url) if re.search("/control/|/api/trace/", request.url) else None)
        for _ in range(3):
            with page.expect_response("**/console/api/state"):
                pass
        self.assertEqual(asked, [])

    def test_whoever_comes_back_before_the_answer_sees_it_arrive(self):
        page = self.open("/send")
        held = []
        page.route("**/console/control/send", lambda route: held.append(route))
        self.send(page)
        expect(self.answer(page).get_by_role("heading", name="Waiting for the answer")).to_be_visible()
        pages = page.get_by_role("navigation", name="Pages")
        pages.get_by_role("link", name="Faults").click()
        expect(page.locator(".fault-tools")).to_be_visible()
        pages.get_by_role("link", name="Send").click()
        expect(self.answer(page).get_by_role("heading", name="Waiting for the answer")).to_be_visible()
        held.pop().continue_()
        expect(self.answer(page).get_by_role("heading", name="201 Created")).to_be_visible()
        expect(page).to_have_url(TRACE)
        expect(page.locator(".earlier li")).to_contain_text("201")

    def test_a_console_that_only_reads_names_the_commands(self):
        page = self.open("/logs")
        page.route("**/console/control/**", lambda route: route.fulfill(status=404, json={"title": "Not Found", "status": 404}))
        page.goto(self.environment().console + "/send")
        expect(page.get_by_role("heading", name="This console can only read")).to_be_visible()
        expect(page.get_by_text("tailspan load --rate 3 --duration 60s")).to_be_visible()

    def test_a_phone_shows_the_answer_below_what_is_asked(self):
        page = self.open("/send", size=(390, 844))
        self.send(page)
        expect(self.answer(page)).to_be_in_viewport()
        expect(self.answer(page).get_by_role("treegrid")).to_contain_text("tasks", timeout=30_000)
        self.assertNoSidewaysScrolling(page)
        answer, load = (page.locator(name).bounding_box()["y"] for name in (".answer", ".small-load"))
        self.assertLess(answer, load)


if __name__ == "__main__":
    unittest.main()
