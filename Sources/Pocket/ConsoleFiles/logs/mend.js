// A refused query: what is wrong in plain words, and the mended query, as far as it can be told from its words.
import { tokens } from "./tokens.js";

const expected = { STRING: "a text in quotes or backticks", IDENTIFIER: "a name", NUMBER: "a number",
  DURATION: "a duration such as 5m", "}": "}", ",": "a comma", $end: "the end" };
const lineOperators = ["|=", "!=", "|~", "!~"];

/** An error of the server or of Loki, with `line`, `column`, `suggestion` where they can be told. */
export function explained(error, text) {
  const place = /^parse error at line (\d+), col (\d+): /.exec(error.message);
  const line = error.line ?? (place ? Number(place[1]) : undefined);
  const column = error.column ?? (place ? Number(place[2]) : undefined);
  const bare = error.message.replace(/^parse error(?: at line \d+, col \d+)? ?: (?:syntax error: )?/, "").trim();
  if (!column) return { message: ending(bare), line, column, suggestion: error.suggestion };
  const all = tokens(text);
  const at = all.findIndex(token => token.start === offset(text, line ?? 1, column));
  const [before, token] = [all[at - 1], all[at]];
  if (token && before && ["name", "number"].includes(token.kind) && [...lineOperators, "=", "=~"].includes(before.text)
    && /STRING/.test(bare)) {
    const end = endOfWords(all, at);
    return { line, column, message: `a text in quotes or backticks is expected after ${before.text}, not ${token.text}.`,
      suggestion: error.suggestion ?? text.slice(0, token.start) + JSON.stringify(text.slice(token.start, end)) + text.slice(end) };
  }
  if (/not terminated/.test(bare)) return { line, column, message: "the text that begins here has no end.", suggestion: error.suggestion };
  const unexpected = /^unexpected (\S+?)(?:, expecting (.+))?$/.exec(bare);
  if (!unexpected) return { line, column, message: ending(bare), suggestion: error.suggestion };
  const wanted = unexpected[2]?.split(" or ").map(name => expected[name] ?? name).join(" or ");
  const what = token ? token.text : "the end of the query";
  return { line, column, suggestion: error.suggestion,
    message: wanted ? `${wanted} is expected${before ? ` after ${before.text}` : ""}, not ${what}.`
    : `${what} cannot stand here.` };
}

function ending(text) { return /[.!?”]$/.test(text) ? text : text + "."; }

function offset(text, line, column) {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf("\n", start) + 1;
  // Columns count characters, places in a text count half of some.
  return start + [...text.slice(start)].slice(0, column - 1).join("").length;
}

/** Words that follow each other are one text: `|= request completed`. */
function endOfWords(all, at) {
  let end = at;
  while (["name", "number"].includes(all[end + 1]?.kind)) end++;
  return all[end].end;
}
