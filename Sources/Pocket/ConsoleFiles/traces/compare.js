// Two traces beside each other: what differs first, then the facts of both, then one tree of pairs on one ruler. With
// only one trace, the other one is chosen here.
import { styles } from "/console/shell/styles.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { addressWith, change, parameter } from "/console/shell/address.js";
import { get, Latest, Offline } from "/console/shell/api.js";
import { failureNotice } from "/console/shell/failure.js";
import { counted } from "/console/shell/format.js";
import { bind } from "/console/shell/keys.js";
import { keptRange } from "/console/shell/range.js";
import { readTrace } from "/console/trace/model.js";
import { differenceList, factTable } from "./compare-facts.js";
import { chooser, oneTrace, similar } from "./choose.js";
import { pairTraces } from "./pairs.js";
import { pairRows } from "./pair-rows.js";

styles("/console/traces/compare.css");

/** With more pairs than this, only those that differ are shown at first; and never more than `most`. */
const many = 300;
const most = 2000;

export function mount(root, app) {
  const latest = new Latest();
  const place = h("div", { class: "compare" });
  const tree = pairRows({ link: (side, span) => addressWith({ ...keptRange(), span: span.id }, `/trace/${traces[side].id}`) });
  const note = h("p", { class: ["small", "faint", "cut-note"], hidden: true });
  const choice = [["all", "All spans"], ["differences", "Differences only"]].map(([value, name]) =>
    h("button", { type: "button", data: { value }, on: { click: () => change({ show: value }, { replace: true }) } }, name));
  let traces = {};
  let paired = null;
  let key = "";
  fill(root, h("h1", { class: "aloud" }, "Compare two traces"), place);

  async function load() {
    const [a, b] = [parameter("a"), parameter("b")];
    key = `${a} ${b}`;
    paired = null;
    const timer = setTimeout(() => fill(place, h("div", { class: "card" }, [1, 2, 3, 4].map(() => h("div", { class: "waiting" })))), 300);
    try {
      const found = await latest.run(signal => Promise.all([a, b].map(id => id ? one(id, signal) : null)));
      if (!found) return;
      clearTimeout(timer);
      const missing = found.findIndex(trace => trace?.refusal);
      if (missing >= 0) return showMissing(missing === 0 ? "a" : "b", found[missing].refusal);
      traces = { a: found[0], b: found[1] };
      if (traces.a && traces.b) showPair(); else if (traces.a || traces.b) await showChoice(); else showNothing();
    } catch (error) {
      if (error instanceof Offline) return;
      const failure = failureNotice(load);
      failure.show(error);
      fill(place, failure.element);
    } finally { clearTimeout(timer); }
  }
  async function one(id, signal) {
    try { return readTrace(await get(`/console/api/trace/${encodeURIComponent(id)}`, {}, signal)); } catch (error) {
      if (error.status === 404 || error.status === 400) return { refusal: error };
      throw error;
    }
  }

  function showPair() {
    const { a, b } = traces;
    app.title(`${a.id.slice(0, 8)} beside ${b.id.slice(0, 8)}`);
    paired = pairTraces(a, b);
    const link = side => addressWith(keptRange(), `/trace/${traces[side].id}`);
    const without = side => addressWith({ a: traces[side === "a" ? "b" : "a"].id, b: null, show: null });
    fill(place, h("div", { class: "above" },
      h("section", { class: "card", "aria-label": "Differences" },
        h("header", {}, h("h2", {}, "Differences"), h("span", { class: ["small", "faint"] }, paired.differences.length
        ? counted(paired.differences.length, "span") : null)),
        differenceList(paired.differences, a, b, pick)),
      h("section", { class: "card", "aria-label": "Both traces" }, h("header", {}, h("h2", {}, "Both traces"),
        h("button", { type: "button", class: ["quiet", "swap"], title: "A becomes B (s)", on: { click: swap } }, icon("compare"), "Swap")),
          factTable(a, b, { link, change: without }))),
    h("section", { class: ["card", "of-pairs"], "aria-label": "Spans" },
      h("header", {}, h("h2", {}, "Spans, paired"),
      h("span", { class: ["small", "faint", "cut"] }, "upper bar A, lower bar B · solid is own time, pale is waiting"),
      h("span", { class: "segments", role: "group", "aria-label": "Which spans" }, choice)), note, tree.element));
    showRows();
  }
  function isShort() { return (parameter("show") ?? (paired.pairs.length > many ? "differences" : "all")) === "differences"; }
  function showRows() {
    for (const button of choice) button.setAttribute("aria-pressed", String((button.dataset.value === "differences") === isShort()));
    const wanted = isShort() ? paired.pairs.filter(pair => pair.differs) : paired.pairs;
    const hidden = paired.pairs.length - Math.min(most, wanted.length);
    note.hidden = hidden === 0;
    fill(note, wanted.length > most ? `Only the first ${most} of ${counted(wanted.length, "pair")} are shown.`
      : `${counted(hidden, "pair")} without a difference ${hidden === 1 ? "is" : "are"} left out.`);
    tree.show(wanted.slice(0, most), Math.max(traces.a.duration, traces.b.duration));
  }
  function pick(pair) {
    if (tree.reveal(pair)) return;
    change({ show: "all" }, { replace: true });
    tree.reveal(pair);
  }
  function swap() { if (traces.a && traces.b) change({ a: traces.b.id, b: traces.a.id }); }

  async function showChoice() {
    const side = traces.a ? "b" : "a";
    const trace = traces.a ?? traces.b;
    app.title(`${trace.id.slice(0, 8)} beside another`);
    fill(place, oneTrace(trace), h("div", { class: "card" },
      h("header", {}, h("span", { class: "soft" }, "Looking for others of the same operation …")),
      h("div", {}, [1, 2, 3].map(() => h("div", { class: "waiting" })))));
    const found = await latest.run(signal => similar(trace, signal));
    if (found) fill(place, oneTrace(trace), chooser(trace, found, side));
  }
  function showNothing() {
    fill(place, h("div", { class: "empty" }, h("h2", {}, "Which traces?"),
      h("p", { class: "soft" }, "Tick two in the list of traces, and press Compare."),
      h("a", { class: "button", href: addressWith(keptRange(), "/traces") }, "Traces")));
  }
  function showMissing(side, refusal) {
    const id = visible(parameter(side));
    const other = parameter(side === "a" ? "b" : "a");
    fill(place, h("div", { class: "empty" },
      h("h2", {}, refusal.candidates?.length ? `${counted(refusal.candidates.length, "trace")} begin with ${id}.`
      : `No trace begins with ${id}.`),
      h("p", { class: "soft" }, refusal.lines
        ? `${counted(refusal.lines, "log line names", "log lines name")} it, so its spans were lost or not sampled.`
        : refusal.candidates?.length ? "Choose one of them." : refusal.status === 404 ? "It may not have arrived yet, or be too old."
          : visible(refusal.message)),
      (refusal.candidates ?? []).slice(0, 8).map(candidate => h("a", { href: addressWith({ [side]: candidate }) },
        h("code", {}, candidate))),
      other ? h("a", { class: "button", href: addressWith({ a: other, b: null }) }, "Choose another one")
        : h("a", { class: "button", href: addressWith(keptRange(), "/traces") }, "Traces")));
  }

  const unbind = bind([
    { key: "j", name: "Next pair of spans", run: () => tree.move(1) },
    { key: "k", name: "Pair before", run: () => tree.move(-1) },
    { key: "ArrowDown", run: () => tree.move(1) },
    { key: "ArrowUp", run: () => tree.move(-1) },
    { key: "Enter", name: "What differs in this pair", run: () => tree.toggleFocused() },
    { key: "e", name: "Next difference", run: () => tree.nextDifference(1) },
    { key: "E", name: "Difference before", run: () => tree.nextDifference(-1) },
    { key: "s", name: "Swap both", run: swap },
  ]);
  load();
  return {
    update(reason) {
      if ((reason === "run" && !paired) || key !== `${parameter("a")} ${parameter("b")}`) load();
      else if (paired) showRows();
    },
    end() { latest.stop(); unbind(); },
  };
}
