// The kinds of filters: their names, what they write, and how what is written is said in words.
import { duration } from "/console/shell/format.js";
import { alternatives, filters as filtersOf, oneOf, rewritten, withLabel, withLine, withMatcher, without } from "./edit.js";
import { parse } from "./query.js";
import { quoted } from "./tokens.js";

/** The filters that are always offered; `field` is what each one is about. */
export const kinds = [
  { kind: "service", name: "service", field: "service" },
  { kind: "level", name: "level", field: "level" },
  { kind: "status", name: "status", field: "status" },
  { kind: "text", name: "text" },
  { kind: "slower", name: "slower than", field: "duration_ms" },
  { kind: "guild", name: "guild", field: "guild_id" },
  { kind: "trace", name: "trace", field: "trace_id" },
  { kind: "other", name: "other field" },
];

/** What is known of every line without reading it (see docs/cookbook.md). All else stands in the line alone. */
const known = new Set(["job", "service", "service_name", "service_namespace", "level", "detected_level", "trace_id", "span_id",
  "trace_sampled", "request_id", "message", "component", "operation", "status", "duration_ms", "error_type", "error_message",
  "guild_id", "channel_id", "task_id", "reservation_id", "executor_id", "amount", "workload", "state", "size", "memory_bytes",
  "peer", "tailspan_fault_id", "tailspan_fault_kind"]);
const ofStream = new Set(["job", "service", "service_name", "service_namespace", "level"]);

/** The stage that a field needs before it can be asked for, or null; `text` is a line that has it. */
export function parserFor(name, text = "") {
  if (known.has(name)) return null;
  if (text !== "" && !text.startsWith("{")) return new RegExp(`(?:^|\\s)${name.replace(/\W/g, "\\$&")}=`).test(text) ? "logfmt" : null;
  try {
    const path = text === "" ? [name] : pathTo(name, JSON.parse(text));
    return !path ? "json" : path.length === 1 ? `json ${name}` : `json ${name}="${path.join(".")}"`;
  } catch { return "json"; }
}

/** The names that lead to a field: those of one within another are joined by `_`. */
function pathTo(name, object) {
  for (const [key, value] of Object.entries(object)) {
    if (!/^[a-z_]\w*$/i.test(key)) continue;
    if (key === name) return [key];
    const inner = name.startsWith(key + "_") && value && typeof value === "object" && !Array.isArray(value)
      ? pathTo(name.slice(key.length + 1), value) : null;
    if (inner) return [key, ...inner];
  }
  return null;
}

/** The kind that a filter of the query belongs to. */
export function kindOf(filter) {
  if (filter.place === "line") return "text";
  if (filter.place === "by" || filter.place === "range") return filter.place;
  if (filter.name === "detected_level") return "level";
  if (filter.name === "duration_ms" && [">", ">="].includes(filter.op) && toDuration(filter) !== null) return "slower";
  return kinds.find(({ field, kind }) => field === filter.name && kind !== "slower")?.kind ?? "other";
}

function toDuration(filter) {
  const value = Number(filter.value);
  return Number.isFinite(value) ? value * 1e6 : null;
}

const textNames = { "|=": "text", "!=": "without text", "|~": "text matches", "!~": "text does not match", "|>": "text like",
  "!>": "text unlike" };
const fieldNames = { guild_id: "guild", trace_id: "trace", duration_ms: "duration", detected_level: "level" };

/** `[name, value]` of a filter, in words. */
export function words(filter) {
  switch (kindOf(filter)) {
    case "text": return [textNames[filter.op], filter.values.map(value => value || "…").join(" or ")];
    case "by": return [(filter.counts ? "count " : "") + filter.name, filter.value || "nothing"];
    case "range": return ["every", filter.value.replace(/(\d)([a-zµ])/g, "$1 $2").replace(/m$/, "min")];
    case "slower": return [filter.op === ">" ? "slower than" : "at least", duration(toDuration(filter))];
    default: {
      const name = fieldNames[filter.name] ?? filter.name;
      if (filter.name === "status" && filter.op === "=~" && /^\d\.\.$/.test(filter.value)) return [name, filter.value.replace("..", "xx")];
      const list = alternatives(filter)?.map(value => (filter.name === "trace_id" && value.length === 32 ? value.slice(0, 8) : value));
      if (filter.kind === "string" && list) {
        const isNegated = filter.op.startsWith("!");
        if (list.length === 1 && list[0] === "") return [name, isNegated ? "is there" : "is not there"];
        return [name, (isNegated ? "not " : "") + list.join(isNegated ? " or " : ", ")];
      }
      if (filter.kind === "string") return [`${name} ${filter.op === "=~" ? "matches" : "does not match"}`, filter.value];
      if (filter.op === "=" || filter.op === "==") return [name, filter.value];
      return [name, `${filter.op === "!=" ? "not" : filter.op.replace(">=", "≥").replace("<=", "≤")} ${filter.value}`];
    }
  }
}

/** Whether its part of the query can be chosen in a form, or only be written. */
export function isSimple(filter) {
  const kind = kindOf(filter);
  if (kind === "text") return filter.values.length === 1 && textNames[filter.op] !== undefined && !filter.op.endsWith(">");
  if (["service", "level", "guild"].includes(kind)) return filter.kind === "string" && alternatives(filter) !== null;
  return true;
}

// MARK: Changes of the query's text

/** A field is `values` and nothing else, or none of them; without values it does not matter. */
export function choose(text, name, values, isNegated = false, filter = null) {
  if (values.length === 0) return filter ? without(text, filter) : text;
  // What is changed stays about the same field: a level may be that of the stream or the detected one.
  return write(text, name, oneOf(filter?.name ?? name, values, isNegated), filter);
}

/** Writes a condition in the place of `filter`, or as one more. */
export function write(text, name, source, filter = null) {
  if (filter) return rewritten(text, filter, source);
  return ofStream.has(name) && /^\w+(?:=~?|!=|!~)["`]/.test(source) ? withMatcher(text, source) : withLabel(text, source, parserFor(name));
}

/** The line's text contains something. */
export function writeText(text, op, value, filter = null) {
  const source = `${op} ${quoted(value)}`;
  return filter ? rewritten(text, filter, source) : withLine(text, source);
}

/** Filters for a field's value, in the place of a filter for another one. */
export function filterFor(text, name, value, line) {
  const present = filtersOf(parse(text)).filter(filter => filter.name === name
    && (filter.place === "label" || filter.place === "selector"));
  const source = `${name}=${quoted(value)}`;
  const positive = present.find(filter => !filter.op.startsWith("!"));
  if (positive) return rewritten(text, positive, source);
  if (ofStream.has(name)) return withMatcher(text, source);
  return withLabel(text, source, parserFor(name, line));
}

/** Leaves out the lines with a field's value. */
export function filterOut(text, name, value, line) {
  const present = filtersOf(parse(text)).filter(filter => filter.name === name
    && (filter.place === "label" || filter.place === "selector"));
  if (present.some(filter => filter.op === "!=" && filter.value === value)) return text;
  const same = present.find(filter => ["=", "=~"].includes(filter.op) && alternatives(filter)?.includes(value));
  const rest = same ? alternatives(same).filter(other => other !== value) : [];
  if (rest.length > 0) return rewritten(text, same, oneOf(name, rest));
  const source = `${name}!=${quoted(value)}`;
  return ofStream.has(name) ? withMatcher(text, source) : withLabel(text, source, parserFor(name, line));
}

// MARK: Levels

/**
 * The field by which a level is asked for: the label of the streams, which is quick, if all lines have it, else the level
 * that was detected, which every line has. `fields` are those of the data.
 */
export function levelField(fields) {
  const field = fields.find(({ name }) => name === "level");
  return field?.label && field.lines === 1 ? "level" : "detected_level";
}

function levelFilter(text) {
  return filtersOf(parse(text)).find(({ name, place, op }) =>
    ["level", "detected_level"].includes(name) && ["selector", "label"].includes(place) && !op.startsWith("!"));
}

/** The levels that a query asks for. */
export function levelsOf(text) {
  const filter = levelFilter(text);
  return filter ? alternatives(filter) ?? [] : [];
}

/** Asks for one level only, or for all of them again. */
export function toggleLevel(text, name, field) {
  const present = levelFilter(text);
  return choose(text, field, levelsOf(text).includes(name) ? [] : [name], false, present);
}
