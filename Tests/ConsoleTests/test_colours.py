"""The colours of `tokens.css`: enough contrast on every ground, in light and dark (WCAG 2.2, 1.4.3 and 1.4.11)."""
import os
import re
import unittest

from stage import ROOT

GROUNDS = ("bg", "panel", "raised", "tint")
TEXTS = ("ink", "soft", "faint", "accent", "error", "warn", "good")
SHAPES = ("edge", "info", "gateway", "tasks", "executor", "payments", "other")


def tokens():
    path = os.path.join(ROOT, "Sources/Pocket/ConsoleFiles/shell/tokens.css")
    with open(path, encoding="utf-8") as file:
        return {name: (light, dark) for name, light, dark in
                re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", file.read())}


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class ColourTests(unittest.TestCase):
    def check(self, names, least):
        colours = tokens()
        for theme in (0, 1):
            for name in names:
                for ground in GROUNDS:
                    with self.subTest(theme=("light", "dark")[theme], colour=name, ground=ground):
                        self.assertGreaterEqual(contrast(colours[name][theme], colours[ground][theme]), least)

    def test_text_has_a_contrast_of_four_and_a_half(self):
        self.check(TEXTS, 4.5)

    def test_shapes_and_borders_of_controls_have_a_contrast_of_three(self):
        self.check(SHAPES, 3)
