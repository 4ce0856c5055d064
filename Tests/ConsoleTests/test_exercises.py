"""The exercises of the workshop, done in the console."""
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from playing import PlayingTestCase

FIRST = "/exercises/01-some-tasks-are-never-settled"


class ExercisesTests(PlayingTestCase):
    def query(self, page):
        return parse_qs(urlsplit(page.url).query)

    def test_the_list_leads_to_each_exercise_with_its_minutes(self):
        page = self.open("/exercises?from=1h")
        items = page.get_by_role("region", name="Exercises").get_by_role("listitem")
        expect(items).to_have_count(8)
        expect(items.nth(0)).to_have_text("1Some tasks are never settled15 min")
        items.nth(1).get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("2 Everything works, but it takes ages")
        page.get_by_role("link", name="Next exercise: Five in a hundred").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("3 Five in a hundred")
        expect(page.get_by_text("Exercise 3 of 8")).to_be_visible()
        self.assertEqual(self.query(page), {"from": ["1h"]})

    def test_links_between_exercises_work_and_others_are_written_out(self):
        page = self.open(FIRST)
        text = page.locator(".exercise")
        expect(text).to_contain_text("Getting ready (docs/workshop/README.md)")
        expect(text).to_contain_text("answers (docs/workshop/answers/01-some-tasks-are-never-settled.md)")
        expect(text.get_by_role("link", name="answers")).to_have_count(0)
        text.get_by_role("link", name="2 Everything works, but it takes ages").click()
        expect(page).to_have_url(re.compile("/exercises/02-everything-takes-ages$"))

    def test_an_exercise_is_played_looked_into_and_graded(self):
        page = self.open(FIRST)
        expect(page.locator(".exercise .story")).to_contain_text("It is a quiet evening.")
        self.play_to_the_end(page)
        self.assertIn("from", self.query(page))
        # The page's own query, asked beside it, finds what failed in the run.
        query = '{ resource.service.name = "gateway" && kind = server && status = error }'
        page.locator(".code").filter(has_text=query).get_by_role("button", name="Ask").click()
        expect(page.get_by_role("tab", name="Traces")).to_have_attribute("aria-selected", "true")
        self.assertEqual((self.query(page)["tab"], self.query(page)["query"]), (["traces"], [query]))
        expect(page.get_by_role("combobox", name="Trace id")).to_have_value(query)
        question = self.question(page, "In which service did the failure begin?")
        question.get_by_label("tasks").check()
        question.get_by_role("button", name="Answer").click()
        expect(question).to_contain_text("tasks · not yet, one try left")
        question.get_by_role("button", name="Try again").click()
        question.get_by_label("payments").check()
        question.get_by_role("button", name="Answer").click()
        expect(question).to_contain_text("payments · right")
        expect(self.score(page)).to_have_text("1 of 12 points")

    def test_what_cannot_be_played_here_says_so_where_it_would_start(self):
        page = self.open("/exercises/04-it-worked-yesterday")
        start = page.locator(".embedded").first
        expect(start).to_contain_text("It needs an environment of its own: tailspan incident run worked-yesterday --own")
        expect(page.get_by_role("button", name="Play", exact=True)).to_have_count(0)

    def test_other_ways_are_folded_away(self):
        page = self.open("/exercises/03-five-in-a-hundred")
        expect(page.get_by_role("heading", name="In the console")).to_be_visible()
        command = page.get_by_text('tailspan logs --service tasks --grep "task failed" --limit 40')
        expect(command).to_be_hidden()
        page.get_by_role("heading", name="In the terminal").click()
        expect(command).to_be_visible()

    def test_code_is_copied_as_it_stands(self):
        page = self.open("/exercises/03-five-in-a-hundred")
        block = page.locator(".code").filter(has_text="sum by (status)")
        block.get_by_role("button", name="Copy").click()
        expect(block.get_by_role("button", name="Copied")).to_be_visible()
        self.assertEqual(
            page.evaluate("navigator.clipboard.readText()"),
            r'sum by (status) (count_over_time({service="tasks"} |= "task failed" | regexp "\"message\":\"(?P<status>[0-9]{3})" [15m]))')

    def test_markdown_of_any_kind_never_becomes_markup(self):
        page = self.open("/exercises")
        expect(page.get_by_role("listitem").first).to_be_visible()
        source = "\n".join([
            "# A *title* <b>bold</b>", "", "Text with `code <i>` and **strong `*` text**, [a *link*](02-x.md#y),",
            "<script>document.title = 1</script> and snake_case_name \\*no emphasis\\* <http://127.0.0.1:3000> \u202eturned.", "",
            "1. one", "", "   ```sh", "   tailspan up", "     --indented", "   ```", "2. two", "   - inner", "",
            "| a | b |", "| --- | --- |", "| `x|y` | [out](javascript:alert(1)) |", "", "```", "<img src=x onerror=alert(1)>", "```"])
        page.evaluate("""async source => {
            const { blocks } = await import("/console/exercises/markdown.js");
            const { render } = await import("/console/exercises/render.js");
            const link = target => target.startsWith("02") ? { address: "/exercises/02-x" } : { path: target };
            document.querySelector("main").replaceChildren(...render(blocks(source), { link }).flat());
        }""", source)
        main = page.locator("main")
        expect(main.get_by_role("heading", level=1)).to_have_text("A title <b>bold</b>")
        expect(main.locator("h1 em")).to_have_text("title")
        expect(main.locator("p > code").first).to_have_text("code <i>")
        expect(main.locator("strong")).to_have_text("strong * text")
        expect(main.get_by_role("link")).to_have_count(1)
        expect(main.get_by_role("link")).to_have_attribute("href", "/exercises/02-x")
        expect(main).to_contain_text("<script>document.title = 1</script> and snake_case_name *no emphasis* http://127.0.0.1:3000 U+202Eturned.")
        expect(main.locator("ol > li")).to_have_count(2)
        expect(main.locator("ol pre")).to_have_text("tailspan up\n  --indented")
        expect(main.locator("ol ul li")).to_have_text("inner")
        expect(main.locator("td").nth(0)).to_have_text("x|y")
        expect(main.locator("td").nth(1)).to_have_text("out (javascript:alert(1))")
        expect(main.locator("pre").nth(1)).to_have_text("<img src=x onerror=alert(1)>")
        expect(main.locator("img, script, b, i")).to_have_count(0)
