// The text of a fault rule and its parts: SERVICE[.OPERATION]:KIND[=ARGUMENT][,OPTION=VALUE]… Reading forgives whatever
// is not there or not right yet; what is wrong, the server says.

/** The order in which options are written. */
const order = ["rate", "match", "from", "for", "id", "seed"];

/**
 * `{service, operation, kind, argument, options: [{name, value}], parts: [{name, start, end}]}`. A part is a place in
 * the text: `service`, `operation`, `kind`, `argument`, or the name of an option; of several matches, `match 0`, `match 1`.
 */
export function parseRule(text) {
  const parts = [];
  const place = (name, start, end) => {
    while (start < end && /\s/.test(text[start])) start++;
    while (end > start && /\s/.test(text[end - 1])) end--;
    parts.push({ name, start, end });
    return text.slice(start, end);
  };
  const colon = text.indexOf(":");
  const targetEnd = colon < 0 ? text.length : colon;
  const dot = text.slice(0, targetEnd).indexOf(".");
  const service = place("service", 0, dot < 0 ? targetEnd : dot);
  const operation = dot < 0 ? "" : place("operation", dot + 1, targetEnd);
  const rule = { service, operation: operation === "*" ? "" : operation, kind: "", argument: "", options: [], parts };
  if (colon < 0) return rule;
  const [what, ...options] = pieces(text, colon + 1);
  const equals = indexIn(text, "=", what);
  rule.kind = place("kind", what.start, equals < 0 ? what.end : equals);
  if (equals >= 0) rule.argument = place("argument", equals + 1, what.end);
  let matches = 0;
  for (const option of options) {
    const at = indexIn(text, "=", option);
    const name = text.slice(option.start, at < 0 ? option.end : at).trim();
    place(name === "match" ? `match ${matches++}` : name, option.start, option.end);
    rule.options.push({ name, value: at < 0 ? "" : text.slice(at + 1, option.end).trim() });
  }
  return rule;
}

/** What stands between commas that are neither in quotes nor in parentheses. */
function pieces(text, start) {
  const found = [];
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character === "\\") at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === "(") depth++;
    else if (character === ")") depth = Math.max(0, depth - 1);
    else if (character === "," && depth === 0) { found.push({ start, end: at }); start = at + 1; }
  }
  return [...found, { start, end: text.length }];
}

function indexIn(text, character, { start, end }) {
  const at = text.indexOf(character, start);
  return at < 0 || at >= end ? -1 : at;
}

/** The text of a rule. What is empty is left out. */
export function writeRule({ service, operation, kind, argument, options }) {
  const sorted = options.filter(option => option.value !== "")
    .map((option, index) => ({ ...option, index, rank: order.includes(option.name) ? order.indexOf(option.name) : order.length }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  return `${service || "*"}${operation ? "." + operation : ""}:${kind}${argument ? "=" + argument : ""}`
    + sorted.map(({ name, value }) => `,${name}=${value}`).join("");
}

/** A value, in quotes if it needs them. */
export function quoted(value) {
  return /[",;()\s\\]/.test(value) ? '"' + value.replace(/["\\]/g, "\\$&") + '"' : value;
}

/** A value without its quotes. */
export function unquoted(text) {
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replace(/\\(.)/g, "$1");
}

/** The part at a column of the server, which counts characters from 1 as people do; the last one beyond the end. */
export function partAt(rule, text, column) {
  const at = offset(text, column);
  return rule.parts.findLast(part => part.start <= at && at <= part.end) ?? rule.parts.at(-1) ?? null;
}

function offset(text, column) {
  if (!globalThis.Intl?.Segmenter) return column - 1;
  let at = 0;
  let left = column - 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (left-- <= 0) break;
    at += segment.length;
  }
  return at;
}
