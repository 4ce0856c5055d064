// Completion of TraceQL in the box: fields where one may stand, operators after a field, values after an operator.
import { visible } from "/console/shell/dom.js";
import { fields, meanings, values } from "./fields.js";
import { literal, tokens } from "./query.js";

const operators = ["=", "!=", "=~", "!~", ">", ">=", "<", "<="];
const known = new Map();

/** Asks once in half a minute: fields and values seldom change. */
async function kept(key, ask) {
  const old = known.get(key);
  if (old && Date.now() - old.at < 30_000) return old.value;
  const value = await ask();
  known.set(key, { value, at: Date.now() });
  return value;
}

/** `[{text, detail, start, end, insert}]` for the place of the caret. */
export async function complete(text, caret) {
  const before = tokens(text.slice(0, caret));
  const last = before.at(-1);
  if (!last) return [{ text: "{ ", detail: "spans with …", start: 0, end: caret, insert: "{ " }];
  if (!isInBraces(before)) return [];
  const isTyping = last.end === caret && last.kind !== "sign";
  const typed = isTyping ? last.text : "";
  const place = { start: isTyping ? last.start : caret, end: caret };
  const [previous, field] = isTyping ? [before.at(-2), before.at(-3)] : [last, before.at(-2)];

  if (operators.includes(previous?.text) && field) return valuesOf(field.text, typed, place);
  if (previous?.kind === "field" || previous?.kind === "word") {
    return ["=", "!=", ">", "<", "=~"].map(text => ({ text, detail: "", ...place, insert: text + " " }));
  }
  if (["text", "number"].includes(previous?.kind)) return [{ text: "&&", detail: "and", ...place, insert: "&& " },
    { text: "||", detail: "or", ...place, insert: "|| " }];
  const names = await kept("fields", () => fields());
  return names.filter(name => name.toLowerCase().includes(typed.toLowerCase()) && name !== typed)
    .sort((a, b) => Number(b.startsWith(typed)) - Number(a.startsWith(typed)))
    .map(name => ({ text: name, detail: meanings[name] ?? "", ...place, insert: name + " " }));
}

async function valuesOf(field, typed, place) {
  const wanted = typed.replace(/^["`]/, "").toLowerCase();
  const found = await kept(field, () => values(field));
  return found.filter(({ value }) => String(value).toLowerCase().includes(wanted)).slice(0, 12)
    .map(({ value, type }) => ({ text: visible(value), detail: "", ...place, insert: literal(field, value, type) + " " }));
}

function isInBraces(before) {
  return before.findLastIndex(token => token.text === "{") > before.findLastIndex(token => token.kind === "sign" && token.text === "}");
}
