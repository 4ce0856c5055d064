// Names and texts as TraceQL writes them.

/** A text in quotes. TraceQL knows fewer escapes than JSON. */
export function quoted(text) {
  return JSON.stringify(text).replace(/\\[\s\S]/g, pair => ({ "\\b": "\\u0008", "\\f": "\\u000c" })[pair] ?? pair);
}

/** An attribute of a scope, whatever the name: telemetry chooses it, so nothing in it may end the name. */
export function attributePath(scope, name) { return `${scope}.${/^[\w.]+$/.test(name) ? name : quoted(name)}`; }
