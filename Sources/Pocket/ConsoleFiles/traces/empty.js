// No trace matches: why, and what would bring some back. Everything is counted before it is offered.
import { fill, h, visible } from "/console/shell/dom.js";
import { counted, duration, nanoseconds } from "/console/shell/format.js";
import { get } from "/console/shell/api.js";
import { range, setRange, widen } from "/console/shell/range.js";
import { read, withoutCondition } from "./query.js";

/** `write(query)` runs another query. */
export function emptyTraces(write) {
  const element = h("div", { class: "empty", hidden: true });
  let number = 0;
  /** What is shown: it stays as it is while that does, and so do its focus and its counting. */
  let shownFor = null;

  async function show(query, { from, to, isLive, length }, stored) {
    const limits = { from: nanoseconds(from), to: nanoseconds(to), limit: 0 };
    const where = isLive ? `in the last ${duration(length * 1000).replace(/^(\d+) min$/, "$1 minutes")}` : "in this range";
    const wanted = [query, stored, where, isLive ? "" : from].join("\n");
    if (wanted === shownFor) return;
    shownFor = wanted;
    const mine = ++number;
    const why = h("p", { class: "soft" });
    const offers = h("div", { class: ["row", "wrap"] });
    fill(element, h("h2", {}, stored ? `No trace matches ${where}.` : `No trace was stored ${where}.`), why, offers);
    element.hidden = false;
    if (!stored) {
      fill(why, "Send a request, or look further back.");
      fill(offers, h("a", { class: "button", href: "/send" }, "Send one task"),
        h("button", { type: "button", on: { click: () => setRange("1h", "now") } }, "Last 1 h"),
        h("button", { type: "button", on: { click: widen } }, "Twice as long"));
      return;
    }
    try {
      const all = await get("/console/api/traces", { ...limits, query: "{}" });
      if (mine !== number) return;
      fill(why, `${counted(all.stored, "trace is", "traces are")} stored for this range; the slowest took ${duration(all.slowest)}.`);
      const conditions = read(query)?.conditions ?? [];
      const without = conditions.length > 1
        ? conditions.slice(0, 5).map(part => ({ query: withoutCondition(query, part), name: query.slice(part.start, part.end) })) : [];
      const counts = await Promise.all(without.map(({ query }) => get("/console/api/traces",
        { ...limits, query }).then(answer => answer.matched, () => 0)));
      if (mine !== number) return;
      fill(offers, without.map(({ query, name }, index) => counts[index]
        ? h("button", { type: "button", on: { click: () => write(query) } },
        h("span", {}, "Without ", h("code", {}, visible(name)), `: ${counted(counts[index], "trace")}`)) : null),
      h("button", { type: "button", on: { click: () => write("{ }") } }, `All: ${counted(all.stored, "trace")}`));
    } catch (error) {
      if (mine !== number) return;
      shownFor = null;
      fill(offers, h("span", { class: ["small", "error-text"] }, error.message));
    }
  }
  /** Where a query was refused and nothing was shown before. */
  function showRefused() {
    number++;
    shownFor = null;
    element.hidden = false;
    fill(element, h("h2", {}, "This query cannot be read."), h("p", { class: "soft" }, "Correct it above, or start again."),
      h("button", { type: "button", on: { click: () => write("{ }") } }, "All traces"));
  }
  return { element, show, showRefused, hide() { number++; shownFor = null; element.hidden = true; } };
}
