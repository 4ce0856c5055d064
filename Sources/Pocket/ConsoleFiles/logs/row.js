// One line in the list: its time, level, service, message with the telling fields, and its trace.
import { h, service, visible } from "/console/shell/dom.js";
import { exactTime, moment } from "/console/shell/format.js";
import { icon, levelIcon } from "/console/shell/icons.js";
import { shown, telling } from "./telling.js";

/**
 * The row at `index`; `line` is missing while it is fetched. `panel` is what an opened row shows. `columns` are names of
 * fields, `traceAddress(trace, span)` is where the trace's link leads.
 */
export function buildRow({ index, line, columns, panel, isActive, traceAddress }) {
  if (!line || line.isGone) return placeholder(index, line);
  const cell = (kind, ...content) => h("span", { class: kind, role: "gridcell" }, content);
  const [time, micros] = exactTime(moment(line.time));
  const fields = new Map(line.fields);
  return h("div", { class: ["line", panel && "open"], role: "row", tabindex: isActive ? 0 : -1, "aria-rowindex": index + 2,
    "aria-expanded": String(Boolean(panel)), data: { index, key: line.key } },
  h("div", { class: "line-head", role: "none" },
    h("span", { class: "fold", role: "none" }, icon(panel ? "down" : "right")),
    cell("time", time, h("span", { class: "micros" }, " ", micros)),
    cell("level", levelIcon(line.level)),
    cell("of", service(line.service)),
    columns.map(name => cell(["column", "cut"], fields.has(name)
      ? h("span", { data: { name }, title: visible(fields.get(name)) }, shown(name, fields.get(name))) : "")),
    cell("message", h("span", { class: "said" }, visible(line.message)), h("code", { class: "tells" },
      columns.filter(name => fields.has(name)).map(name =>
        h("span", { class: "narrow-only" }, h("span", { class: "faint" }, name + "="), shown(name, fields.get(name)), "  ")),
        telling(line, columns))),
    cell("trace", line.trace ? h("a", { href: traceAddress(line.trace, line.span),
      data: { trace: line.trace, span: line.span ?? "" }, tabindex: -1, title: "Open its trace at this span (o)" },
      h("code", {}, line.trace.slice(0, 8))) : "")),
  panel);
}

function placeholder(index, line) {
  return h("div", { class: ["line", "absent"], role: "row", tabindex: -1, "aria-rowindex": index + 2, data: { index } },
    h("div", { class: "line-head", role: "gridcell" }, line?.isGone
      ? h("span", { class: ["faint", "message"] }, "This line is no longer stored.")
      : [h("span"), h("span", { class: "waiting" }), h("span"), h("span", { class: "waiting" }),
        h("span", { class: ["waiting", "message"] })]));
}

/** The names of the columns. */
export function columnHeads(columns, zone) {
  const head = (text, kind) => h("span", { class: kind, role: "columnheader" }, text);
  return h("div", { class: ["line-head", "heads"], role: "row", "aria-rowindex": 1 }, h("span", { role: "none" }),
    head(`Time, ${zone}`, "time"), head(h("span", { class: "aloud" }, "Level"), "level"), head("Service", "of"),
    columns.map(name => head(name, ["column", "cut"])), head("Message and fields", "message"), head("Trace", "trace"));
}
