"""What wrk adds to the answer times is taken away again."""

import unittest

from harness.latency import Latencies, uncorrected


def as_wrk_does(measured: dict[int, int], interval: int) -> dict[int, int]:
    """wrk's stats_correct, from version 4.1.0."""
    counts = dict(measured)
    for time in range(interval * 2, max(measured) + 1):
        count = counts.get(time, 0)
        added = time - interval
        while count and added > interval:
            counts[added] = counts.get(added, 0) + count
            added -= interval
    return counts


class AnswerTimes(unittest.TestCase):
    def test_the_measured_times_come_back_from_what_wrk_reports(self) -> None:
        measured = {90: 4, 100: 50, 137: 7, 200: 3, 201: 2, 350: 1, 999: 2, 2000: 1}
        for interval in (40, 100, 101, 500, 5000):
            with self.subTest(interval=interval):
                reported = as_wrk_does(measured, interval)
                self.assertEqual(dict(uncorrected(reported.items(), interval).counts), measured)

    def test_one_request_that_waited_is_one_slow_request(self) -> None:
        reported = as_wrk_does({100: 1000, 20_000: 1}, 110)
        self.assertGreater(sum(count for time, count in reported.items() if time > 1000), 100)
        times = uncorrected(reported.items(), 110)
        self.assertEqual((times.slow, times.slowest, times.requests), (1, 20_000, 1001))

    def test_times_that_were_not_corrected_so_are_refused(self) -> None:
        with self.assertRaises(ValueError):
            uncorrected([(100, 5), (1000, 1)], 100)

    def test_a_percentile_is_the_time_that_so_many_requests_did_not_exceed(self) -> None:
        times = Latencies([(10, 50), (20, 49), (30, 1)])
        found = [times.percentile(percent) for percent in (1, 50, 50.5, 99, 99.5, 100)]
        self.assertEqual(found, [10, 10, 20, 20, 30, 30])

    def test_ten_medians_are_not_yet_slow(self) -> None:
        self.assertEqual(Latencies([(10, 9), (100, 3), (101, 2)]).slow, 2)


if __name__ == "__main__":
    unittest.main()
