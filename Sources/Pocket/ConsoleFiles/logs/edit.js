// Filters, and how each writes its own part of the query. Every change is a splice: spacing, comments and what no filter
// can say stay as they are.
import { parse } from "./query.js";
import { quoted } from "./tokens.js";

export const everything = '{service=~".+"}';

/**
 * The filters of a query in the order of the text: `{id, place, name, op, value, kind, start, end}`; `place` is
 * `selector`, `line`, `label`, `by` or `range`. A query with several selectors has none: no filter could say which one
 * it is about.
 */
export function filters(query) {
  if (query.pipelines.length !== 1) return [];
  const [pipeline] = query.pipelines;
  const found = pipeline.selector.matchers.filter(matcher => !admitsAll(matcher)).map(matcher => ({ ...matcher, place: "selector" }));
  for (const stage of pipeline.stages) {
    if (stage.type === "line") found.push({ place: "line", name: "", op: stage.op, value: stage.values[0] ?? "",
      values: stage.values, start: stage.start, end: stage.end });
    if (stage.type === "label" && stage.isPlain) {
      for (const condition of stage.conditions) {
        const isAlone = stage.conditions.length === 1;
        // A condition of its own is lit with its bar.
        found.push({ ...condition, place: "label", stage, from: condition.start, to: condition.end,
          start: isAlone ? stage.start : condition.start });
      }
    }
  }
  if (query.isMetric) {
    if (query.groupings.length === 1) found.push({ ...query.groupings[0], place: "by", name: query.groupings[0].word, op: "",
      counts: /count_over_time|rate/.test(query.text), value: query.groupings[0].labels.join(", ") });
    if (pipeline.range) found.push({ ...pipeline.range, place: "range", name: "range", op: "" });
  }
  return found.sort((a, b) => a.start - b.start).map((filter, index) => ({ ...filter, id: `filter-${index}` }));
}

/** `service=~".+"` stands for all lines; it is no filter. */
function admitsAll(matcher) { return matcher.op === "=~" && [".+", ".*"].includes(matcher.value); }

function admitsNone(matcher) {
  if (matcher.op === "=") return matcher.value === "";
  if (matcher.op === "!=") return matcher.value !== "";
  try {
    const matches = new RegExp(`^(?:${matcher.value})$`).test("");
    return matcher.op === "=~" ? matches : !matches;
  } catch { return true; }
}

// MARK: Changes

/** The text without a filter. */
export function without(text, filter) {
  if (filter.place === "line") return cutStage(text, filter.start, filter.end);
  if (filter.place === "by") return text.slice(0, filter.start) + text.slice(filter.end).replace(/^[ \t]+/, "");
  if (filter.place === "selector") {
    const { matchers } = parse(text).pipelines[0].selector;
    const rest = matchers.filter(matcher => matcher.start !== filter.start);
    // Loki refuses a selector that admits lines without any label.
    if (!rest.some(matcher => !admitsNone(matcher))) {
      if (rest.length === 0) return splice(text, filter.start, filter.end, 'service=~".+"');
      return with_(cutItem(text, filter.start, filter.end), parsed => insertMatcher(parsed, 'service=~".+"'));
    }
    return cutItem(text, filter.start, filter.end);
  }
  if (filter.place === "label") {
    return filter.stage.conditions.length === 1 ? cutStage(text, filter.stage.start, filter.stage.end)
      : cutItem(text, filter.from, filter.to);
  }
  return text;
}

/** The text with a filter's part written anew. */
export function rewritten(text, filter, source) {
  return splice(text, filter.from ?? filter.start, filter.to ?? filter.end, source);
}

/** The text with one more condition on a label of the stream. */
export function withMatcher(text, source) {
  return with_(text, parsed => {
    const all = parsed.pipelines[0].selector.matchers.find(admitsAll);
    const name = /^\w+/.exec(source)?.[0];
    // What admitted all lines of every service gives way to a condition on the service.
    if (all && all.name === name && !/^\w+!/.test(source)) return splice(text, all.start, all.end, source);
    return insertMatcher(parsed, source);
  });
}

function insertMatcher({ text, pipelines: [{ selector }] }, source) {
  const last = selector.matchers.at(-1);
  return last ? splice(text, last.end, last.end, ", " + source) : splice(text, selector.inside, selector.inside, source);
}

/** The text with one more filter of the line's text, which stands before everything that reads the line. */
export function withLine(text, source) {
  return with_(text, ({ pipelines: [pipeline] }) => {
    const at = pipeline.stages.filter(stage => stage.type === "line").at(-1)?.end ?? pipeline.selector.end;
    return splice(text, at, at, " " + source);
  });
}

/** The text with one more condition on a field. `parser` is the stage that reads the field, if it stands in the line alone. */
export function withLabel(text, source, parser = null) {
  return with_(text, ({ pipelines: [pipeline] }) => {
    const isRead = pipeline.stages.some(stage => ["json", "logfmt", "pattern", "regexp"].includes(stage.type));
    const reading = parser && !isRead ? ` | ${parser}` : "";
    return splice(text, pipeline.end, pipeline.end, `${reading} | ${source}`);
  });
}

/** What a query without a whole selector becomes when a filter is set: the filter alone. */
function with_(text, change) {
  const parsed = parse(text);
  if (parsed.pipelines.length >= 1 && parsed.pipelines[0].selector.isClosed) return change(parsed);
  return change(parse(everything));
}

function splice(text, start, end, source) { return text.slice(0, start) + source + text.slice(end); }

/** Cuts a stage with the space before it. */
function cutStage(text, start, end) {
  const before = text.slice(0, start);
  const kept = before.replace(/[ \t]+$/, "");
  // After a comment the line has to end.
  return (/#[^\n]*$/.test(kept) ? before : kept) + text.slice(end);
}

/** Cuts one of several that are joined by a comma or `and`, with what joins it. */
function cutItem(text, start, end) {
  const after = /^\s*(?:,|and\b)[ \t]*/i.exec(text.slice(end));
  if (after) return text.slice(0, start) + text.slice(end + after[0].length);
  const before = /[ \t]*(?:,|\band)\s*$|[ \t]+$/i.exec(text.slice(0, start));
  return text.slice(0, start - (before?.[0].length ?? 0)) + text.slice(end);
}

// MARK: Values

/** The plain values of `=~"a|b"`, or null if it is another expression. */
export function alternatives(filter) {
  if (filter.op === "=" || filter.op === "==" || filter.op === "!=") return [filter.value];
  if (filter.op !== "=~" && filter.op !== "!~") return null;
  const values = filter.value.split("|");
  return values.every(value => /^(?:[^.*+?^${}()|[\]\\]|\\[^\w])+$/.test(value))
    ? values.map(value => value.replace(/\\(.)/g, "$1")) : null;
}

/** A condition that is met by any of `values`, or by none of them. */
export function oneOf(name, values, isNegated = false) {
  if (values.length === 1) return `${name}${isNegated ? "!=" : "="}${quoted(values[0])}`;
  return `${name}${isNegated ? "!~" : "=~"}${quoted(values.map(value => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"))}`;
}
