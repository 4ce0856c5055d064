// Completion of LogQL: what may stand at the caret, with what the data holds.
import { share, count } from "/console/shell/format.js";
import { visible } from "/console/shell/dom.js";
import { quoted, tokens } from "./tokens.js";

const stages = [["json", "fields of a JSON line"], ["logfmt", "fields of name=value"], ["line_format", "another text for the line"],
  ["label_format", "another name for a field"], ["pattern", "fields by a pattern"], ["regexp", "fields by an expression"],
  ["keep", "only these fields"], ["drop", "all fields but these"], ["unwrap", "compute with a field's number"]];
const functions = [["sum by (service) (count_over_time({service=~\".+\"}[1m]))", "lines a minute by service"],
  ["sum by (level) (rate({service=~\".+\"}[1m]))", "lines a second by level"],
  ["quantile_over_time(0.95, {service=~\".+\"} | unwrap duration_ms [1m]) by (service)", "95th percentile of durations"]];
const aggregations = ["sum", "avg", "min", "max", "count", "topk", "bottomk", "rate", "count_over_time", "bytes_rate", "bytes_over_time",
  "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "quantile_over_time", "first_over_time", "last_over_time"];
const lineFilters = [["|=", "contains"], ["!=", "does not contain"], ["|~", "matches"], ["!~", "does not match"],
  ["|", "a field or a stage"]];

/** `suggest(text, caret, isWanted)` for the box, with the fields that `fields()` resolves to. */
export function completion(fields) {
  return async function suggest(text, caret, isWanted) {
    const place = placeOf(text, caret);
    if (!place) return [];
    // What begins by itself must not be in the way of who only types.
    if (place.kind === "begin" && !isWanted && place.prefix === "") return [];
    const known = await fields().catch(() => []);
    return candidates(place, known).filter(item => fits(item.text, place.prefix)).map(item =>
      ({ start: place.start, end: place.end, ...item }));
  };
}

function fits(text, prefix) {
  const bare = text.replace(/^["`]/, "").toLowerCase();
  const wanted = prefix.replace(/^["`]/, "").toLowerCase();
  return bare !== wanted && (bare.startsWith(wanted) || (wanted.length >= 2 && bare.includes(wanted)));
}

/** What may stand at the caret: `{kind, name, prefix, start, end}`. */
function placeOf(text, caret) {
  const before = tokens(text.slice(0, caret));
  const last = before.at(-1);
  const touches = last?.end === caret;
  // The word that is being written is not yet part of what stands before it.
  const isPart = touches && (last.kind === "name" || last.kind === "bad" || last.kind === "number");
  const done = isPart ? before.slice(0, -1) : before;
  const prefix = isPart ? last.text : "";
  const start = isPart ? last.start : caret;
  const rest = /^[\p{Alphabetic}_0-9]*/u.exec(text.slice(caret))[0].length;
  const place = { prefix, start, end: prefix.startsWith('"') || prefix.startsWith("`") ? endOfText(text, start, caret)
    : caret + (isPart ? rest : 0) };
  if (touches && last.kind === "string") return null;
  const previous = done.at(-1);
  const inSelector = isOpen(done, "{", "}");
  if (!previous) return { ...place, kind: "begin" };
  if (inSelector) {
    if (["{", ","].includes(previous.text)) return { ...place, kind: "label" };
    if (["=", "!=", "=~", "!~"].includes(previous.text)) return { ...place, kind: "value", name: done.at(-2)?.text };
    return previous.kind === "name" ? { ...place, kind: "operator", ofLabel: true } : null;
  }
  if (prefix.startsWith("[")) return { ...place, kind: "range" };
  if (isOpen(done, "(", ")") && grouping(done)) return { ...place, kind: "field" };
  if (previous.text === "|") return { ...place, kind: "stage" };
  if (["and", "or", ","].includes(previous.text.toLowerCase()) && done.some(token => token.text === "|")) return { ...place,
    kind: "field" };
  if (["=", "!=", "=~", "!~", ">", "<", ">=", "<=", "=="].includes(previous.text)
    && done.at(-2)?.kind === "name") return { ...place, kind: "value", name: done.at(-2).text };
  if (previous.text === "unwrap") return { ...place, kind: "number" };
  if (["keep", "drop", "json", "logfmt"].includes(previous.text)) return { ...place, kind: "field" };
  if (previous.kind === "name" && done.at(-2)?.text === "|" && !isPart) return { ...place, kind: "operator" };
  if (previous.text === "}" || previous.kind === "string") return isPart ? null : { ...place, kind: "line" };
  if (previous.text === "(" || previous.kind === "name") return { ...place, kind: "function" };
  return null;
}

function isOpen(done, open, close) {
  let depth = 0;
  for (const token of done) { if (token.text === open) depth++; if (token.text === close) depth--; }
  return depth > 0;
}

/** Whether the innermost parenthesis is that of `by (…)`. */
function grouping(done) {
  let depth = 0;
  for (let at = done.length - 1; at >= 0; at--) {
    if (done[at].text === ")") depth++;
    if (done[at].text === "(" && depth-- === 0) return ["by", "without"].includes(done[at - 1]?.text);
  }
  return false;
}

/** A text in quotes that is being written ends where it would end by itself. */
function endOfText(text, start, caret) {
  const whole = tokens(text.slice(start))[0];
  return whole?.kind === "string" && start + whole.end >= caret && !/[{}|,]/.test(text.slice(caret, start + whole.end - 1))
    ? start + whole.end : caret;
}

function candidates(place, known) {
  const field = item => ({ text: item.name, detail: detail(item) });
  const stage = ([text, detail]) => ({ text, detail });
  switch (place.kind) {
    case "begin": return [{ text: "{", insert: "{", detail: "lines of some services" },
      ...functions.map(([text, detail]) => ({ text, detail }))];
    case "label": return known.filter(item => item.label).map(field);
    case "field": return known.map(field);
    case "number": return known.filter(item => item.least !== undefined && item.least !== null).map(field);
    case "stage": {
      const usual = known.filter(item => often.includes(item.name));
      const rest = known.filter(item => !item.label && !often.includes(item.name));
      // A few stages are always in view, the others as soon as they are begun.
      return [...usual.map(field), ...stages.slice(0, 4).map(stage), ...rest.map(field), ...stages.slice(4).map(stage)];
    }
    case "operator": return (place.ofLabel ? ["=", "!=", "=~", "!~"] : ["=", "!=", "=~", ">", "<"]).map(text =>
      ({ text, detail: operators[text] }));
    case "line": return lineFilters.map(([text, detail]) => ({ text, detail, insert: text + " " }));
    case "range": return ["[30s]", "[1m]", "[5m]", "[15m]"].map(text => ({ text, detail: "lines of this time before each step" }));
    case "function": return aggregations.map(text => ({ text, insert: text + "(", detail: "" }));
    case "value": {
      const examples = known.find(item => item.name === place.name)?.examples ?? [];
      return examples.map(value => ({ text: quoted(value), detail: "" }));
    }
    default: return [];
  }
}

const operators = { "=": "is", "!=": "is not", "=~": "matches", "!~": "does not match", ">": "is over", "<": "is under" };

/** What is asked for most. */
const often = ["duration_ms", "error_message", "guild_id", "level", "operation", "peer", "status", "trace_id"];

function figure(text) { const value = Number(text); return Math.abs(value) >= 10_000 ? count(value) : String(value); }

function detail(item) {
  const part = item.lines < 0.995 ? `, in ${share(item.lines, 1).replace(/\.\d+/, "")} of lines` : "";
  if (item.least !== undefined && item.least !== null && item.values > 6) return `${figure(item.least)} … ${figure(item.most)}${part}`;
  if (item.values <= 4) return visible(item.examples.join(", ").slice(0, 60));
  return `${count(item.values)} values${part}`;
}
