// No line matches: why, and what to press. What is offered is counted first.
import { h, visible } from "/console/shell/dom.js";
import { get } from "/console/shell/api.js";
import { count, counted, nanoseconds, shortTime, time, day } from "/console/shell/format.js";
import { range, rangeTexts, setRange } from "/console/shell/range.js";
import { filters as filtersOf, everything, without } from "./edit.js";
import { kindOf, words, writeText } from "./kinds.js";
import { parse } from "./query.js";

/** `run(text)` asks another query; `fields()` knows what the data holds; the signal ends the counting. */
export function emptyState({ query, summary, fields, run, signal }) {
  const offers = h("ul", { class: "offers" });
  const filters = filtersOf(parse(query));
  const { stored, selected } = summary;
  const add = (button, note) => offers.append(h("li", {}, button, h("span", { class: "soft" }, note)));
  const counting = async (text, bounds = {}) => {
    const { from, to } = range();
    const answer = await get("/console/api/lines",
      { query: text, from: nanoseconds(from), to: nanoseconds(to), limit: 0, summary: 1, buckets: 1, ...bounds }, signal);
    return answer.summary.matched;
  };
  const press = (name, act) => h("button", { type: "button", on: { click: act } }, name);
  const found = lines => (lines === 0 ? "also none" : counted(lines, "line"));

  async function offer() {
    for (const filter of stored > 0 ? filters.filter(({ place }) =>
      ["line", "label", "selector"].includes(place)).slice(-4).reverse() : []) {
      const text = without(query, filter);
      const lines = await counting(text);
      if (lines > 0) add(press(`Drop the filter ${words(filter).map(visible).join(" ")}`.replace(/^Drop the filter text .*/,
        "Drop the text filter"), () => run(text)), counted(lines, "line"));
    }
    const wider = widerRange();
    if (wider) {
      const lines = await counting(query, { from: nanoseconds(wider.from), to: nanoseconds(wider.to) });
      add(press(wider.name, () => setRange(wider.texts[0], wider.texts[1])), found(lines));
    }
    const text = filters.find(filter => kindOf(filter) === "text" && filter.op === "|=" && filter.values.length === 1);
    const similar = text && stored > 0 ? nearest(text.value, await fields()) : null;
    if (similar) {
      const mended = writeText(query, "|=", similar, text);
      const lines = await counting(mended);
      if (lines > 0) add(press("Similar text", () => run(mended)),
        [h("code", {}, visible(similar)), ` occurs in ${counted(lines, "line")}`]);
    }
    if (query.trim() !== everything && stored > 0) add(press("All lines", () => run(everything)), counted(stored, "line"));
    if (stored === 0) add(h("a", { class: "button", href: "/send" }, "Send a request"), "each writes a dozen lines");
  }
  offer().catch(() => { /* Ended, or the server is gone: what was counted stays. */ });

  return h("div", { class: "empty" }, h("h2", {}, `No line matches ${inRange()}.`),
    h("p", { class: "soft" }, stored === 0 ? "Nothing is stored for this range." : why({ stored, selected, filters })), offers);
}

function why({ stored, selected, filters }) {
  const whole = `${counted(stored, "line is", "lines are")} stored for this range; `;
  if (selected === 0) return whole + "none passes the stream selector.";
  const passed = `${count(selected)} ${selected === 1 ? "passes" : "pass"} the stream selector, none `;
  const rest = filters.filter(({ place }) => place === "line" || place === "label");
  if (rest.length === 1 && rest[0].place === "line" && rest[0].op === "|="
    && rest[0].values.length === 1) return whole + passed + `contains “${visible(rest[0].value)}”.`;
  return whole + passed + "what follows it.";
}

/** "in the last 15 minutes", "between 15:07 and 15:22" */
function inRange() {
  const texts = rangeTexts();
  const age = /^(?:now-)?(\d+)(s|m|h|d)$/.exec(texts.from);
  if (age && texts.to === "now") {
    const unit = { s: "second", m: "minute", h: "hour", d: "day" }[age[2]];
    return Number(age[1]) === 1 ? `in the last ${unit}` : `in the last ${age[1]} ${unit}s`;
  }
  const { from, to } = range();
  const clock = to - from < 300e6 ? time : shortTime;
  const name = at => (day(at) === day(Date.now() * 1000) ? "" : day(at) + ", ") + clock(at);
  return `between ${name(from)} and ${name(to)}`;
}

function widerRange() {
  const { from, to, length, isLive } = range();
  if (isLive) {
    const [text, name, size] = [["1h", "Look at the last hour", 3600e6], ["6h", "Look at the last 6 hours", 6 * 3600e6],
      ["1d", "Look at the last day", 86400e6]].find(([, , size]) => size > length * 1.5) ?? [];
    return text ? { name, from: to - size, to, texts: [text, "now"] } : null;
  }
  const wider = [from - length * 2, Math.min(to + length * 2, Date.now() * 1000)];
  return { name: "Search a range five times as long", from: wider[0], to: wider[1], texts: wider };
}

/** The word of the data that is most like a text, if any is. */
function nearest(text, fields) {
  const words = new Set(fields.filter(field => field.values <= 200).flatMap(field =>
    field.examples.flatMap(example => [example, ...example.split(/[^\p{L}\p{N}_-]+/u)])));
  let best = null;
  let least = Math.max(1, Math.floor(text.length / 4)) + 1;
  for (const word of words) {
    if (word.length < 3 || Math.abs(word.length - text.length) >= least) continue;
    const distance = difference(word.toLowerCase(), text.toLowerCase(), least);
    if (distance < least && word !== text) { best = word; least = distance; }
  }
  return best;
}

/** How many letters have to change: Levenshtein's distance, or `most` if it is more. */
function difference(a, b, most) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    if (Math.min(...next) >= most) return most;
    row = next;
  }
  return row[b.length];
}
