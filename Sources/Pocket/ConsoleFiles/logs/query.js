// What a LogQL query is made of, with the place of each part. The filters above the lines are read from it.
import { tokens } from "./tokens.js";

const lineOperators = ["|=", "!=", "|~", "!~", "|>", "!>"];
const comparisons = ["=", "==", "!=", "=~", "!~", ">", ">=", "<", "<="];
const otherStages = ["json", "logfmt", "line_format", "label_format", "drop", "keep", "pattern", "regexp", "unpack", "unwrap",
  "decolorize"];

/**
 * `{text, tokens, ok, isMetric, pipelines, groupings}`. A pipeline is `{start, end, selector, stages, range}`: `end` is
 * where another stage may be written. A stage has a `type`: `line` (`{op, values}`), `label` (`{conditions, isPlain}`;
 * plain are those joined by `and` only) or the name of another stage. `ok` says that the text is whole.
 */
export function parse(text) {
  const all = tokens(text);
  const reader = new Reader(all);
  const query = { text, tokens: all, ok: all.length > 0 && all.every(token => token.kind !== "bad"), isMetric: false,
    pipelines: [], groupings: [] };
  let depth = 0;
  while (reader.token) {
    const token = reader.token;
    if (reader.is("{")) {
      query.pipelines.push(pipeline(reader, query));
      continue;
    }
    if (token.kind === "name" && reader.following?.text === "(" && ["by", "without"].includes(token.text.toLowerCase())) {
      grouping(reader, query);
      continue;
    }
    if (token.kind === "name" && (reader.following?.text === "("
      || ["by", "without"].includes(reader.following?.text))) query.isMetric = true;
    if (token.text === "(") depth++;
    if (token.text === ")" && --depth < 0) query.ok = false;
    reader.advance();
  }
  if (query.pipelines.some(({ range }) => range)) query.isMetric = true;
  if (depth !== 0 || query.pipelines.length === 0) query.ok = false;
  if (query.isMetric && query.pipelines.some(({ range }) => !range)) query.ok = false;
  return query;
}

class Reader {
  #tokens; #at = 0;
  constructor(tokens) { this.#tokens = tokens; }
  get token() { return this.#tokens[this.#at]; }
  get following() { return this.#tokens[this.#at + 1]; }
  get last() { return this.#tokens[this.#at - 1]; }
  is(...texts) { return this.token?.kind === "symbol" && texts.includes(this.token.text); }
  isWord(...words) { return this.token?.kind === "name" && words.includes(this.token.text.toLowerCase()); }
  advance() { return this.#tokens[this.#at++]; }
  accept(...texts) { return this.is(...texts) ? this.advance() : null; }
}

function grouping(reader, query) {
  const first = reader.advance();
  reader.advance();
  const labels = [];
  while (reader.token?.kind === "name") { labels.push(reader.advance().text); if (!reader.accept(",")) break; }
  const end = reader.accept(")");
  if (!end) query.ok = false;
  query.groupings.push({ word: first.text.toLowerCase(), labels, start: first.start, end: (end ?? reader.last).end });
}

function pipeline(reader, query) {
  const start = reader.token.start;
  const selector = readSelector(reader, query);
  const result = { start, end: selector.end, selector, stages: [], range: null };
  while (reader.token) {
    if (reader.token.kind === "range" && !result.range) {
      const { start, end, value } = reader.advance();
      result.range = { start, end, value };
    } else if (reader.is(...lineOperators)) {
      result.stages.push(lineStage(reader, query));
    } else if (reader.is("|")) {
      result.stages.push(stage(reader, query));
    } else {
      break;
    }
  }
  // Nothing may follow `unwrap` but conditions on its value, and a range ends the lines.
  const unwrap = result.stages.findIndex(({ type }) => type === "unwrap");
  const own = unwrap < 0 ? result.stages : result.stages.slice(0, unwrap);
  result.end = Math.max(selector.end, ...own.map(({ end }) => end));
  return result;
}

function readSelector(reader, query) {
  const open = reader.advance();
  const matchers = [];
  while (reader.token && !reader.is("}")) {
    const condition = readCondition(reader, ["=", "!=", "=~", "!~"]);
    if (!condition || condition.kind !== "string") { query.ok = false; break; }
    matchers.push(condition);
    if (!reader.accept(",")) break;
  }
  const close = reader.accept("}");
  if (!close) query.ok = false;
  return { start: open.start, end: (close ?? reader.last).end, inside: open.end, matchers, isClosed: close !== null };
}

/** `name op value`, or null; `kind` is the value's. */
function readCondition(reader, operators) {
  if (reader.token?.kind !== "name") return null;
  const name = reader.token;
  if (reader.following?.kind !== "symbol" || !operators.includes(reader.following.text)) return null;
  reader.advance();
  const op = reader.advance();
  const sign = reader.accept("-", "+");
  const value = reader.token;
  if (!value || !["string", "number"].includes(value.kind)) return null;
  reader.advance();
  return { name: name.text, op: op.text, kind: value.kind, value: (sign?.text ?? "") + (value.value ?? value.text),
    start: name.start, end: value.end };
}

function lineStage(reader, query) {
  const op = reader.advance();
  const values = [];
  do {
    if (reader.token?.kind !== "string") { query.ok = false; break; }
    values.push(reader.advance().value);
  } while (reader.isWord("or") && reader.advance());
  return { type: "line", op: op.text, values, start: op.start, end: reader.last.end };
}

function stage(reader, query) {
  const { start } = reader.advance();
  if (reader.isWord(...otherStages)) return otherStage(reader, start);
  const conditions = [];
  const isPlain = readConditions(reader, query, conditions);
  if (conditions.length === 0) query.ok = false;
  return { type: "label", conditions, isPlain, start, end: reader.last.end };
}

/** Reads conditions joined in any way; returns whether they are joined by `and` alone. */
function readConditions(reader, query, conditions) {
  let isPlain = true;
  while (reader.token) {
    if (reader.is("(")) {
      reader.advance();
      isPlain = false;
      readConditions(reader, query, conditions);
      if (!reader.accept(")")) query.ok = false;
    } else {
      const condition = readCondition(reader, comparisons);
      if (!condition) { query.ok = false; return isPlain; }
      conditions.push(condition);
    }
    if (reader.isWord("or")) { reader.advance(); isPlain = false; }
    else if (reader.isWord("and") || reader.is(",")) reader.advance();
    else if (reader.token?.kind !== "name" && !reader.is("(")) return isPlain;
    else if (reader.token?.kind === "name" && reader.following?.kind !== "symbol") return isPlain;
  }
  return isPlain;
}

/** A stage that no filter stands for: everything up to the next one. */
function otherStage(reader, start) {
  const type = reader.advance().text.toLowerCase();
  let depth = 0;
  let before = null;
  while (reader.token && reader.token.kind !== "range") {
    // After a name, `!=` compares; elsewhere it begins a filter of lines.
    const compares = before?.kind === "name" && reader.is("!=", "!~") && reader.following?.kind === "string"
      && ["drop", "keep"].includes(type);
    if (depth === 0 && !compares && (reader.is("|", ")", ...lineOperators))) break;
    if (reader.is("(")) depth++;
    if (reader.is(")")) depth--;
    before = reader.advance();
  }
  return { type, start, end: reader.last.end };
}
