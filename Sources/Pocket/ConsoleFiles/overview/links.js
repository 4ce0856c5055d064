// Where the figures lead: the traces or the lines that they count.
import { addressWith } from "/console/shell/address.js";
import { fixedRange } from "/console/shell/range.js";
import { oneOf } from "/console/logs/edit.js";

const requests = "(kind = server || kind = consumer)";

/** Traces that match a query. `within` is `{from, to}` for the address. */
export function traces(query, within = fixedRange(), more = {}) {
  return addressWith({ query, ...within, ...more }, "/traces");
}

/** The requests of a service, with a further condition where one is given. */
export function requestsOf(service, within, condition) {
  const parts = [`resource.service.name = ${quoted(service)}`, requests, condition].filter(Boolean);
  return traces(`{ ${parts.join(" && ")} }`, within);
}

/** The traces in which one service called another. */
export function calls(from, to, within, isFailed) {
  const end = `resource.service.name = ${quoted(to)} && ${requests}${isFailed ? " && status = error" : ""}`;
  return traces(`{ resource.service.name = ${quoted(from)} } > { ${end} }`, within);
}

/** A duration as TraceQL takes it, just below the one that was counted. */
export function slowerThan(ns) {
  const [unit, size] = ns >= 1e9 ? ["s", 1e9] : ns >= 1e6 ? ["ms", 1e6] : ["us", 1e3];
  return `duration >= ${Math.floor(ns / size * 100) / 100}${unit}`;
}

/** Lines: of one level, or of any of several. They are counted by the level that every line has, not only some streams. */
export function lines(levels, within = fixedRange(), more = {}) {
  const names = [levels].flat();
  const level = names.length ? ` | ${oneOf("detected_level", names)}` : "";
  return addressWith({ query: `{service=~".+"}${level}`, ...within, ...more }, "/logs");
}

/** The lines of a service. */
export function linesOf(service, within) { return addressWith({ query: `{service=${quoted(service)}}`, ...within }, "/logs"); }

/** The last minute of a range that ends at a moment. */
export function minuteBefore(end) {
  return { from: String(Math.round((end - 60e6) / 1000)), to: String(Math.round(end / 1000)) };
}

function quoted(text) { return JSON.stringify(text); }
