"""The queries of a dashboard."""
import json
import re
from dataclasses import dataclass, field

from grafana import Everything, SCRAPE, TimeRange, duration, filled, milliseconds

# The metrics of the service map's edges.
SERVICE_GRAPH = ["request_total", "request_failed_total", "request_server_seconds_sum"]


@dataclass
class Question:
    """A query of a panel, an annotation or a variable."""
    dashboard: str
    place: str
    # The store that answers it: loki, tempo or prometheus.
    store: str
    text: str
    # range, instant, search or values
    form: str
    values: dict = field(default_factory=dict)
    limit: int = 0
    exemplars: int = 0
    spans: int = 3
    points: int = 1000
    # The minimum step, or 0.
    least: int = 0
    # The step given in the query itself, or 0.
    own_step: int = 0
    delay: int = 0
    length: int = 0
    shift: int = 0
    # Why there may be no rows, as the dashboard explains it.
    excuse: str = ""

    def window(self, range: TimeRange):
        return range.of_panel(self.delay, self.length, self.shift)

    def step(self, window):
        return self.own_step or window.step(self.points, self.least)

    def query(self, window):
        """The query as sent to the store."""
        step = self.step(window)
        auto = window.length if self.form == "instant" else step
        own = {
            "__interval": duration(step), "__interval_ms": str(step), "__auto": duration(auto),
            "__rate_interval": duration(max(step + SCRAPE, 4 * SCRAPE)),
            "__range": duration(window.length // 1000 * 1000), "__range_s": str(window.length // 1000),
            "__range_ms": str(window.length), "__from": str(window.start), "__to": str(window.end),
        }
        return filled(self.text, {**self.values, **own}, self.store)


class Dashboard:
    def __init__(self, path):
        self.name = path.stem
        try:
            self.json = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path} is no JSON: {error}") from error
        if not isinstance(self.json, dict) or not isinstance(self.json.get("panels"), list):
            raise ValueError(f"{path} is no dashboard: it has no panels")
        self.variables = self.json.get("templating", {}).get("list", [])

    @property
    def variable_names(self):
        return {variable["name"] for variable in self.variables}

    def questions(self, chosen, width):
        values = self.values(chosen)
        delay = milliseconds(self.json.get("timepicker", {}).get("nowDelay") or "0s")
        for panel in self.panels():
            for target in panel.get("targets", []):
                if not target.get("hide"):
                    yield from self.of_target(panel, target, values, delay, width)
        for annotation in self.json.get("annotations", {}).get("list", []):
            yield from self.of_annotation(annotation, values, delay)
        for variable in self.variables:
            if variable.get("type") == "query":
                yield self.of_variable(variable, values)

    def panels(self):
        """All panels, including those in collapsed rows."""
        for panel in self.json["panels"]:
            yield panel
            yield from panel.get("panels", [])

    def values(self, chosen):
        values = {}
        for variable in self.variables:
            values[variable["name"]] = self.value(variable, chosen.get(variable["name"]), values)
        return values

    def value(self, variable, chosen, others):
        """The variable's value when the dashboard is opened."""
        several = variable.get("multi") or variable.get("includeAll")
        if chosen is not None:
            return chosen if several else chosen[0]
        current = variable.get("current", {}).get("value", "")
        if variable.get("type") != "custom":
            return current
        texts = re.findall(r"(?:\\,|[^,])+", filled(variable["query"], others, ""))
        options = [text.strip() for text in texts if text.strip()]
        if current in ("$__all", ["$__all"]):
            return Everything(variable["allValue"]) if variable.get("allValue") else options
        if several:
            return current
        return current if current in options else options[0] if options else ""

    def of_target(self, panel, target, values, delay, width):
        source = (target.get("datasource") or panel.get("datasource") or {}).get("uid", "")
        title = panel.get("title", "")
        several = len(panel["targets"]) > 1
        common = {
            "dashboard": self.name, "place": f"{title}, {target.get('refId')}" if several else title,
            "store": source, "values": values, "delay": delay, "excuse": excuse(panel),
            "length": milliseconds(panel.get("timeFrom") or "0s"),
            "shift": milliseconds(panel.get("timeShift") or "0s"),
            "points": panel.get("maxDataPoints") or width * panel.get("gridPos", {}).get("w", 24) // 24,
            "least": milliseconds(panel.get("interval") or "0s"),
        }
        if target.get("queryType") == "serviceMap":
            selector = target.get("serviceMapQuery", "")
            for name in SERVICE_GRAPH:
                text = f"sum by (client, server) (rate(traces_service_graph_{name}{selector}[$__range]))"
                edge = {**common, "store": "prometheus", "place": f"{title}, {name}"}
                yield Question(**edge, text=text, form="instant")
        elif source == "tempo":
            kind = target.get("metricsQueryType")
            yield Question(
                **common, text=target.get("query", ""), form=kind or "search", limit=target.get("limit", 20),
                exemplars=target.get("exemplars") or 0, spans=target.get("spss", 3),
                own_step=milliseconds(target.get("step") or "0s"))
        else:
            instant = target.get("queryType") == "instant" or target.get("instant")
            yield Question(
                **common, text=target.get("expr", ""), form="instant" if instant else "range",
                limit=target.get("maxLines") or 1000, exemplars=1 if target.get("exemplar") else 0)

    def of_annotation(self, annotation, values, delay):
        source = annotation.get("datasource", {}).get("uid", "")
        target = annotation.get("target") or annotation
        text = target.get("expr") or annotation.get("expr")
        if text:
            yield Question(
                dashboard=self.name, place=f"annotation “{annotation['name']}”", store=source, text=text,
                form="range", values=values, delay=delay,
                limit=target.get("maxLines") or annotation.get("maxLines") or 100,
                least=milliseconds(target.get("interval") or "0s"), excuse="A mark stands where something happened.")

    def of_variable(self, variable, values):
        asked = variable.get("query")
        text = asked.get("stream", "") if isinstance(asked, dict) else str(asked)
        label = asked.get("label", "") if isinstance(asked, dict) else ""
        return Question(
            dashboard=self.name, place=f"variable {variable['name']}", text=text, form="values",
            store=variable.get("datasource", {}).get("uid", ""), values={**values, "label": label})


def excuse(panel):
    """The sentence in which a panel explains why it may have no rows; empty if there is none."""
    text = panel.get("fieldConfig", {}).get("defaults", {}).get("noValue", "")
    if " " in text:
        return text
    sentences = re.split(r"(?<=[.:;])\s+", panel.get("description", ""))
    words = re.compile(r"\b(empty|nothing is drawn|there (is|are) none|none where|only where|without)\b", re.IGNORECASE)
    return next((sentence for sentence in sentences if words.search(sentence)), "")
