// What a text in the box is: the id of a trace or of a task, LogQL or TraceQL.

const logFunctions = /^\s*(?:sum|avg|min|max|count|topk|bottomk|stddev|stdvar|sort|sort_desc|quantile|rate|bytes_rate|count_over_time|bytes_over_time|sum_over_time|avg_over_time|max_over_time|min_over_time|quantile_over_time|first_over_time|last_over_time|absent_over_time|label_replace|vector)\s*(?:by|without)?\s*\(/;
const traceWords = /&&|\|\||>>|<<|(?:^|[{\s(!])\.[a-z_]|\b(?:resource|span|event|link|instrumentation|trace|parent)[.:]|\b(?:status|kind|duration|rootName|rootServiceName|statusMessage|traceDuration)\s*(?:=|!|<|>)/;

/**
 * `{kind, text}`; kind is `nothing`, `trace` (an id, its beginning or a traceparent), `logql`, `traceql` or `words`
 * (a task id, or something to look for).
 */
export function classify(text) {
  const trimmed = text.trim();
  if (!trimmed) return { kind: "nothing", text: "" };
  const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i.exec(trimmed);
  if (parent) return { kind: "trace", text: parent[1].toLowerCase() };
  if (/^[0-9a-f]{4,32}$/i.test(trimmed)) return { kind: "trace", text: trimmed.toLowerCase() };
  if (logFunctions.test(trimmed)) return { kind: "logql", text: trimmed };
  if (trimmed.startsWith("{") || trimmed.startsWith("(")) {
    const first = withoutTexts(trimmed);
    const selector = /^\(*\{([^}]*)/.exec(first)?.[1] ?? "";
    if (/^\s*$/.test(selector) || traceWords.test(selector)) return { kind: "traceql", text: trimmed };
    return { kind: "logql", text: trimmed };
  }
  return { kind: "words", text: trimmed };
}

/** The name of a kind, as the box shows it. */
export const kindNames = { nothing: "Find", trace: "Trace id", logql: "LogQL", traceql: "TraceQL", words: "Find" };

/** The same text with what stands in quotes blanked out. */
export function withoutTexts(text) {
  return text.replace(/"(?:[^"\\]|\\.)*"?|`[^`]*`?/g, match => match[0] + " ".repeat(Math.max(0, match.length - 2)) + match[0]);
}
