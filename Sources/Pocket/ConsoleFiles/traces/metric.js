// A TraceQL query that returns numbers: its series as a chart and as a table, drawn as those of LogQL are.
import { fill, h } from "/console/shell/dom.js";
import { styles } from "/console/shell/styles.js";
import { withoutTexts } from "/console/shell/classify.js";
import { get } from "/console/shell/api.js";
import { count, counted, duration } from "/console/shell/format.js";
import { metricTable } from "/console/logs/metric-table.js";
import { number } from "/console/logs/metric.js";
import { seriesChart } from "/console/logs/series-chart.js";
import { setRange } from "/console/shell/range.js";

const niceSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
const mostCurves = 10;
const functions = /\|\s*(rate|count_over_time|quantile_over_time|histogram_over_time|min_over_time|max_over_time|avg_over_time|sum_over_time)\s*\(\s*([\w.:]*)/;

/** Whether a query returns numbers instead of traces. */
export function isMetric(text) { return functions.test(withoutTexts(text)); }

/** What its numbers mean. */
function nature(text, step) {
  const [, name, field] = functions.exec(withoutTexts(text));
  const isTime = /^(?:span:|trace:)?(?:duration|traceDuration)$/.test(field);
  const isSum = name === "rate" || name === "count_over_time" || name === "histogram_over_time";
  const unit = name === "rate" ? "spans a second" : isSum ? `spans in ${duration(step * 1e9).replace(/\.0+ /, " ")}` : isTime ? "duration"
    : "";
  return { isSum: name === "count_over_time", window: step, unit, format: isTime && !isSum ? value => duration(value * 1e9) : number };
}

export function metricView() {
  styles("/console/logs/logs.css");
  const head = h("p", { class: "counts" });
  const note = h("p", { class: ["small", "soft"], hidden: true });
  const table = h("div", { class: "metric-table" });
  const chart = seriesChart();
  // The rules for series are those of the Logs page.
  const element = h("section", { class: ["logs", "metric"], hidden: true }, head, chart.element, note, table);
  const hidden = new Set();

  async function ask(text, { from, to }, signal) {
    const step = niceSteps.find(step => (to - from) / 1e6 / step <= 90) ?? 86400;
    // Whole steps, so that a chart that moves on does not tremble.
    const start = Math.ceil(from / 1e6 / step) * step;
    const end = Math.max(start + step, Math.floor(to / 1e6 / step) * step);
    const answer = await get("/tempo/api/metrics/query_range", { q: text, start, end, step: `${step}s` }, signal);
    const steps = Math.round((end - start) / step) + 1;
    const kind = nature(text, step);
    return { text, kind, step, steps, start, from, to, series: answer.series.map(one => series(one, start, step, steps)) };
  }

  function series({ labels, samples }, start, step, steps) {
    const points = Array(steps).fill(null);
    for (const { timestampMs, value } of samples) {
      const index = Math.round((timestampMs / 1000 - start) / step);
      // A zero is left out of the answer.
      if (index >= 0 && index < steps) points[index] = value ?? 0;
    }
    const metric = Object.fromEntries(labels.map(({ key, value }) => [key === "resource.service.name" ? "service" : key,
      String(Object.values(value)[0])]));
    const names = Object.values(metric);
    const known = points.filter(value => value !== null);
    const sum = known.reduce((sum, value) => sum + value, 0);
    return { metric, points, name: names.length === 0 ? "all spans" : names.join(", "), sum, last: known.at(-1) ?? null,
      most: known.length ? Math.max(...known) : null, mean: known.length ? sum / known.length : null };
  }

  function show(shown) {
    element.hidden = false;
    shown.series.sort((a, b) => b.sum - a.sum || a.name.localeCompare(b.name, "en", { numeric: true }));
    shown.series.forEach((series, index) => { series.style = index % mostCurves; });
    const steps = `${counted(shown.steps, "step")} of ${duration(shown.step * 1e9).replace(/\.0+ /, " ")}`;
    fill(head, h("span", { class: "tally" }, h("b", {}, count(shown.series.length)),
      h("span", { class: "soft" }, ` series, ${[steps, shown.kind.unit].filter(Boolean).join(" · ")}`)));
    note.hidden = shown.series.length <= mostCurves;
    if (!note.hidden) fill(note, `Only the ${mostCurves} largest of ${count(shown.series.length)} series are drawn; the table has all.`);
    chart.draw({ ...shown, series: shown.series.slice(0, mostCurves).filter(series => !hidden.has(series.name)), chart: "lines",
      onStep() {}, onSelect: setRange });
    fill(table, shown.series.length ? metricTable(shown, hidden, name => { if (!hidden.delete(name)) hidden.add(name); show(shown); })
      : h("div", { class: "empty" }, h("h2", {}, "Nothing to count in this range.")));
  }
  return { element, ask, show, hide() { element.hidden = true; } };
}
