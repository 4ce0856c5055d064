// What stands on the time side of a row: the bar of a span, or the mark of a line, each with its text beside it.
// Positions are parts of the width, so that they follow when the pane changes its width.
import { h, visible } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { duration, exactTime } from "../shell/format.js";
import { ownParts } from "./model.js";
import { offsetText, percent } from "./scale.js";

/** Styles of geometry; everything else is in classes. */
function placed(element, left, width) {
  element.style.left = percent(left);
  if (width !== undefined) element.style.width = percent(width);
  return element;
}

/** The bar of a span on a scale. The duration stands right of it, in the gutter at the latest, and never covers a bar. */
export function spanBar(span, scale, { isCritical = false } = {}) {
  const [start, end] = [scale.at(span.start), scale.at(span.end)];
  const [left, right] = [Math.max(0, start), Math.min(1, end)];
  const text = [span.isError ? icon("error", "error") : null, duration(span.duration)];
  if (start > 1) return [placed(h("span", { class: ["beside", "outside"] }, text, h("i", {}, "›")), 1)];
  if (end < 0) return [placed(h("span", { class: ["beside", "outside", "at-left"] }, h("i", {}, "‹"), text), 0)];
  const width = right - left;
  const bar = placed(h("span", { class: ["took-bar", start < 0 && "cut-left", end > 1 && "cut-right"] },
    ownParts(span).map(([from, length]) => part("own", scale.at(from), scale.at(from + length), left, width))), left, width);
  const critical = isCritical ? (span.critical ?? []).map(([from, length]) => {
    const [a, b] = [Math.max(0, scale.at(from)), Math.min(1, scale.at(from + length))];
    return b > a || length === 0 ? placed(h("span", { class: "on-path" }), a, Math.max(0, b - a)) : null;
  }) : [];
  return [bar, critical, placed(h("span", { class: "beside" }, text), right)];
}

/** A part of a bar, in parts of the bar. */
function part(name, from, to, left, width) {
  const [a, b] = [Math.max(left, from), Math.min(left + width, to)];
  if (b < a || width <= 0) return width <= 0 ? placed(h("i", { class: name }), 0, 1) : null;
  return placed(h("i", { class: name }), (a - left) / width, (b - a) / width);
}

/** The mark of a line; its time stands right of it, what it says on the side that has more room. */
export function lineMark(line, scale, { start, showsClock = false } = {}) {
  const at = scale.at(line.offset);
  const time = showsClock ? exactTime(start + line.offset / 1000).join("") : offsetText(line.offset);
  if (at < 0) return [placed(h("span", { class: ["beside", "outside", "at-left"] }, h("i", {}, "‹"), time), 0)];
  if (at > 1) return [placed(h("span", { class: ["beside", "outside"] }, time, h("i", {}, "›")), 1)];
  const mark = placed(h("span", { class: "mark" }, icon(line.kind)), at);
  const says = h("span", { class: ["says", "cut"] }, visible(summaryOf(line)));
  const beside = placed(h("span", { class: ["beside", "of-line"] }, h("span", { class: "at" }, time), at <= 0.5 ? says : null), at);
  if (at <= 0.5) return [mark, beside];
  const before = h("span", { class: ["before", "cut"] }, visible(summaryOf(line)));
  before.style.width = percent(at);
  return [mark, before, beside];
}

const telling = ["peer", "status", "workload", "size", "state", "amount", "guild_id", "duration_ms"];
const usual = new Set(["level", "detected_level", "message", "msg", "job", "service", "service_name", "service_namespace", "trace_id",
  "span_id", "trace_sampled", "timestamp", "time", "ts", "version", "environment", "region", "component", "request_id", "operation"]);

/** What a line says beyond its message, in a few words. */
function summaryOf(line) {
  const fields = new Map(line.fields);
  const told = telling.filter(name => fields.has(name)).slice(0, 3);
  const names = told.length > 0 ? told : [...fields.keys()].filter(name => !usual.has(name) && name !== "error_message").slice(0, 3);
  const error = fields.get("error_message");
  return [error, ...names.map(name => `${name}=${fields.get(name)}`)].filter(Boolean).slice(0, error ? 2 : 3).join(" ");
}
