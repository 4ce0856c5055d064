// The series of a metric query as a table: also what the chart says to those who do not see it.
import { h, visible } from "/console/shell/dom.js";
import { counted, share } from "/console/shell/format.js";
import { swatch } from "./series-chart.js";

const most = 500;

/** `toggle(name)` draws a series in the chart, or leaves it out. */
export function metricTable({ series, kind, step }, hidden, toggle) {
  if (series.length === 0) return h("div", { class: "empty" }, h("h2", {}, "Nothing to count in this range."),
    h("p", { class: "soft" }, "The query is right, but nothing matches it at any step."));
  // Windows that overlap, and rates, add up to nothing.
  const isAdded = kind.isAdded && kind.window === step;
  const total = series.reduce((sum, one) => sum + one.sum, 0);
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))];
  const figure = value => (value === null ? "–" : kind.format(value));
  const heads = ["last", "max", "mean", ...(isAdded ? ["sum", "share"] : [])];
  return h("table", { class: "series-table" },
    h("caption", { class: "aloud" }, counted(series.length, "series", "series")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, labels.join(", ") || "series"),
      heads.map(name => h("th", { scope: "col", class: ["number", `is-${name}`] }, name)), h("th", { class: "rest" }))),
    h("tbody", {}, series.slice(0, most).map((one, index) => h("tr", {},
      h("th", { scope: "row" }, h("button", { type: "button", class: "quiet", disabled: index >= 10,
        "aria-pressed": String(index < 10 && !hidden.has(one.name)), title: "Draw it, or leave it out",
        on: { click: () => toggle(one.name) } },
        swatch(one), h("span", { class: "cut" }, visible(labels.length > 1
          ? labels.map(label => one.metric[label] ?? "–").join(", ") : one.name)))),
      [figure(one.last), figure(one.most), one.mean === null ? "–" : kind.unit === "duration" ? kind.format(one.mean)
        : one.mean.toFixed(one.mean < 10 ? 2 : 1), ...(isAdded ? [figure(one.sum), share(one.sum, total)] : [])]
        .map((text, at) => h("td", { class: ["number", `is-${heads[at]}`] }, text)), h("td", { class: "rest" })))));
}
