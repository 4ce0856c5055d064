"""The list of incidents, and one incident beside the tools."""
import os
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from playing import PlayingTestCase
from stage import get


class IncidentsTests(PlayingTestCase):
    def parameters(self, page):
        return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}

    def some_trace(self):
        return get(self.environment().console + "/console/api/traces?limit=1&from=0&to=9000000000000000000")["traces"][0]["id"]

    def test_the_list_tells_the_complaint_and_why_one_cannot_be_played_here(self):
        page = self.open("/incidents")
        incidents = get(self.environment().console + "/console/control/incidents")["incidents"]
        cards = page.locator(".incident-card")
        expect(cards).to_have_count(len(incidents))
        for incident in incidents[:3]:
            card = cards.filter(has=page.get_by_role("link", name=incident["title"], exact=True))
            expect(card).to_contain_text(incident["story"])
            expect(card).to_contain_text(f"{incident['seconds']} s · {incident['questions']} questions")
        locked = next(incident for incident in incidents if not incident["playable"])
        card = cards.filter(has=page.get_by_role("link", name=locked["title"], exact=True))
        expect(card).to_contain_text("Not here")
        expect(card).to_contain_text(f"tailspan incident run {locked['name']} --own")
        expect(page.get_by_role("region", name="Exercises").get_by_role("listitem")).to_have_count(8)
        card.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1, name=locked["title"])).to_be_visible()
        expect(page.get_by_text("It needs an environment of its own")).to_be_visible()
        expect(page.get_by_role("button", name="Play", exact=True)).to_have_count(0)

    def test_without_a_file_the_list_says_where_it_looked(self):
        self.environment()
        folder = self.folder.name
        os.rename(folder, folder + ".away")
        try:
            page = self.open("/incidents")
            expect(page.get_by_text("No incident file was found in incidents/.")).to_be_visible()
        finally:
            os.rename(folder + ".away", folder)

    def test_a_run_sets_the_range_and_is_shown_until_it_ends(self):
        page = self.open("/incidents/hostile?query=%7Bservice%3D~%22.%2B%22%7D")
        self.play(page, speed="As told")
        expect(page.get_by_role("button", name="Live", exact=True)).to_have_attribute("aria-pressed", "true")
        self.assertRegex(self.parameters(page)["from"], r"^\d{13}$")
        self.assertNotIn("to", self.parameters(page))
        expect(page.locator(".play .clock")).to_have_text(re.compile(r"\d+ s of 10 s"))
        page.get_by_role("button", name="Show this run").click(timeout=120_000)
        played = get(self.environment().console + "/console/control/incidents/hostile")["played"]
        self.assertEqual(
            [self.parameters(page)[name] for name in ("from", "to")],
            [str(round(int(played[name]) / 1e6)) for name in ("start", "end")])
        expect(page.get_by_role("button", name="Live", exact=True)).to_have_attribute("aria-pressed", "false")
        self.assertEqual(self.parameters(page)["query"], '{service=~".+"}')

    def test_a_run_is_known_everywhere_and_can_be_stopped_from_the_list(self):
        page = self.open("/incidents/triple-traffic")
        self.play(page, speed="As told")
        page.get_by_role("link", name="Previous incident").click()
        expect(page.locator(".play")).to_contain_text("Another one is playing: Three times the traffic")
        expect(page.get_by_role("button", name="Play", exact=True)).to_have_count(0)
        page.get_by_role("link", name=re.compile(r"^\d+ of \d+$")).click()
        expect(page.locator(".now")).to_contain_text(re.compile(r"Three times the traffic.* is playing\. \d+ s of 60 s"))
        expect(page.locator(".incident-card").filter(has_text="Three times the traffic")).to_contain_text("Playing")
        page.locator(".now").get_by_role("button", name="Stop").click()
        expect(page.locator(".now")).to_be_empty()
        faults = get(self.environment().console + "/console/control/faults")
        self.assertEqual(faults["rules"], [])
        # Another incident may be open still.
        self.assertNotEqual((faults["incident"] or {}).get("name"), "triple-traffic")

    def test_answers_are_graded_at_once_and_lose_points(self):
        page = self.open("/incidents/five-in-a-hundred")
        self.play_to_the_end(page)
        first = self.question(page, "Which guild is it?")
        first.get_by_role("textbox").fill("g-3")
        first.get_by_role("textbox").press("Enter")
        expect(first).to_contain_text("g-3 · not yet, one try left")
        expect(self.score(page)).to_have_text("0 of 12 points")
        first.get_by_role("button", name="Try again").click()
        expect(first.get_by_role("textbox")).to_be_focused()
        first.get_by_role("textbox").fill("g-7")
        first.get_by_role("button", name="Answer", exact=True).click()
        expect(first).to_contain_text("g-7 · right")
        expect(first).to_contain_text("1 point")
        # The next one is open, and the answer's explanation is there.
        answers = get(self.environment().console + "/console/control/incidents/five-in-a-hundred")["answers"]
        expect(first).to_contain_text(answers["guild"]["explanation"])
        second = self.question(page, "Which status")
        expect(second.get_by_role("textbox")).to_be_visible()
        second.get_by_role("textbox").fill('"."')
        second.get_by_role("button", name="Answer", exact=True).click()
        expect(second.get_by_role("alert")).to_have_text("Expected an answer.")
        second.get_by_role("textbox").fill("429")
        second.get_by_role("button", name="Answer", exact=True).click()
        expect(second).to_contain_text("3 points")
        # The last question: both tries are wrong.
        page.get_by_role("button", name="All", exact=True).click()
        slow = self.question(page, "Why do they wait")
        for answer in ("payments is overloaded", "the gateway queues them"):
            if slow.get_by_role("button", name="Try again").is_visible():
                slow.get_by_role("button", name="Try again").click()
            slow.get_by_label(answer).check()
            slow.get_by_role("button", name="Answer", exact=True).click()
            expect(slow).to_contain_text(answer + " · ")
        expect(slow).to_contain_text("The right answer: tasks waits between its attempts")
        expect(slow.get_by_role("button", name="Answer", exact=True)).to_have_count(0)
        expect(self.score(page)).to_have_text("4 of 12 points")
        page.goto(self.environment().console + "/incidents")
        expect(page.locator(".incident-card").filter(has_text="Five in a hundred")).to_contain_text("Played · 4 of 12 points")

    def test_whoever_gives_up_sees_the_solutions_at_the_second_press(self):
        page = self.open("/incidents/hostile")
        self.play_to_the_end(page)
        page.get_by_role("button", name="Give up, show the solutions").click()
        expect(page.locator(".questions")).not_to_contain_text("Because.")
        page.get_by_role("button", name="Sure? Open questions will score nothing.").click()
        expect(page.locator(".questions")).to_contain_text("not answered")
        expect(page.locator(".questions")).to_contain_text("The right answer: other")
        expect(page.locator(".questions")).to_contain_text("Given up: 0 of 3 points")
        expect(page.get_by_role("button", name="Give up")).to_have_count(0)

    def test_hints_come_one_by_one_and_keep_what_is_written(self):
        page = self.open("/incidents/again-and-again")
        page.get_by_role("radio", name="nothing", exact=True).check()
        hints = page.locator(".hints")
        expect(hints.get_by_text("costs 1 point")).to_have_count(1)
        expect(hints).to_contain_text("after hint 1")
        hints.get_by_role("button", name="Show hint 1").click()
        expect(hints.get_by_role("button", name="Show hint 2")).to_be_visible()
        shown = get(self.environment().console + "/console/control/incidents/again-and-again")["shownHints"]
        expect(hints.get_by_role("listitem").first.get_by_role("paragraph")).to_have_text(" ".join(shown[0].split()))
        expect(hints.get_by_role("listitem").first.get_by_role("paragraph")).to_be_focused()
        expect(page.get_by_role("radio", name="nothing", exact=True)).to_be_checked()

    def test_what_is_cited_is_pinned_to_the_open_question_and_leads_back(self):
        trace = self.some_trace()
        page = self.open(f"/incidents/three-at-once?trace={trace}")
        question = self.question(page, "Which service keeps")
        page.get_by_role("region", name="The chosen trace").get_by_role("button", name="Cite").click()
        expect(question.get_by_role("button", name=f"trace {trace[:8]}")).to_be_visible()
        question.get_by_role("button", name="Take the citation away").click()
        question.get_by_role("button", name="Cite a trace or a line").click()
        question.get_by_label("executor").check()
        question.get_by_role("button", name="Answer", exact=True).click()
        expect(question).to_contain_text(f"trace {trace[:8]}")
        page.get_by_role("button", name="Close the trace").click()
        expect(page.get_by_role("region", name="The chosen trace")).to_be_hidden()
        question.get_by_role("button", name=f"trace {trace[:8]}").click()
        expect(page.get_by_role("region", name="The chosen trace")).to_be_visible()
        self.assertEqual(self.parameters(page)["trace"], trace)

    def test_the_tools_are_in_the_address_and_back_goes_back(self):
        page = self.open("/incidents/late-logs?from=1h")
        expect(page.get_by_role("tab", name="Logs")).to_have_attribute("aria-selected", "true")
        box = page.get_by_role("combobox", name="Trace id")
        # The page has written its own query there, and will not do so again.
        expect(box).to_have_value('{service=~".+"}')
        box.fill('{service="tasks"} |= "settled"')
        box.press("Enter")
        expect(page).to_have_url(re.compile("query="))
        page.get_by_role("tab", name="Traces").click()
        expect(page).to_have_url(re.compile("tab=traces"))
        self.assertNotIn("query", self.parameters(page))
        trace = self.some_trace()
        expect(box).to_have_value("{ }")
        box.fill(trace)
        box.press("Enter")
        expect(page.get_by_role("region", name="The chosen trace")).to_be_visible()
        self.assertEqual(urlsplit(page.url).path, "/incidents/late-logs")
        page.go_back()
        expect(page.get_by_role("region", name="The chosen trace")).to_be_hidden()
        page.go_back()
        expect(page.get_by_role("tab", name="Logs")).to_have_attribute("aria-selected", "true")
        expect(box).to_have_value('{service="tasks"} |= "settled"')
        self.assertEqual(self.parameters(page)["from"], "1h")
        page.get_by_role("link", name="Next incident").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("The logs are late, and the bill is high")
        self.assertEqual(self.parameters(page), {"from": "1h"})

    def test_the_border_can_be_dragged_and_the_keyboard_moves_border_tabs_and_answers(self):
        page = self.open(f"/incidents/taking-ages?trace={self.some_trace()}")
        border = page.get_by_role("separator", name="Height of the lines")
        expect(page.get_by_role("region", name="The chosen trace")).to_be_visible()
        height = lambda: page.locator(".desk-upper").bounding_box()["height"]
        before = height()
        border.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        self.assertGreater(height(), before + 20)
        place = border.bounding_box()
        before = height()
        page.mouse.move(place["x"] + 200, place["y"] + 2)
        page.mouse.down()
        page.mouse.move(place["x"] + 200, place["y"] - 60, steps=3)
        page.mouse.up()
        self.assertAlmostEqual(height(), before - 60, delta=6)
        value = border.get_attribute("aria-valuenow")
        page.reload()
        expect(border).to_have_attribute("aria-valuenow", value)
        page.get_by_role("tab", name="Logs").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Traces")).to_be_focused()
        expect(page.get_by_role("tab", name="Traces")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("q")
        question = self.question(page, "Which service loses")
        expect(question.get_by_label("gateway")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(question).to_contain_text("executor · right")
        # Whoever answers by keyboard is not thrown back to the beginning of the page.
        expect(question.locator(":focus")).to_have_count(1)

    def test_on_a_phone_the_story_comes_first_and_a_switch_shows_the_tools(self):
        page = self.open("/incidents/standing-still", size=(390, 844))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("tab", name="Logs")).to_be_hidden()
        page.get_by_role("button", name="Tools").click()
        expect(page.get_by_role("tab", name="Logs")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_hidden()
        self.assertNoSidewaysScrolling(page)
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        self.assertNoSidewaysScrolling(page)

    def test_texts_of_a_file_stay_texts(self):
        page = self.open("/incidents")
        page.get_by_role("link", name="A title <img").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("A title <img src=x onerror=1> U+202Eevil")
        expect(page.locator(".story")).to_contain_text('<img src=x onerror="document.title=1"> U+202Eevil')
        expect(page.get_by_role("radio").first).to_have_accessible_name(re.compile('a <img src=x.*U\\+202Eevil'))
        page.get_by_role("button", name="Show hint 1").click()
        expect(page.locator(".hints")).to_contain_text("hint <img")
        expect(page.locator("main img")).to_have_count(0)

    def test_an_unknown_incident_leads_to_the_list(self):
        page = self.open("/incidents/payment-brownout")
        expect(page.get_by_text("There is no incident 'payment-brownout'.")).to_be_visible()
        page.get_by_role("link", name="All incidents").first.click()
        expect(page).to_have_url(re.compile("/incidents$"))

    def test_a_console_that_only_reads_names_the_commands(self):
        page = self.open("/logs")
        page.route("**/console/control/**", lambda route: route.fulfill(status=404, json={"title": "Not Found", "status": 404}))
        for path in ("/incidents", "/incidents/no-news", "/exercises", "/exercises/08-no-news"):
            page.goto(self.environment().console + path)
            expect(page.get_by_role("heading", name="This console can only read")).to_be_visible()
            expect(page.get_by_text("tailspan incident run NAME --hide")).to_be_visible()
