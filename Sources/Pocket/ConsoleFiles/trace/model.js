// A trace as a tree: pure functions on the answer of `/console/api/trace/ID`, without any document. The pages that show
// a tree (Trace, Compare, Send, Incident) begin here, and draw with `drawTree` of draw.js or with `mountTrace` of mount.js:
//
//   const trace = readTrace(json);
//   trace.roots, trace.spans (tree order), trace.byId, trace.services, trace.errors, trace.lines
//   const rows = visibleRows(trace, usualView(trace));     // [{kind: "span", span, …} | {kind: "line", line, …}]
//
// Times are numbers of nanoseconds from the trace's start; `trace.start` is a moment (µs since the epoch).
import { moment } from "../shell/format.js";
import { levelKind } from "../shell/icons.js";

/** A trace of more spans than this opens folded to `deepest`. */
const many = 1000;
export const deepest = 3;
/** A healthy call that took less than this part of the trace starts folded. */
const shortPart = 0.05;

/**
 * Adds to each span: `depth`, `up` (the span above, or null), `children`, `lines`, `items` (both, by time), `end`,
 * `isError`, `answer` (its status as a text), `peer`, `isOrphan` (it names a parent that is not there) and `within` (what is below it:
 * `{spans, errors, lines, notable}`, and the `end` of the last of it).
 */
export function readTrace(json) {
  const byId = new Map();
  const roots = [];
  const spans = json.spans.map((given, index) => {
    const up = byId.get(given.parent) ?? null;
    const span = { ...given, index, up, depth: up ? up.depth + 1 : 0, end: given.start + given.duration, children: [], lines: [],
      items: [], isError: given.status === "error", isOrphan: !up && given.parent !== null,
      within: { spans: 0, errors: 0, lines: 0, notable: 0, end: given.start + given.duration } };
    span.answer = answerOf(span);
    (up ? up.children : roots).push(span);
    byId.set(given.id, span);
    return span;
  });
  const loose = [];
  const lines = json.lines.map((given, index) => {
    const span = byId.get(given.span) ?? null;
    const line = { ...given, index, on: span, kind: levelKind(given.level) };
    (span ? span.lines : loose).push(line);
    return line;
  });
  // Children come after their parents: backwards, each is complete when it is counted into the one above.
  for (const span of spans.toReversed()) {
    span.peer = peerOf(span);
    span.items = byTime(span.children, span.lines);
    const { within, up } = span;
    within.lines += span.lines.length;
    within.notable += span.lines.filter(isNotable).length;
    if (!up) continue;
    up.within.spans += within.spans + 1;
    up.within.errors += within.errors + (span.isError ? 1 : 0);
    up.within.lines += within.lines;
    up.within.notable += within.notable;
    up.within.end = Math.max(up.within.end, within.end);
  }
  return { id: json.id, start: moment(json.start), duration: Math.max(1, json.duration), complete: json.complete,
    resources: json.resources ?? [], spans, byId, roots, lines, loose, items: byTime(roots, loose),
    linesCut: json.linesCut === true, errors: spans.filter(span => span.isError), services: servicesOf(spans),
    isLarge: spans.length > many };
}

function isNotable(line) { return line.kind !== "info"; }

/** Spans by their start and lines by their time, in one order; a line stands after what began before it. */
function byTime(spans, lines) {
  const items = [];
  let next = 0;
  for (const span of spans) {
    while (next < lines.length && lines[next].offset < span.start) items.push({ line: lines[next++] });
    items.push({ span });
  }
  while (next < lines.length) items.push({ line: lines[next++] });
  return items;
}

function servicesOf(spans) {
  const services = new Map();
  for (const span of spans) {
    const service = services.get(span.service) ?? { name: span.service, spans: 0, errors: 0, own: 0 };
    service.spans += 1;
    service.errors += span.isError ? 1 : 0;
    service.own += span.own ?? 0;
    services.set(span.service, service);
  }
  return [...services.values()];
}

/** The value of an attribute, or undefined. */
export function attribute(span, name) { return span.attributes.find(([key]) => key === name)?.[1]; }

/** The status of an answer, `error` for another span that failed, else null. */
function answerOf(span) {
  const code = attribute(span, "http.response.status_code") ?? attribute(span, "rpc.response.status_code");
  if (code !== undefined) return String(code);
  return span.status === "error" ? "error" : null;
}

/** The service that a call goes to. */
function peerOf(span) {
  if (span.kind !== "client" && span.kind !== "producer") return null;
  const named = attribute(span, "service.peer.name") ?? attribute(span, "peer.service");
  return named ?? span.children.find(child => child.service !== span.service)?.service ?? null;
}

/** The parts of a span in which none of its children ran: `[[offset, length]…]`. What is left of it is waiting. */
export function ownParts(span) {
  const parts = [];
  let at = span.start;
  for (const child of span.children) {
    if (child.start > at) parts.push([at, Math.min(child.start, span.end) - at]);
    at = Math.max(at, child.end);
    if (at >= span.end) break;
  }
  if (at < span.end || span.duration === 0) parts.push([at, span.end - at]);
  return parts.filter(([start, length]) => start <= span.end && length >= 0);
}

/**
 * What is unfolded and which lines are rows: `{open: Set, closed: Set, foldsShort, depth, lines}`. `open` and `closed`
 * are the ids of spans that somebody unfolded or folded; for the rest `foldsShort` and `depth` decide. `lines` is `all`,
 * `notable` (warnings and errors) or `none`.
 */
export function usualView(trace, changes = {}) {
  return { open: new Set(), closed: new Set(), foldsShort: true, depth: trace.isLarge ? deepest : null, lines: "all", ...changes };
}

/** Whether a span's rows are folded away. */
export function isFolded(trace, span, view) {
  if (view.closed.has(span.id)) return true;
  if (view.open.has(span.id)) return false;
  if (view.depth !== null && span.depth >= view.depth) return true;
  return view.foldsShort && startsFolded(trace, span);
}

/**
 * A call with spans below it that took little of the trace, and in which nothing went wrong. What it started may go on
 * after its end, as behind a queue: that counts. Within one that somebody unfolded nothing is folded again.
 */
function startsFolded(trace, span) {
  return isShortAndHealthy(trace, span) && !(span.up && isShortAndHealthy(trace, span.up));
}

function isShortAndHealthy(trace, span) {
  return span.children.length > 0 && span.up !== null && span.within.end - span.start < trace.duration * shortPart && !span.isError
    && span.within.errors + span.within.notable === 0;
}

/** How many rows a span has below it, were all unfolded. */
function rowsBelow(span, view) {
  const { spans, lines, notable } = span.within;
  return spans + (view.lines === "all" ? lines : view.lines === "notable" ? notable : 0);
}

/**
 * The rows in view, from top to bottom. A row is `{kind, level, span, canFold, isFolded, below, position, size}` or
 * `{kind, level, line, position, size}`; `below` counts the rows that are folded away, `level` starts at 1.
 */
export function visibleRows(trace, view) {
  const rows = [];
  const isShown = item => item.span || view.lines === "all" || (view.lines === "notable" && isNotable(item.line));
  const stack = [{ items: trace.items.filter(isShown), next: 0 }];
  while (stack.length > 0) {
    const group = stack.at(-1);
    const item = group.items[group.next++];
    if (!item) { stack.pop(); continue; }
    const row = { level: stack.length, position: group.next, size: group.items.length };
    if (item.line) { rows.push({ kind: "line", line: item.line, ...row }); continue; }
    const below = rowsBelow(item.span, view);
    const folded = below > 0 && isFolded(trace, item.span, view);
    rows.push({ kind: "span", span: item.span, canFold: below > 0, isFolded: folded, below, ...row });
    if (below > 0 && !folded) stack.push({ items: item.span.items.filter(isShown), next: 0 });
  }
  return rows;
}

/** The spans above a span, the nearest first. */
export function above(span) {
  const spans = [];
  for (let up = span?.up; up; up = up.up) spans.push(up);
  return spans;
}
