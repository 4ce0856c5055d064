"""Answer times of one round, one for each request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A request that took more than this many medians is slow: it waited for something that others did not wait for.
SLOW = 10


@dataclass(frozen=True)
class Latencies:
    """Counts of answer times in microseconds, by rising time."""

    counts: Sequence[tuple[int, int]]

    @property
    def requests(self) -> int:
        return sum(count for _, count in self.counts)

    def percentile(self, percent: float) -> int:
        """The smallest time that at least so many per cent of the requests did not exceed, in microseconds."""
        rank = percent / 100 * self.requests
        passed = 0
        for time, count in self.counts:
            passed += count
            if passed >= rank:
                return time
        raise ValueError("no answer times")

    @property
    def slowest(self) -> int:
        return self.counts[-1][0]

    @property
    def slow(self) -> int:
        """How many requests took more than ten times the median."""
        bound = SLOW * self.percentile(50)
        return sum(count for time, count in self.counts if time > bound)


def uncorrected(counts: Iterable[tuple[int, int]], interval: int) -> Latencies:
    """The times that wrk measured, from those that it reports. `interval` is in microseconds.

    wrk assumes that each connection would have sent a request every `interval` (the round's time, divided by the
    requests per connection) and adds the ones that an answer slower than two intervals would have kept waiting: for a
    time t it counts t - interval, t - 2 * interval and so on down to one interval. One request that waits for 2 s would
    become dozens. The additions only go downward, so taking them away from the slowest time on leaves what was
    measured.
    """
    left = dict(counts)
    for time in sorted(left, reverse=True):
        if time < 2 * interval:
            break
        count = left[time]
        added = time - interval
        while count and added > interval:
            left[added] = left.get(added, 0) - count
            added -= interval
    if any(count < 0 for count in left.values()):
        raise ValueError("wrk did not correct its answer times in the way that was expected")
    return Latencies([(time, left[time]) for time in sorted(left) if left[time]])
