// The three lists below: the last errors, the slowest traces, and the faults in force.
import { fill, h, service, visible } from "/console/shell/dom.js";
import { icon, levelIcon } from "/console/shell/icons.js";
import { ago, count, counted, duration, moment } from "/console/shell/format.js";
import { addressWith } from "/console/shell/address.js";
import { fixedRange, keptRange } from "/console/shell/range.js";
import { ownTimes } from "/console/traces/own.js";
import { keyedList } from "./keyed.js";
import { lines, traces } from "./links.js";

export function lastErrors() {
  const list = h("ul", { class: "list" });
  const all = h("a", {});
  const show = keyedList(list, {
    key: line => line.key,
    build: line => h("li", { class: "error-line" }, levelIcon(line.level), service(line.service),
      h("a", { class: "cut", href: lines("error", fixedRange(), { line: line.key }), title: visible(line.message) }, visible(line.message)),
      h("small", { class: "faint" }, ago(moment(line.time))),
      line.trace ? h("a", { href: addressWith({ span: line.span }, `/trace/${line.trace}`) }, h("code", {}, line.trace.slice(0, 8)))
        : h("span", {})),
    refresh: (row, line) => fill(row.querySelector("small"), ago(moment(line.time))),
  });
  const none = h("p", { class: ["soft", "none"], hidden: true }, "No line of level error in this range.");
  return {
    element: [list, none], all,
    show(overview) {
      show(overview.lastErrors.slice(0, 6));
      none.hidden = overview.lastErrors.length > 0;
      const total = overview.levels.error ?? 0;
      all.hidden = !total;
      fill(all, `all ${count(total)}`);
      all.href = lines("error", keptRange());
    },
  };
}

export function slowestTraces() {
  const list = h("ul", { class: "list" });
  const all = h("a", {}, "all");
  let longest = 1;
  const draw = (row, trace) => {
    fill(row.querySelector("small"), ago(moment(trace.start)));
    const split = row.querySelector(".split");
    if (split.dataset.longest === String(longest)) return;
    split.dataset.longest = longest;
    split.replaceChildren(ownTimes(trace, longest));
  };
  const show = keyedList(list, {
    key: trace => trace.id + trace.spans,
    build: trace => {
      const row = h("li", { class: "slow-trace" },
        h("a", { href: `/trace/${trace.id}`, title: `${visible(trace.service)} ${visible(trace.name)}` },
        h("code", {}, trace.id.slice(0, 8))),
        trace.error ? icon("error", "with errors") : h("span", {}), h("span", { class: "split" }),
        h("span", { class: "number" }, duration(trace.duration)), h("small", { class: ["faint", "number"] }));
      draw(row, trace);
      return row;
    },
    refresh: draw,
  });
  return {
    element: list, all,
    show(overview) {
      longest = overview.slowest[0]?.duration || 1;
      show(overview.slowest.slice(0, 6));
      all.href = traces("{ }", keptRange(), { order: "slowest" });
    },
  };
}

export function faultsInForce() {
  const list = h("ul", { class: "list" });
  const note = h("p", { class: ["soft", "none"] });
  const show = keyedList(list, {
    key: rule => rule.rule,
    build: rule => h("li", { class: "fault" }, h("code", { class: "cut", title: visible(rule.rule) }, visible(rule.rule)),
      h("span", { class: "number" })),
    refresh: draw,
  });
  function draw(row, rule) {
    fill(row.querySelector(".number"), h("b", {}, count(rule.injected)), h("span", { class: "faint" }, rule.injected === 1 ? " hit"
      : " hits"));
  }
  return {
    element: [list, note],
    /** `faults` is the answer of the faults endpoint, or `null` where it is absent; `state` is the environment's. */
    show(faults, state) {
      const rules = faults?.rules ?? [];
      show(rules.slice(0, 5));
      for (const [index, rule] of rules.slice(0, 5).entries()) draw(list.children[index], rule);
      const { count: total = 0, hidden, incident } = state?.faults ?? {};
      note.hidden = rules.length > 0 && rules.length <= 5;
      fill(note, hidden ? ["An incident is played: ", h("a", { href: "/incidents" }, visible(incident ?? "hidden faults")),
        ". Its faults are hidden."]
        : rules.length > 5 ? `and ${counted(rules.length - 5, "more", "more")}`
          : total ? `${counted(total, "rule")} in force.`
            : ["No fault is set. Choose one, or ", h("a", { href: "/incidents" }, "play an incident"), "."]);
    },
  };
}
