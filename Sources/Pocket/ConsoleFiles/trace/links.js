// Where a trace leads to: its lines, what was written around a span, other traces.
import { addressWith } from "../shell/address.js";
import { keptRange, range } from "../shell/range.js";
import { attributePath, quoted } from "../shell/traceql.js";

/** The LogQL of the lines of a trace. */
export function linesQuery(id) { return `{service=~".+"} | trace_id="${id}"`; }

/**
 * The lines of a trace on the Logs page; `line` is the key of the one to open. The range stays if it holds them all: what is
 * counted next should be counted in the same time.
 */
export function linesLink(trace, line = null) {
  const offsets = trace.lines.map(line => line.offset);
  const first = Math.min(0, offsets[0] ?? 0);
  const last = Math.max(trace.duration, offsets.at(-1) ?? 0);
  const { from, to } = range();
  const isWithin = from <= trace.start + first / 1000 && trace.start + last / 1000 <= to;
  return addressWith({ query: linesQuery(trace.id), ...(isWithin ? keptRange() : around(trace, first, last)), line: line?.key }, "/logs");
}

/** Everything that was written from one second before a span until one second after it. */
export function aroundLink(trace, start, end) {
  return addressWith({ query: `{service=~".+"}`, ...around(trace, start, end) }, "/logs");
}

/** A second before and after, as whole milliseconds. */
function around(trace, first, last) {
  return { from: String(Math.floor((trace.start + first / 1000) / 1000) - 1000),
    to: String(Math.ceil((trace.start + last / 1000) / 1000) + 1000) };
}

/** Traces that have a span with this attribute. */
export function alikeLink(name, value, scope = "span") {
  const text = typeof value === "number" || typeof value === "boolean" ? String(value) : quoted(String(value));
  return addressWith({ query: `{ ${attributePath(scope, name)} = ${text} }` }, "/traces");
}
