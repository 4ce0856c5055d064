// The parts of a TraceQL query that a filter can stand for, and how a filter rewrites its own part and nothing else.
//
// Only what stands in the first braces is looked at: conditions that are joined by && there. What follows the braces, and
// what no filter can express, stays text.
import { quoted } from "/console/shell/traceql.js";

const kinds = {
  space: /\s+/,
  text: /"(?:[^"\\]|\\.)*"|`[^`]*`/,
  field: /(?:(?:resource|span|event|link|instrumentation)\.|\.)(?:[^\s{}()=~!<>&|^,"`]|"(?:[^"\\]|\\.)*")+/,
  number: /\d[\w.]*/,
  word: /[A-Za-z_]\w*(?::[A-Za-z_]\w*)?/,
  sign: /&&|\|\||!=|!~|=~|>=|<=|>>|<<|./,
};
const tokenPattern = new RegExp(Object.entries(kinds).map(([kind, { source }]) => `(?<${kind}>${source})`).join("|"), "gsu");

/** `[{kind, text, start, end}]` without the spaces between them. */
export function tokens(text) {
  return [...text.matchAll(tokenPattern)].map(match => ({ kind: Object.keys(kinds).find(kind => match.groups[kind] !== undefined),
    text: match[0], start: match.index, end: match.index + match[0].length })).filter(token => token.kind !== "space");
}

const operators = ["=", "!=", "=~", "!~", ">", ">=", "<", "<="];
const sameAs = { "span:name": "name", "span:kind": "kind", "span:status": "status", "span:duration": "duration",
  "trace:duration": "traceDuration", "trace:rootName": "rootName", "trace:rootService": "rootServiceName",
  ".service.name": "resource.service.name", ".http.response.status_code": "span.http.response.status_code" };

/**
 * `{open, close, conditions}`: where the first braces stand, and the conditions in them, each
 * `{start, end, field, operator, values}`; one that is no simple comparison has no `field`. `null` if there are no braces.
 */
export function read(text) {
  const all = tokens(text);
  const open = all.findIndex(token => token.text === "{");
  if (open < 0) return null;
  const close = all.findIndex((token, index) => index > open && token.kind === "sign" && token.text === "}");
  if (close < 0) return null;
  const inside = all.slice(open + 1, close);
  return { open: all[open].start, close: all[close].start, conditions: split(inside).map(condition) };
}

/** Tokens between the && of the outermost level. With || there, they are one. */
function split(inside) {
  const parts = [[]];
  let depth = 0;
  for (const token of inside) {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth === 0 && token.text === "||") return [inside];
    if (depth === 0 && token.text === "&&") parts.push([]); else parts.at(-1).push(token);
  }
  return parts.filter(part => part.length > 0);
}

function condition(part) {
  const place = { start: part[0].start, end: part.at(-1).end };
  const alternatives = part[0].text === "(" && part.at(-1).text === ")" ? orParts(part.slice(1, -1)) : [part];
  const read = alternatives.map(comparison);
  const [first] = read;
  if (!first || read.some(other => !other || other.field !== first.field || other.operator !== first.operator)) return place;
  if (read.length > 1 && first.operator !== "=") return place;
  return { ...place, field: first.field, operator: first.operator, values: read.map(({ value }) => value) };
}

function orParts(inside) {
  const parts = [[]];
  for (const token of inside) if (token.text === "||") parts.push([]); else parts.at(-1).push(token);
  return parts;
}

function comparison(part) {
  if (part.length !== 3 || !["field", "word"].includes(part[0].kind) || !operators.includes(part[1].text)) return null;
  if (!["text", "number", "word"].includes(part[2].kind)) return null;
  return { field: sameAs[part[0].text] ?? part[0].text, operator: part[1].text, value: plain(part[2]) };
}

/** What a literal means. */
function plain(token) {
  if (token.kind !== "text") return token.text;
  if (token.text[0] === "`") return token.text.slice(1, -1);
  return token.text.slice(1, -1).replace(/\\(["\\nt])/g, (_, letter) => ({ n: "\n", t: "\t" })[letter] ?? letter);
}

/** A value as it is written for a field: words, numbers and durations stand alone, all else in quotes. */
export function literal(field, value, type = "string") {
  if (["status", "kind", "duration", "traceDuration"].includes(field)) return value;
  return type === "int" || type === "float" || type === "bool" || type === "keyword" || type === "duration" ? value : quoted(value);
}

/** The query with one condition more. */
export function withCondition(text, added) {
  const found = read(text);
  if (!found) return text.trim() ? text : `{ ${added} }`;
  const inside = text.slice(found.open + 1, found.close);
  if (!inside.trim()) return `${text.slice(0, found.open)}{ ${added} }${text.slice(found.close + 1)}`;
  const only = found.conditions.length === 1 && found.conditions[0];
  const hasOr = only && !only.field && tokens(inside).some(token => token.text === "||");
  const kept = hasOr ? `${text.slice(0, only.start)}(${text.slice(only.start, only.end)})` : text.slice(0, found.conditions.at(-1).end);
  return `${kept} && ${added}${text.slice(found.conditions.at(-1).end)}`;
}

/** The query with one of its conditions written anew. */
export function replaced(text, { start, end }, condition) { return text.slice(0, start) + condition + text.slice(end); }

/** The query without one of its conditions, and without the && that joined it. */
export function withoutCondition(text, { start, end }) {
  const after = /^\s*&&\s*/.exec(text.slice(end));
  if (after) return text.slice(0, start) + text.slice(end + after[0].length);
  const before = /\s*&&\s*$/.exec(text.slice(0, start));
  if (before) return text.slice(0, before.index) + text.slice(end);
  // Of the spaces around the last condition one is enough.
  return text.slice(0, start) + (text[start - 1] === " " ? text.slice(end).replace(/^ /, "") : text.slice(end));
}

/** Sets a field's condition: in its own place if it has one, else at the end. `null` takes it away. */
export function withField(text, field, condition, isMine = () => true) {
  const own = read(text)?.conditions.find(part => part.field === field && isMine(part));
  if (!condition) return own ? withoutCondition(text, own) : text;
  return own ? replaced(text, own, condition) : withCondition(text, condition);
}

/** The nanoseconds of a duration such as 20ms, 1.5s or 2m; `null` if it is none. */
export function durationOf(text) {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|μs|ms|s|m|min|h)$/.exec(text.trim());
  if (!match) return null;
  return Number(match[1]) * { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 }[match[2]];
}

/** A duration as TraceQL takes it. */
export function durationText(ns) {
  const [unit, size] = ns >= 1e9 ? ["s", 1e9] : ns >= 1e6 ? ["ms", 1e6] : ["us", 1e3];
  return `${Number((ns / size).toPrecision(3))}${unit}`;
}
