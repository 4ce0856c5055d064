// What is found in a trace: spans by their name, service, status and attributes, lines by their text.
import { above, visibleRows } from "./model.js";

/** `{hits, spans, lines, below}`: the rows found in the order of the tree, and how many lie below each span. */
export function findIn(trace, text, view) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return null;
  const all = visibleRows(trace, { ...view, open: new Set(), closed: new Set(), foldsShort: false, depth: null });
  const hits = all.filter(row => textOf(row).includes(wanted));
  const below = new Map();
  for (const hit of hits) {
    const spans = hit.span ? above(hit.span) : hit.line.on ? [hit.line.on, ...above(hit.line.on)] : [];
    for (const span of spans) below.set(span, (below.get(span) ?? 0) + 1);
  }
  return { hits, below, spans: new Set(hits.map(hit => hit.span)), lines: new Set(hits.map(hit => hit.line)) };
}

const texts = new WeakMap();

function textOf({ span, line }) {
  const item = span ?? line;
  let text = texts.get(item);
  if (text === undefined) {
    text = (span ? [span.service, span.name, span.kind, span.answer, span.id, span.message,
      ...span.attributes.map(([name, value]) => `${name}=${value}`)]
      : [line.service, line.level, line.message, line.line]).join("\n").toLowerCase();
    texts.set(item, text);
  }
  return text;
}

/** The place in `hits` that comes after (or before) a row of the tree; around the ends. */
export function nextHit(hits, isHere, by) {
  const at = hits.findIndex(isHere);
  return hits[(at < 0 ? (by > 0 ? 0 : hits.length - 1) : at + by + hits.length) % hits.length];
}

/** Where to begin with errors: the deepest one is the nearest to the cause. */
export function deepestError(trace) {
  return trace.errors.reduce((best, span) => (best && best.depth >= span.depth ? best : span), null);
}
