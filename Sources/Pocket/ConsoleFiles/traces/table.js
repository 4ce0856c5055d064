// The list of traces: only the rows in view exist, and pages are fetched as they come into view.
import { fill, h, service, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { counted, day, duration, exactTime, moment, zone } from "/console/shell/format.js";
import { virtualList } from "/console/shell/virtual.js";
import { ownTimes } from "./own.js";

export const pageSize = 100;
const isNarrow = matchMedia("(max-width: 640px)");

/**
 * `page(offset)` resolves to the rows at an offset; `onOpen(trace)`, `onTick(trace, isTicked)`, `onOrder(order)` and
 * `onPoint(id)` are told what is done with them; `isTicked(id)` asks. `scroller` is what scrolls instead of the window.
 */
export function traceTable({ page, onOpen, onTick, onOrder, onPoint, isTicked, scroller = null }) {
  const head = h("div", { class: "head", role: "row" });
  let rows = [];
  let slowest = 1;
  let asked = new Set();
  let current = -1;
  let list = null;
  let total = 0;
  const element = h("div", { class: "table", role: "grid", "aria-label": "Traces", "aria-readonly": "true" }, head);

  /** How far the list begins below the upper edge of what scrolls. */
  function above() { return list.element.getBoundingClientRect().top - (scroller?.getBoundingClientRect().top ?? 0); }
  function build(index) {
    const trace = rows[index];
    if (!trace) return h("div", { class: ["trace", "grey"], role: "row", "aria-rowindex": index + 2 }, h("div", { class: "waiting" }));
    const [clock, micros] = exactTime(moment(trace.start));
    const started = h("span", { class: "started", role: "gridcell", title: day(moment(trace.start)) }, clock,
      h("span", { class: "faint" }, micros));
    const tick = h("input", { type: "checkbox", "aria-label": `Tick ${trace.id.slice(0, 8)} for the comparison`,
      checked: isTicked(trace.id), on: { change: event => onTick(trace, event.target.checked) } });
    const status = h("span", { class: ["status", "row"], role: "gridcell" }, trace.error ? icon("error", "with errors")
      : h("span", { class: "gap" }),
      h("span", { class: trace.error ? "strong" : "soft" }, trace.status ?? "–"));
    return h("div", { class: ["trace", isTicked(trace.id) && "ticked", index === current && "current"], role: "row",
      tabindex: index === Math.max(0, current) ? "0" : "-1",
      "aria-rowindex": index + 2, "aria-selected": String(isTicked(trace.id)), data: { id: trace.id }, on: {
        click: event => { if (!event.target.closest("a, input, label") && !getSelection().toString()) onOpen(trace); },
        focus: () => { if (current !== index) select(index, false); },
        pointerenter: () => onPoint(trace.id), pointerleave: () => onPoint(null),
      } },
    h("label", { class: "tick", role: "gridcell" }, tick), started,
    h("span", { class: "id", role: "gridcell" }, h("a", { href: `/trace/${trace.id}`, tabindex: "-1" },
      h("code", {}, trace.id.slice(0, 8)))),
    h("span", { class: "entry", role: "gridcell" }, service(trace.service), h("span", { class: "cut", title: visible(trace.name) },
      visible(trace.name))),
    status,
    h("span", { class: ["number", "spans"], role: "gridcell" }, trace.spans, h("span", { class: "unit" }, trace.spans === 1 ? " span"
      : " spans")),
    h("span", { class: ["number", "errors", trace.errors ? "" : "faint"], role: "gridcell" }, trace.errors),
    h("span", { class: "split", role: "gridcell" }, ownTimes(trace, slowest)),
    h("span", { class: ["number", "took"], role: "gridcell" }, duration(trace.duration)));
  }

  function drawHead(order) {
    const sort = (name, value, title, kind) => h("span", { role: "columnheader", class: kind, "aria-sort": order === value ? "descending"
      : "none" },
      h("button", { type: "button", class: ["link", order === value && "strong"], title, on: { click: () => onOrder(value) } }, name,
        order === value ? " ↓" : ""));
    const plain = (name, kind) => h("span", { role: "columnheader", class: kind }, name);
    fill(head, plain(h("span", { class: "aloud" }, "Ticked"), "tick"), sort(`Started, ${zone()}`, "newest", "Newest first", "started"),
      plain("Trace", "id"), plain("Entry", "entry"),
      plain("Status", "status"), plain("Spans", ["number", "spans"]), sort("Errors", "errors", "Most errors first", ["number", "errors"]),
      plain("Own time of each service", "split"), sort("Duration", "slowest", "Slowest first", ["number", "took"]));
  }

  /** Fetches the pages that are in view and not there yet. */
  async function need(first, last) {
    for (let offset = Math.floor(first / pageSize) * pageSize; offset <= last; offset += pageSize) {
      if (asked.has(offset)) continue;
      asked.add(offset);
      const mine = asked;
      const found = await page(offset).catch(() => null);
      if (mine !== asked) return;
      if (!found) { asked.delete(offset); continue; }
      put(found, offset);
      for (let index = offset; index < offset + found.length; index++) list.refresh(index);
    }
  }
  function put(found, offset) { found.forEach((trace, index) => { rows[offset + index] = trace; }); }

  function makeList() {
    list?.end();
    list?.element.remove();
    list = virtualList({ rowHeight: isNarrow.matches ? 56 : 29, build, scroller, onView: (first, last) => need(first, last) });
    element.append(list.element);
  }

  function select(index, hasFocus = true) {
    if (!total) return;
    const before = current;
    current = Math.max(0, Math.min(total - 1, index));
    for (const at of [before, current]) {
      const row = list.row(at);
      row?.classList.toggle("current", at === current);
      row?.setAttribute("tabindex", at === current ? "0" : "-1");
    }
    list.reveal(current);
    if (hasFocus) list.row(current)?.focus({ preventScroll: true });
    onPoint(rows[current]?.id ?? null);
  }

  const remake = () => { makeList(); list.reset(total); };
  isNarrow.addEventListener("change", remake);
  makeList();
  return {
    element,
    /** Shows another answer from its beginning. The row that one is at stays the same trace, if it is still there. */
    show(answer, order) {
      const id = rows[current]?.id;
      const hadFocus = list.element.contains(document.activeElement) && document.activeElement.matches(".trace");
      rows = [];
      asked = new Set([0]);
      put(answer.traces, 0);
      slowest = answer.slowest || 1;
      total = answer.matched;
      current = id ? rows.findIndex(trace => trace?.id === id) : -1;
      drawHead(order);
      element.setAttribute("aria-rowcount", total + 1);
      list.reset(total);
      if (hadFocus) list.row(Math.max(0, current))?.focus({ preventScroll: true });
    },
    move(by) { select(current < 0 ? 0 : current + by); },
    get current() { return rows[current] ?? null; },
    refreshTicks() {
      for (const row of list.element.children) {
        const isOn = isTicked(row.dataset.id);
        row.classList.toggle("ticked", isOn);
        row.setAttribute("aria-selected", String(isOn));
        const tick = row.querySelector("input");
        if (tick) tick.checked = isOn;
      }
    },
    /** Whether the beginning of the list was scrolled away. */
    get isAway() { return above() < -60; },
    toTop() { if (this.isAway) (scroller ?? window).scrollBy(0, above() - 160); },
    find(id) { return rows.find(trace => trace?.id === id); },
    name: () => counted(total, "trace"),
    end() { isNarrow.removeEventListener("change", remake); list.end(); },
  };
}
