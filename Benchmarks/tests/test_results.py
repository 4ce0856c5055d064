"""Ratios, spread and aims of the rows, and the order of the rounds."""

import unittest
from collections import Counter
from io import StringIO
from unittest.mock import patch

from harness.lane import turns
from harness.results import Spread, at_least_times, at_most, median
from harness.table import markdown, paint_for, table


class Rows(unittest.TestCase):
    def test_the_ratio_is_taken_round_by_round(self) -> None:
        # The medians alone would say 2.2.
        row = median("chain", "rate", "requests/s", [220, 100, 400], "", at_least_times(2.1), before=[100, 50, 200])
        self.assertEqual(row.ratios, [2.2, 2, 2])
        self.assertFalse(row.is_met)

    def test_an_aim_for_the_ratio_says_nothing_without_an_old_build(self) -> None:
        self.assertIsNone(median("chain", "rate", "requests/s", [200], "", at_least_times(2)).is_met)

    def test_a_ratio_to_nothing_is_none(self) -> None:
        row = median("chain", "slow", "slow requests", [0], "", at_most(0), before=[0])
        self.assertEqual(row.ratios, [])
        self.assertTrue(row.is_met)

    def test_the_spread_is_half_the_distance_of_the_quartiles(self) -> None:
        spread = Spread.of([90, 95, 100, 105, 110])
        self.assertEqual((spread.lower, spread.median, spread.upper), (95, 100, 105))
        self.assertEqual(spread.half_width_percent, 5)
        self.assertEqual(Spread.of([7]), Spread(7, 7, 7))
        self.assertIsNone(Spread.of([0, 0, 0]).half_width_percent)

    def test_no_line_of_the_table_is_wider_than_it_may_be(self) -> None:
        long = "a row whose description says so much that it has to be broken into several lines"
        rows = [
            median("chain", "a", long, [1234567.0] * 3, "req/s", at_least_times(2.5), "b " * 90, before=[1.0] * 3),
            median("chain", "b", "short", [2.0], "ms", at_most(1), group="a group"),
        ]
        for width in (80, 100):
            self.assertLessEqual(max(map(len, table(rows, width=width).splitlines())), width)
        self.assertNotIn("\x1b", table(rows))

    def test_only_a_terminal_has_colours_and_only_where_it_may(self) -> None:
        rows = [median("chain", "a", "a row", [2.0], "ms", at_most(1))]
        terminal = StringIO()
        terminal.isatty = lambda: True  # type: ignore[method-assign]
        for stream, environment, has_colours in (
            (terminal, {"TERM": "xterm"}, True),
            (terminal, {"TERM": "xterm", "NO_COLOR": "1"}, False),
            (terminal, {"TERM": "dumb"}, False),
            (StringIO(), {"TERM": "xterm"}, False),
        ):
            with self.subTest(environment=environment), patch.dict("os.environ", environment, clear=True):
                self.assertEqual("\x1b[" in table(rows, paint_for(stream)), has_colours)

    def test_a_row_of_markdown_has_as_many_cells_as_the_head(self) -> None:
        rows = [
            median("chain", "a", "requests/s", [200, 210, 205], "", at_least_times(2.5), group="g", before=[100] * 3),
            median("chain", "b", "answer time", [2, 3, 4], "ms"),
        ]
        self.assertEqual({line.count("|") for line in markdown(rows).splitlines()}, {7})
        self.assertIn("2.05 (2.02–2.08)", markdown(rows))


class Order(unittest.TestCase):
    def test_every_subject_has_every_place_equally_often(self) -> None:
        for count in (1, 2, 3, 4, 11):
            subjects = list(range(count))
            places = Counter(
                (subject, place)
                for number in range(2 * count)
                for place, subject in enumerate(turns(subjects, number))
            )
            self.assertEqual(set(places.values()), {2}, count)

    def test_the_old_build_is_as_often_before_the_new_one_as_after_it(self) -> None:
        subjects = ["nginx", "old", "new", "memory old", "memory new"]
        orders = [turns(subjects, number) for number in range(2 * len(subjects))]
        before = sum(order.index("old") < order.index("new") for order in orders)
        self.assertEqual(before, len(orders) / 2)


if __name__ == "__main__":
    unittest.main()
