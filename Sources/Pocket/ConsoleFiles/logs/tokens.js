// LogQL in words, each with its place in the text. It takes what the server takes, and more: a half-typed query has
// words, too. Nothing is lost: what stands between two words is space or a comment.

const symbols = ["=~", "==", "!=", "!~", "!>", "|=", "|~", "|>", ">=", "<=", "{", "}", "(", ")", ",", "=", "|", ">", "<",
  "+", "-", "*", "/", "%", "^", "."];
const word = /[\p{Alphabetic}_][\p{Alphabetic}_0-9]*/uy;
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+|[\p{Alphabetic}µ][\p{Alphabetic}µ0-9.]*)?/uy;
const blank = /(?:[ \t\r\n]+|#[^\n]*)+/y;

/**
 * `[{kind, text, value, start, end}]`; kind is `name`, `string`, `number` (also `30s` and `5MB`), `range` (`[5m]`),
 * `symbol` or `bad` (a text or a range without an end, or something that no query has). `value` is what a string says.
 */
export function tokens(text) {
  const found = [];
  let at = 0;
  while (at < text.length) {
    const gap = matchAt(blank, text, at);
    if (gap) { at += gap.length; continue; }
    const token = next(text, at);
    found.push({ ...token, start: at, end: at + token.text.length });
    at += token.text.length;
  }
  return found;
}

function next(text, at) {
  const name = matchAt(word, text, at);
  if (name) return { kind: "name", text: name };
  const digits = matchAt(number, text, at);
  if (digits) return { kind: "number", text: digits };
  const first = text[at];
  if (first === '"' || first === "`") return string(text, at, first);
  if (first === "[") {
    const end = text.indexOf("]", at);
    return end < 0 ? { kind: "bad", text: text.slice(at) }
      : { kind: "range", text: text.slice(at, end + 1), value: text.slice(at + 1, end).trim() };
  }
  const symbol = symbols.find(symbol => text.startsWith(symbol, at));
  return symbol ? { kind: "symbol", text: symbol } : { kind: "bad", text: String.fromCodePoint(text.codePointAt(at)) };
}

function string(text, at, quote) {
  let end = at + 1;
  while (end < text.length && text[end] !== quote && !(quote === '"' && text[end] === "\n")) end += quote === '"'
    && text[end] === "\\" ? 2 : 1;
  if (text[end] !== quote) return { kind: "bad", text: text.slice(at, Math.min(end, text.length)) };
  const inside = text.slice(at + 1, end);
  return { kind: "string", text: text.slice(at, end + 1), value: quote === "`" ? inside : unescaped(inside) };
}

const escapes = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unescaped(text) {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g, (_, two, four, eight, one) => {
    if (one) return escapes[one] ?? one;
    const code = parseInt(two ?? four ?? eight, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}

/** A text as LogQL writes it. */
export function quoted(value) {
  return '"' + value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")
    .replace(/[\u0000-\u001f\u007f]/g, character => "\\x" + character.charCodeAt(0).toString(16).padStart(2, "0")) + '"';
}

function matchAt(expression, text, at) {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? null;
}
