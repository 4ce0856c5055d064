// A query that returns numbers: which steps it is asked at, its series, the chart and the table.
import { h, fill } from "/console/shell/dom.js";
import { get } from "/console/shell/api.js";
import { change } from "/console/shell/address.js";
import { count, counted, duration, nanoseconds } from "/console/shell/format.js";
import { setRange } from "/console/shell/range.js";
import { metricTable } from "./metric-table.js";
import { seriesChart } from "./series-chart.js";
import { parse } from "./query.js";

const niceSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
const units = { ns: 1e-9, "µs": 1e-6, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 };
/** More curves than these are told apart by nobody: the table has them all. */
const mostCurves = 10;

/** The seconds of `5m` or `1h30m`. */
export function seconds(text) {
  let sum = 0;
  for (const [, number, unit] of (text ?? "").matchAll(/(\d+(?:\.\d+)?)(ns|µs|us|ms|s|m|h|d|w|y)/g)) sum += Number(number) * units[unit];
  return sum > 0 ? sum : null;
}

/** What is computed: whether steps without a line are zero, whether sums make sense, and the unit. */
export function nature(text) {
  const query = parse(text);
  const names = query.tokens.filter(token => token.kind === "name").map(token => token.text);
  const isCounted = names.some(name => ["count_over_time", "rate", "bytes_over_time", "bytes_rate"].includes(name))
    && !names.includes("unwrap");
  const isRatio = query.tokens.some(token => token.kind === "symbol" && ["/", "*", "%"].includes(token.text));
  const window = seconds(query.pipelines[0]?.range?.value);
  const unwrapped = names[names.indexOf("unwrap") + 1];
  const isSum = isCounted && !isRatio;
  const unit = isRatio ? "" : names.includes("count_over_time") && isCounted
    ? `lines in ${duration(window * 1e9).replace(/\.0+ /, " ")}` : names.includes("rate") && isCounted ? "lines a second"
    : names.includes("bytes_over_time") ? "bytes" : names.includes("bytes_rate") ? "bytes a second" : names.includes("unwrap")
      && unwrapped === "duration_ms" && !names.some(name => ["rate", "stdvar_over_time"].includes(name)) ? "duration" : "";
  return { isSum, window, unit, isAdded: isSum && names.some(name => ["count_over_time", "bytes_over_time"].includes(name)),
    format: unit === "duration" ? value => duration(value * 1e6) : number };
}

/** A number in three digits, or whole. */
export function number(value) {
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞");
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return count(value);
  return Number(value.toPrecision(3)).toString();
}

/** `change({query, from, to})` by a press on a step; `kind` is `lines`, `bars` or `stacked`. */
export function metricView() {
  const head = h("div", { class: "count-bar" });
  const place = h("div", {});
  const note = h("p", { class: ["small", "soft"], hidden: true });
  const table = h("div", { class: "metric-table" });
  const element = h("section", { class: "metric" }, head, place, note, table);
  const chart = seriesChart();
  place.append(chart.element);
  let shown = null;
  let hidden = new Set();

  /** Asks, and returns what `show` shows. */
  async function ask(text, { from, to }, signal) {
    const kind = nature(text);
    const length = (to - from) / 1e6;
    const step = kind.window && length / kind.window >= 10 && length / kind.window <= 500 ? kind.window
      : niceSteps.find(step => length / step <= 90) ?? 86400;
    // Whole steps, so that a chart that moves on does not tremble.
    const start = (Math.floor(from / 1e6 / step) + 1) * step;
    const end = Math.max(start, Math.floor(to / 1e6 / step) * step);
    const answer = await get("/loki/api/v1/query_range",
      { query: text, start: nanoseconds(start * 1e6), end: nanoseconds(end * 1e6), step }, signal);
    const steps = Math.round((end - start) / step) + 1;
    return { text, kind, step, steps, start, from, to,
      series: (answer.data.result ?? []).map(result => series(result, start, step, steps, kind.isSum)) };
  }

  function series({ metric, values }, start, step, steps, isSum) {
    const points = Array(steps).fill(isSum ? 0 : null);
    for (const [at, value] of values ?? []) {
      const index = Math.round((at - start) / step);
      if (index >= 0 && index < steps) points[index] = Number(value);
    }
    const labels = Object.entries(metric);
    const known = points.filter(value => value !== null && !Number.isNaN(value));
    return { metric, points, name: labels.length === 0 ? "all lines" : labels.length === 1 ? labels[0][1] || "none"
      : labels.map(([name, value]) => `${name}=${value}`).join(", "),
      sum: known.reduce((sum, value) => sum + value, 0), last: known.at(-1) ?? null,
        most: known.length ? Math.max(...known) : null,
        mean: known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null };
  }

  function show(next, kind) {
    shown = next;
    shown.series.sort((a, b) => b.sum - a.sum || a.name.localeCompare(b.name, "en", { numeric: true }));
    shown.series.forEach((series, index) => { series.style = index % mostCurves; });
    const drawn = shown.series.slice(0, mostCurves).filter(series => !hidden.has(series.name));
    fill(head, h("span", { class: "figures" }, h("strong", { class: "strong" }, count(shown.series.length)),
      h("span", { class: "soft" }, ` series, ${counted(shown.steps, "step")} of ${duration(shown.step * 1e9).replace(/\.0+ /, " ")}`,
        shown.kind.unit ? ` · ${shown.kind.unit}` : "")),
    h("span", { class: ["small", "faint", "hint"] }, "Point at a moment to read all; click it, or press Enter, to see its lines."),
    h("span", { class: ["segments", "tools"], role: "group", "aria-label": "Drawn as" },
      [["lines", "Lines"], ["bars", "Bars"], ["stacked", "Stacked"]].map(([value, name]) =>
      h("button", { type: "button", "aria-pressed": String(kind === value),
        on: { click: () => change({ chart: value === "lines" ? null : value }, { replace: true }) } }, name))));
    note.hidden = shown.series.length <= mostCurves;
    if (!note.hidden) fill(note, `Only the ${mostCurves} largest of ${count(shown.series.length)} series are drawn; the table has all.`);
    chart.draw({ ...shown, series: drawn, chart: kind, onStep: look, onSelect: setRange });
    fill(table, metricTable(shown, hidden, name => { if (!hidden.delete(name)) hidden.add(name); show(shown, kind); }));
  }

  /** The lines of a step: those that its window counts. */
  function look(index) {
    const { text, kind, start, step } = shown;
    const [pipeline] = parse(text).pipelines;
    const end = start + index * step;
    const from = end - (kind.window ?? step);
    change({ query: text.slice(pipeline.start, pipeline.end).replace(/\s*\[[^\]]*\]\s*/g, " ").trim(),
      from: Math.round(from * 1000), to: Math.round(end * 1000), line: null });
  }
  return { element, ask, show, clear() { hidden = new Set(); } };
}
