// What an opened row shows: all fields, the lines around it, and its trace in small.
import { copyButton } from "/console/shell/copy.js";
import { h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { around } from "./around.js";
import { miniTrace } from "./mini-trace.js";

/** Those that say most come first, those that are the same on every line last; what the row says already is folded. */
const early = ["trace_id", "span_id", "request_id", "error_type", "error_message", "operation", "status", "duration_ms",
  "component", "task_id", "guild_id"];
const late = ["trace_sampled", "version", "environment", "region"];
const folded = ["message", "timestamp", "service", "level", "detected_level", "job", "service_name", "service_namespace"];

function weight(name) {
  if (early.includes(name)) return early.indexOf(name);
  return late.includes(name) ? 1000 + late.indexOf(name) : folded.includes(name) ? 2000 + folded.indexOf(name) : 500;
}

/**
 * `acts` has `filterFor(name, value, line)`, `filterOut`, `toggleColumn(name)`, `hasColumn(name)`, `linesOf(trace)`,
 * `linkTo(line)`, `more(line)` (what a page that embeds the lines adds) and `traceAddress(trace, span)`.
 */
export function openedPanel(line, acts) {
  const fields = [...line.fields].sort((a, b) => weight(a[0]) - weight(b[0]));
  // Text that is no JSON is shown as it is: there may be more in it than in its fields.
  const raw = line.line.startsWith("{") || line.line === line.message ? null : h("pre", { class: "raw" }, visible(line.line));
  const first = fields.filter(([name]) => !folded.includes(name));
  const open = fields.length - first.length < 2 || first.length < 4 ? fields : first;
  const list = h("dl", { class: "fields", on: { keydown: moveAmongFields } },
    open.map(([name, value], index) => fieldRow(line, name, value, index, acts)));
  const rest = open === fields ? null : h("button", { type: "button", class: ["quiet", "rest-fields"], on: { click: () => {
    const more = fields.slice(open.length).map(([name, value]) => fieldRow(line, name, value, 1, acts));
    list.append(...more);
    rest.remove();
    more[0].focus();
  } } }, icon("plus"), `${fields.length - open.length} more fields that the row already shows`);
  return h("div", { class: "opened", role: "gridcell" },
    h("div", { class: "opened-left" },
      raw,
      h("div", {}, list, rest),
      around(line, acts),
      h("div", { class: ["row", "wrap"] }, copyButton(() => line.line, { class: "quiet" }, "Copy the line"),
        copyButton(() => acts.linkTo(line), { class: "quiet" }, "Copy a link to it"), acts.more?.(line))),
    line.trace ? miniTrace(line, acts) : null);
}

function fieldRow(line, name, value, index, acts) {
  const shown = visible(name);
  const isCut = value.length >= 1000 && value.endsWith("…");
  const button = (kind, title, label, run, properties) =>
    h("button", { type: "button", class: ["quiet", "only-icon"], tabindex: -1, title, "aria-label": label, ...properties,
    on: { click: run } }, icon(kind));
  return h("div", { class: ["field-row", value.length > 14 && "long"], tabindex: index === 0 ? 0 : -1, data: { field: name },
    "aria-label": `${shown}: ${visible(value).slice(0, 200)}` },
    h("dt", { class: "cut", title: shown }, shown),
    h("dd", { class: ["cut", "mono"], title: visible(value) }, value === "" ? h("span", { class: "faint" }, "empty") : visible(value)),
    h("span", { class: "acts" },
      button("include", isCut ? "The value is too long to be asked for" : "Filter for (+)", `Filter for ${shown}`,
        () => acts.filterFor(name, value, line), { disabled: isCut }),
      button("exclude", isCut ? "The value is too long to be asked for" : "Filter out (-)", `Filter out ${shown}`,
        () => acts.filterOut(name, value, line), { disabled: isCut }),
      button("column", "Column (x)", `Column ${shown}`, () => acts.toggleColumn(name),
        { "aria-pressed": String(acts.hasColumn(name)), "data-act": "column" }),
      copyButton(() => value, { class: ["quiet", "only-icon"], tabindex: -1, title: "Copy", "aria-label": `Copy ${shown}` }, null)));
}

/** Arrows move among the fields and their buttons; the page does not scroll by them. */
function moveAmongFields(event) {
  const row = event.target.closest(".field-row");
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!row || !step) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    if (!next) return;
    row.tabIndex = -1;
    next.tabIndex = 0;
    return void next.focus();
  }
  const places = [row, ...row.querySelectorAll("button:not(:disabled)")];
  places[Math.max(0, Math.min(places.length - 1, places.indexOf(document.activeElement) + step))].focus();
}
