"""An environment of its own for the tests that play incidents: while one is not fully answered, faults are hidden
everywhere in its environment, which would reach the tests of other pages."""
import glob
import os
import re
import shutil
import tempfile

from playwright.sync_api import expect

from stage import ROOT, ConsoleTestCase, Environment

# What a page must show as text, whatever it looks like.
HOSTILE = '<img src=x onerror="document.title=1"> \\u202eevil'

HOSTILE_INCIDENT = f"""
title: "A title {HOSTILE}"
lesson: Texts are texts.
story: "Somebody wrote {HOSTILE.replace('"', chr(92) + '"')} and nobody knows why."
load: {{ rate: 4, duration: 10s }}
timeline:
  - {{ at: 1s, for: 5s, rule: 'payments.settle:error=503,rate=50%,id=hostile' }}
symptoms:
  - {{ id: any, title: any, logql: 'sum(count_over_time({{service="payments"}} [$window]))', expect: '> 1' }}
hints: ["hint {HOSTILE.replace('"', chr(92) + '"')}"]
questions:
  - id: which
    text: "Which {HOSTILE.replace('"', chr(92) + '"')}?"
    choices: ["a {HOSTILE.replace('"', chr(92) + '"')}", other]
    accept: [other]
    explanation: Because.
""".replace('title: "A title <img src=x onerror="document.title=1">', 'title: "A title <img src=x onerror=1>')


class PlayingTestCase(ConsoleTestCase):
    _playing = None
    folder = None

    @classmethod
    def environment(cls):
        if PlayingTestCase._playing is None:
            PlayingTestCase.folder = tempfile.TemporaryDirectory(prefix="tailspan-incidents-")
            for file in glob.glob(os.path.join(ROOT, "incidents", "*.yaml")):
                shutil.copy(file, PlayingTestCase.folder.name)
            with open(os.path.join(PlayingTestCase.folder.name, "hostile.yaml"), "w", encoding="utf-8") as file:
                file.write(HOSTILE_INCIDENT)
            environment = Environment(variables={"INCIDENTS_DIR": PlayingTestCase.folder.name})
            environment.load(60, 5)
            PlayingTestCase._playing = environment
        return PlayingTestCase._playing

    def play(self, page, speed="20×"):
        """Plays the incident of a page; returns as soon as it is under way."""
        page.get_by_role("button", name=speed).click()
        # Another test may have played it before.
        page.get_by_role("button", name=re.compile("^(Play|Again)$")).click()
        expect(page.get_by_role("progressbar")).to_be_visible()

    def play_to_the_end(self, page):
        self.play(page)
        expect(page.get_by_role("button", name="Show this run")).to_be_visible(timeout=120_000)

    @staticmethod
    def question(page, text):
        return page.locator(".question").filter(has_text=text)

    @staticmethod
    def score(page):
        return page.locator(".desk-text").get_by_text("points").first
