"""Queries Loki, Tempo and Prometheus over HTTP."""
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """The store rejected the query, or its answer cannot be read."""


class Stores:
    def __init__(self, loki, tempo, prometheus, tenant, timeout):
        self.urls = {"loki": loki, "tempo": tempo, "prometheus": prometheus}
        self.tenant = tenant
        self.timeout = timeout

    def ask(self, question, range):
        """Sends a question, and returns the result as a row of the report."""
        row = {"dashboard": question.dashboard, "panel": question.place, "status": "ok", "rows": 0, "ms": 0, "note": ""}
        if question.store not in self.urls:
            return {**row, "status": "skipped", "note": f"the data source {question.store} is not known here"}
        if not self.urls[question.store]:
            return {**row, "status": "skipped", "note": f"--{question.store} is not given"}
        window = question.window(range)
        start = time.monotonic()
        try:
            text = question.query(window)
            row["query"] = text
            row["rows"] = getattr(self, "of_" + question.store)(question, text, window)
        except (Refused, ValueError) as error:
            row.update(status="error", note=str(error))
        row["ms"] = round((time.monotonic() - start) * 1000)
        if row["status"] == "ok" and not row["rows"]:
            row.update(status="none" if question.excuse else "empty", note=question.excuse)
        return row

    def of_loki(self, question, text, window):
        if question.form == "values":
            path = f"/loki/api/v1/label/{question.values['label']}/values"
            return len(self.get("loki", path, query=text, start=window.start * 10**6, end=window.end * 10**6)["data"])
        if question.form == "instant":
            answer = self.get("loki", "/loki/api/v1/query", query=text, time=window.end * 10**6, limit=question.limit)
        else:
            answer = self.get(
                "loki", "/loki/api/v1/query_range", query=text, start=window.start * 10**6, end=window.end * 10**6,
                step=f"{question.step(window)}ms", limit=question.limit, direction="backward")
        return self.series(answer)

    def of_prometheus(self, question, text, window):
        if question.form == "values":
            match = re.fullmatch(r"label_values\((?:(.*),\s*)?(\w+)\)", text)
            if not match:
                raise Refused(f"{text} is no label_values(metric, label)")
            chosen = {"match[]": match[1]} if match[1] else {}
            return len(self.get("prometheus", f"/api/v1/label/{match[2]}/values", **chosen)["data"])
        if question.form == "instant":
            return self.series(self.get("prometheus", "/api/v1/query", query=text, time=window.end / 1000))
        # Grafana queries at multiples of the step, so that a refresh does not move points.
        step = max(1000, question.step(window)) // 1000
        start, end = (moment // 1000 // step * step for moment in (window.start, window.end))
        if question.exemplars:
            self.get("prometheus", "/api/v1/query_exemplars", query=text, start=start, end=end)
        return self.series(self.get("prometheus", "/api/v1/query_range", query=text, start=start, end=end, step=step))

    def of_tempo(self, question, text, window):
        text = text.strip()
        if not text:
            raise Refused("the query is empty")
        range = {"start": window.start // 1000, "end": -(-window.end // 1000)}
        if question.form == "search" and re.fullmatch("[0-9a-fA-F]{1,32}", text):
            answer = self.get("tempo", "/api/v2/traces/" + text.zfill(32))
            batches = (answer.get("trace") or {}).get("resourceSpans", [])
            return sum(len(scope.get("spans", [])) for batch in batches for scope in batch.get("scopeSpans", []))
        if question.form == "search":
            answer = self.get("tempo", "/api/search", q=text, limit=question.limit, spss=question.spans, **range)
            sets = [each for trace in answer.get("traces") or [] for each in trace.get("spanSets") or []]
            return sum(len(each.get("spans", [])) for each in sets)
        if question.form == "instant":
            answer = self.get("tempo", "/api/metrics/query", q=text, **range)
        else:
            more = {"exemplars": question.exemplars} if question.exemplars else {}
            answer = self.get(
                "tempo", "/api/metrics/query_range", q=text, step=f"{question.step(window)}ms", **range, **more)
        return len(answer.get("series") or [])

    def newest_trace(self, range):
        """The id of the newest request that went through the whole chain; `None` if there is none."""
        answer = self.get(
            "tempo", "/api/search", limit=1, start=range.start // 1000, end=range.end // 1000,
            q='{ resource.service.namespace = "tailspan" && kind = server } && '
              '{ resource.service.name = "executor" } with (most_recent=true)')
        traces = answer.get("traces") or []
        return traces[0]["traceID"].zfill(32) if traces else None

    @staticmethod
    def series(answer):
        """The number of lines or series in an answer of Loki or Prometheus."""
        data = answer["data"]
        results = data.get("result") or []
        for result in results:
            error = (result.get("stream") or result.get("metric") or {}).get("__error__")
            if error:
                raise Refused(f"a line could not be read: {error}")
        if data.get("resultType") == "streams":
            return sum(len(stream["values"]) for stream in results)
        return len(results)

    def get(self, store, path, **parameters):
        url = self.urls[store].rstrip("/") + path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        headers = {"Accept": "application/json"}
        if self.tenant and store != "prometheus":
            headers["X-Scope-OrgID"] = self.tenant
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=self.timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read(2000).decode("utf-8", "replace").strip()
            raise Refused(f"{error.code} {' '.join(said.split()) or error.reason}"[:300]) from error
        except (urllib.error.URLError, OSError) as error:
            raise Refused(f"{self.urls[store]} does not answer: {getattr(error, 'reason', error)}") from error
        except json.JSONDecodeError as error:
            raise Refused(f"the answer is no JSON: {error}") from error
