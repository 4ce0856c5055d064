// The rows of a comparison: one a pair of spans, with the bar of A above that of B on one ruler.
import { fill, h, s, serviceClass, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { duration } from "/console/shell/format.js";
import { whenResized } from "/console/shell/resize.js";
import { ownParts } from "/console/trace/model.js";
import { drawAxis, drawGrid } from "/console/trace/ruler.js";
import { percent, scaleOf } from "/console/trace/scale.js";
import { differingAttributes, explain } from "./pairs.js";

const words = { missing: "only in A", new: "only in B", status: "status", slower: "slower", faster: "faster" };

/** `link(side, span)` is the address of a span's trace; `onOpen(pair)` when a row is opened or closed. */
export function pairRows({ link }) {
  const axis = s("svg", { class: "axis", "aria-hidden": "true" });
  const grid = s("svg", { class: "grid-lines", "aria-hidden": "true" });
  const list = h("div", { class: "pair-list", role: "treegrid", "aria-label": "Spans of both traces, paired", "aria-readonly": "true" });
  const element = h("div", { class: "pairs" },
    h("div", { class: "pair-head" }, h("span", { class: ["small", "faint"] }, "Span"), h("div", { class: "lane" }, axis),
      ["A", "B", "B − A"].map(name => h("span", { class: ["number", "small", "faint"] }, name))),
    h("div", { class: "pair-body" }, h("div", { class: "grid-place" }, grid), list));
  let scale = scaleOf(0, 1);
  let rows = [];
  let opened = new Set();
  whenResized(element, drawRuler);

  function drawRuler() {
    const width = grid.clientWidth || 400;
    drawAxis(axis, scale, width);
    drawGrid(grid, scale, width);
  }

  function show(pairs, longest) {
    scale = scaleOf(0, longest);
    rows = pairs;
    opened = new Set();
    fill(list, pairs.map(build));
    if (list.firstChild) list.firstChild.tabIndex = 0;
    drawRuler();
  }

  function build(pair, at) {
    const span = pair.a ?? pair.b;
    const changes = pair.up === null || (pair.up.a ?? pair.up.b).service !== span.service;
    const guides = h("span", { class: "guides" });
    guides.style.setProperty("--depth", pair.depth);
    const isOpen = opened.has(pair);
    return h("div", { class: ["pair", `is-${pair.kind}`], role: "row", tabindex: "-1", "aria-level": pair.depth + 1, "aria-expanded": String(isOpen),
      data: { pair: pair.index }, on: { click: event => { if (!event.target.closest("a, .detail")) toggle(pair); } } },
    h("div", { class: ["name", serviceClass(span.service)], role: "gridcell" }, guides, h("span", { class: "swatch" }),
      changes ? h("b", { class: "who" }, visible(span.service)) : h("span", { class: "aloud" }, visible(span.service)),
      h("span", { class: "cut", title: visible(span.name) }, visible(span.name)), badge(pair)),
    h("div", { class: ["lane", serviceClass(span.service)], role: "gridcell" }, bars(pair)),
    h("span", { class: "number", role: "gridcell" }, side(pair.a)), h("span", { class: "number", role: "gridcell" }, side(pair.b)),
    h("span", { class: ["number", "delta", pair.kind === "same" && "faint"], role: "gridcell" }, pair.a && pair.b ? signed(pair.whole) : "–"),
    isOpen ? detail(pair, link) : null);
  }

  function toggle(pair) {
    if (opened.has(pair)) opened.delete(pair); else opened.add(pair);
    const at = rows.indexOf(pair);
    const row = build(pair, at);
    row.tabIndex = 0;
    const hadFocus = list.children[at].contains(document.activeElement);
    list.children[at].replaceWith(row);
    if (hadFocus) row.focus({ preventScroll: true });
  }

  /** Both bars; a span that one of them lacks leaves its line empty. */
  function bars({ a, b }) {
    return s("svg", { height: 22, role: "img", "aria-label": [a && `A ${duration(a.duration)}`, b && `B ${duration(b.duration)}`].filter(Boolean).join(", ") },
      [[a, 3], [b, 12]].map(([span, y]) => span ? bar(span, y) : null));
  }
  function bar(span, y) {
    const wide = (from, length) => ({ x: percent(scale.at(from)), width: percent(Math.max(0.0015, length / scale.length)) });
    return [s("rect", { class: "waits", ...wide(span.start, span.duration), y, height: 7 }),
      ownParts(span).map(([from, length]) => s("rect", { class: "fill-service", ...wide(from, length), y, height: 7 }))];
  }

  const focused = () => [...list.children].indexOf(document.activeElement?.closest(".pair"));
  function focus(at) {
    const next = list.children[Math.max(0, Math.min(list.children.length - 1, at))];
    for (const row of list.children) row.tabIndex = row === next ? 0 : -1;
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }
  return {
    element, show,
    move(by) { focus(focused() < 0 ? 0 : focused() + by); },
    toggleFocused() { const pair = rows[focused()]; if (pair) toggle(pair); },
    /** Shows a pair: brings it into view, opened. `false` if it is folded away. */
    reveal(pair) {
      const at = rows.indexOf(pair);
      if (at < 0) return false;
      if (!opened.has(pair)) toggle(pair);
      focus(at);
      list.children[at].scrollIntoView({ block: "center" });
      return true;
    },
    /** The next pair that differs, from where the focus is. */
    nextDifference(by) {
      for (let at = focused() + by; at >= 0 && at < rows.length; at += by) if (rows[at].kind !== "same") return focus(at);
    },
  };
}

function side(span) {
  if (!span) return h("span", { class: "faint" }, "–");
  return [span.isError ? icon("error", "error") : null, duration(span.duration)];
}

export function signed(ns) { return ns === 0 ? "0" : (ns > 0 ? "+" : "−") + duration(Math.abs(ns)); }

export function badge(pair) {
  return pair.kind === "same" ? null : h("span", { class: ["badge", pair.kind], title: explain(pair) }, words[pair.kind]);
}

/** What differs in a pair, beside each other. */
function detail(pair, link) {
  const { a, b } = pair;
  const facts = [
    ["status", a?.answer, b?.answer], ["message", a?.message, b?.message],
    pair.up ? ["begins after", a && duration(a.start), b && duration(b.start)] : [],
    ["takes", a && duration(a.duration), b && duration(b.duration)], ["takes itself", a && duration(a.own ?? 0), b && duration(b.own ?? 0)],
    ["spans below", a && String(a.within.spans), b && String(b.within.spans)], ["log lines", a && String(a.lines.length), b && String(b.lines.length)],
  ].filter(([name, left, right]) => name && (left || right));
  const attributes = differingAttributes(a?.attributes, b?.attributes);
  const same = a && b ? a.attributes.length - attributes.filter(([, left]) => left !== undefined).length : 0;
  const row = ([name, left, right]) => h("tr", { class: String(left) !== String(right) && "differs" }, h("th", { scope: "row" }, visible(name)), cell(left), cell(right));
  return h("div", { class: "detail", role: "gridcell" }, h("p", {}, explain(pair) || "No notable difference."),
    h("table", {}, h("thead", {}, h("tr", {}, h("td", {}), [["A", a], ["B", b]].map(([name, span]) => h("th", { scope: "col" },
      span ? h("a", { href: link(name.toLowerCase(), span) }, `${name}: in its trace`) : `${name}: not there`)))),
    h("tbody", {}, facts.map(row), attributes.map(row))),
    same > 0 ? h("p", { class: ["small", "faint"] }, `${same} ${same === 1 ? "attribute is" : "attributes are"} the same in both.`) : null);
}

function cell(value) { return h("td", {}, value === undefined || value === null || value === "" ? h("span", { class: "faint" }, "–") : visible(value)); }
