// Which fields the data of the range has, and which values: for filters, columns and completion.
import { get } from "/console/shell/api.js";
import { nanoseconds } from "/console/shell/format.js";
import { range } from "/console/shell/range.js";

/** `() => [{name, values, lines, examples, label, least, most}]`; asked again after half a minute, or for another range. */
export function knownFields() {
  let asked = null;
  return function fields() {
    const { from, to, isLive, length } = range();
    const name = isLive ? `last ${Math.round(length)}` : `${from}–${to}`;
    if (asked && asked.name === name && Date.now() - asked.at < 30_000) return asked.answer;
    const answer = get("/console/api/fields", { from: nanoseconds(from), to: nanoseconds(to) }).then(({ fields }) => fields);
    asked = { name, at: Date.now(), answer };
    answer.catch(() => { if (asked?.answer === answer) asked = null; });
    return answer;
  };
}
