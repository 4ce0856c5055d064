"""Prepares a query as Grafana does before sending it: variables, formats, steps and time ranges."""
import json
import re
from dataclasses import dataclass
from urllib.parse import quote

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
# The steps that Grafana rounds to, in milliseconds.
STEPS = [1, 10, 20, 50, 100, 200, 500] + [1000 * seconds for seconds in (
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)]
# Prometheus's scrape interval: the data source's `timeInterval`.
SCRAPE = 10_000


def milliseconds(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|[smhdw])", text.strip())
    if not match:
        raise ValueError(f"{text} is no length of time; expected one such as 30s, 15m or 6h")
    return int(float(match[1]) * UNITS[match[2]])


def duration(value):
    """Milliseconds in query syntax."""
    return f"{value // 1000}s" if value % 1000 == 0 else f"{value}ms"


@dataclass(frozen=True)
class TimeRange:
    """In milliseconds. A range relative to now is delayed and shifted; a fixed one is only shifted."""
    start: int
    end: int
    follows_clock: bool

    @staticmethod
    def fixed(start, end):
        return TimeRange(start, end, False)

    @staticmethod
    def until(now, length):
        return TimeRange(int(now) - length, int(now), True)

    @property
    def length(self):
        return self.end - self.start

    def of_panel(self, delay, length, shift):
        """The range of a panel with `timeFrom` and `timeShift`: `timeFrom` ignores delays and fixed ranges."""
        start, end = self.start, self.end
        if self.follows_clock and length:
            start = end - length
        elif self.follows_clock:
            start, end = start - delay, end - delay
        return TimeRange(start - shift, end - shift, self.follows_clock)

    def step(self, points, least):
        wanted = self.length / max(1, points)
        # Halfway between two steps Grafana chooses the larger one.
        return max(least, min(reversed(STEPS), key=lambda step: abs(step - wanted)))


def formatted(value, format, language):
    """A variable's value in a query. A list means that several values are selected."""
    several = isinstance(value, list)
    values = value if several else [value]
    if format is None:
        if language in ("loki", "prometheus") and several:
            escaped = [re.sub(r"([\\^$*+?.()|{}\[\]\"])", lambda it: "\\\\" + it[0].replace("\\", "\\\\"), item)
                       for item in values]
            joined = "|".join(escaped)
            return f"({joined})" if language == "prometheus" and len(values) > 1 else joined
        format = "glob"
    if format == "glob":
        return "{" + ",".join(values) + "}" if len(values) > 1 else "".join(values)
    if format == "pipe":
        return "|".join(values)
    if format == "regex":
        escaped = [re.sub(r"([\\^$*+?.()|{}\[\]/])", r"\\\1", item) for item in values]
        return "(" + "|".join(escaped) + ")" if len(escaped) > 1 else "".join(escaped)
    if format in ("raw", "text", "csv"):
        return ",".join(values)
    if format == "percentencode":
        return quote(",".join(values), safe="")
    if format == "json":
        return json.dumps(value)
    raise ValueError(f"the format {format} of a variable is not known here")


class Everything(str):
    """A variable's `allValue`, which is not escaped in any format."""


def filled(text, values, language):
    """The text with `$name`, `${name}`, `${name:format}` and `[[name]]` filled in. Variables without a value stay."""
    def replaced(match):
        name = match["braced"] or match["plain"] or match["square"]
        if name not in values:
            return match[0]
        value = values[name]
        if isinstance(value, Everything):
            return str(value)
        return formatted(value, match["format"], language)
    return re.sub(
        r"\$\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|\$(?P<plain>[A-Za-z_]\w*)|\[\[(?P<square>\w+)\]\]", replaced, text)
