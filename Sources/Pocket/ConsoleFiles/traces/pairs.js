// Two traces as one tree: spans are paired by their path, which is what they are, whose they are, and which of several
// they are. Pure functions on what `readTrace` returns.
import { duration } from "../shell/format.js";
import { levelKind } from "../shell/icons.js";

/** A span's own time has to differ by this part of the longer trace, and by this factor, to count. */
const notablePart = 0.03;
const notableFactor = 1.25;
const leastNs = 100e3;

const keyOf = span => `${span.service}\n${span.kind}\n${span.name}`;

/**
 * `{pairs, differences}`. Pairs stand in the order of the tree; a pair is `{a, b, up, depth, children, kind, own, whole}`:
 * `kind` is `missing` (only in a), `new` (only in b), `status`, `slower`, `faster` or `same`; `own` and `whole` are by how
 * many nanoseconds the own and the whole duration of b are longer.
 */
export function pairTraces(a, b) {
  const pairs = [];
  const longest = Math.max(a.duration, b.duration);
  const stack = [...matchRoots(a, b)].reverse();
  while (stack.length > 0) {
    const pair = stack.pop();
    pair.index = pairs.length;
    judge(pair, longest);
    pairs.push(pair);
    pair.children = match(pair.a?.children ?? pair.others ?? [], pair.b?.children ?? pair.others ?? [], pair);
    stack.push(...pair.children.toReversed());
  }
  for (const pair of pairs.toReversed()) {
    pair.differs = pair.kind !== "same" || pair.children.some(child => child.differs);
    pair.below = pair.children.reduce((sum, child) => sum + 1 + child.below, 0);
  }
  return { pairs, differences: differences(pairs) };
}

/**
 * Whoever asked may have a span, too: a load, a replay. It is another one each time, or there is none; what counts is
 * what was asked. So two callers are a pair, and the requests below one and beside none are looked at as if it was there.
 */
function matchRoots(a, b) {
  const [first, second] = [caller(a), caller(b)];
  if (first && second && first.name === second.name) return [make(first, second, null)];
  if (Boolean(first) === Boolean(second)) return match(a.roots, b.roots, null);
  return [{ ...make(first, second, null), others: (first ? b : a).roots }];
}

function caller({ roots }) { return roots.length === 1 && roots[0].kind === "client" ? roots[0] : null; }

function make(a, b, up) { return { a, b, up, depth: up ? up.depth + 1 : 0, children: [] }; }

function match(left, right, up) {
  const waiting = new Map();
  for (const span of right) {
    const key = keyOf(span);
    if (!waiting.has(key)) waiting.set(key, []);
    waiting.get(key).push(span);
  }
  const found = left.map(span => make(span, waiting.get(keyOf(span))?.shift() ?? null, up));
  for (const rest of waiting.values()) for (const span of rest) found.push(make(null, span, up));
  const start = ({ a, b }) => Math.min(a?.start ?? Infinity, b?.start ?? Infinity);
  return found.sort((first, second) => start(first) - start(second));
}

function judge(pair, longest) {
  const { a, b } = pair;
  pair.own = a && b ? (b.own ?? b.duration) - (a.own ?? a.duration) : 0;
  pair.whole = a && b ? b.duration - a.duration : 0;
  const isSlow = a && b && isNotable(a.own ?? a.duration, b.own ?? b.duration, longest);
  pair.pace = !isSlow ? "same" : pair.own > 0 ? "slower" : "faster";
  if (!b) pair.kind = "missing";
  else if (!a) pair.kind = "new";
  else if (a.isError !== b.isError || a.answer !== b.answer) pair.kind = "status";
  else pair.kind = pair.pace;
}

function isNotable(a, b, longest) {
  const more = Math.abs(a - b);
  return more >= leastNs && more >= longest * notablePart && Math.max(a, b) >= Math.min(a, b) * notableFactor;
}

/** What differs, the most telling first: what failed, from the inside out, what is not in both, then time. */
function differences(pairs) {
  const rank = { status: 0, missing: 1, new: 1, slower: 2, faster: 2 };
  const topmost = pair => (pair.kind !== "missing" && pair.kind !== "new") || pair.up?.kind !== pair.kind;
  return pairs.filter(pair => pair.kind !== "same" && topmost(pair) && !isEcho(pair)).sort((a, b) => rank[a.kind] - rank[b.kind]
    || (a.kind === "status" ? b.depth - a.depth : Math.abs(b.own) - Math.abs(a.own)) || a.index - b.index);
}

/** A call that ended as the request that it made: only the request is told. */
function isEcho({ kind, a, b, children }) {
  return kind === "status" && a.kind === "client" && children.some(child => child.kind === "status" && child.a.kind === "server"
    && child.a.answer === a.answer && child.b.answer === b.answer);
}

/** What a pair's difference is, in words. */
export function explain(pair) {
  const { a, b, kind, pace } = pair;
  const time = pace === "same" ? "" : `${duration(Math.abs(pair.own))} ${pace} itself`;
  const more = below => below === 0 ? "" : below === 1 ? ", with 1 span below" : `, with ${below} spans below`;
  switch (kind) {
    case "missing": return `only in A, ${duration(a.duration)}${more(pair.below)}`;
    case "new": return `only in B, ${duration(b.duration)}${more(pair.below)}`;
    case "status": return `${a.answer ?? "no error"} in A, ${b.answer ?? "no error"} in B${time ? ", " + time : ""}`;
    case "slower": case "faster": return `B is ${time}`;
    default: return "";
  }
}

/** Attributes that differ: `[[name, a, b]]`; one that is absent is undefined. */
export function differingAttributes(a, b) {
  const left = new Map(a ?? []);
  const right = new Map(b ?? []);
  return [...new Set([...left.keys(), ...right.keys()])].filter(name => String(left.get(name)) !== String(right.get(name)))
    .map(name => [name, left.get(name), right.get(name)]);
}

/** Log lines that only one of the two has, by service and message: `[{service, message, level, a, b}]` with counts. */
export function differingLines(a, b) {
  const kinds = new Map();
  for (const [side, trace] of [["a", a], ["b", b]]) {
    for (const line of trace.lines) {
      const key = `${line.service}\n${line.level}\n${line.message}`;
      const kind = kinds.get(key) ?? { service: line.service, level: line.level, message: line.message, a: 0, b: 0, key: line.key };
      kind[side] += 1;
      kinds.set(key, kind);
    }
  }
  const rank = ({ level }) => ["error", "warning", "info"].indexOf(levelKind(level));
  return [...kinds.values()].filter(kind => kind.a !== kind.b).sort((first, second) => rank(first) - rank(second));
}
