// The lines as a grid: only those in view exist, one of them can be reached by Tab, the others by arrows.
import { h, fill } from "/console/shell/dom.js";
import { zone } from "/console/shell/format.js";
import { whenResized } from "/console/shell/resize.js";
import { virtualList, highest } from "/console/shell/virtual.js";
import { buildRow, columnHeads } from "./row.js";
import { copySelection } from "./copy.js";
import { openedPanel } from "./opened.js";
import { shown } from "./telling.js";

/** The rows of a phone have three lines. */
const heights = { usual: 27, narrow: 78 };
const narrow = 640;

/** `view()`: `{columns, isWrapped}`; `onOpen(line, isOpen)` is told when somebody opens or closes a row. */
export function lineList({ scroller, acts, view, onOpen }) {
  let source = null;
  let active = 0;
  /** Of the line that Tab reaches: it is found again by its key where lines have moved. */
  let activeKey = null;
  /** What opened rows show, by the key of their line: kept, so that it need not be fetched again. */
  let panels = new Map();
  const heads = h("div", { class: "list-heads", role: "rowgroup" });
  const strip = h("div", { class: "strip", role: "row", hidden: true });
  const list = virtualList({ scroller, onView: (first, last) => {
    source?.want(Math.max(0, first - 20), last + 20);
    // The row for Tab is one in view.
    if (!list.row(active) || active >= list.length) setActive(first);
  }, rowHeight, isMeasured: () => view().isWrapped, build });
  const element = h("section", { class: "lines", role: "treegrid", "aria-label": "Log lines",
    on: { click: pressed, pointerdown: aim, keydown: moved, focusin: focused,
    copy: event => copySelection(event, element, index => source?.line(index)) } },
    h("div", { class: "list-top", role: "none" }, heads, strip), list.element);

  function rowHeight() { return element.clientWidth > 0 && element.clientWidth <= narrow ? heights.narrow : heights.usual; }
  /** Browsers draw no list of any height. */
  function limit() { return Math.floor(highest / rowHeight()); }

  function build(index) {
    const line = source.line(index);
    return buildRow({ index, line, columns: view().columns, panel: line && panels.get(line.key), isActive: index === active,
      traceAddress: acts.traceAddress });
  }

  // MARK: Focus

  function setActive(index) {
    const [old, next] = [list.row(active), list.row(index)];
    if (old) old.tabIndex = -1;
    if (next) next.tabIndex = 0;
    active = index;
    activeKey = source?.line(index)?.key ?? null;
  }
  function focusRow(index) {
    if (list.length === 0) return;
    const wanted = Math.max(0, Math.min(list.length - 1, index));
    list.reveal(wanted);
    setActive(wanted);
    list.row(wanted)?.focus({ preventScroll: true });
  }
  function focusedIndex() {
    const row = document.activeElement?.closest?.(".line");
    return row && element.contains(row) ? Number(row.dataset.index) : null;
  }
  function focused(event) {
    const row = event.target.closest(".line");
    if (row) setActive(Number(row.dataset.index));
  }
  function step(by) {
    const index = focusedIndex();
    focusRow(index === null ? Math.max(list.view.first, 0) : index + by);
  }
  function moved(event) {
    if (!event.target.matches(".line")) {
      // Escape leaves what is in an opened row.
      if (event.key === "Escape" && event.target.closest(".opened")) { event.stopPropagation(); event.target.closest(".line").focus(); }
      return;
    }
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
    const index = Number(event.target.dataset.index);
    if (event.key in steps && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      focusRow(Math.max(0, Math.min(list.length - 1, index + steps[event.key])));
    } else if (event.key === "ArrowRight") {
      event.preventDefault();
      if (!isOpen(index)) toggle(index);
      else event.target.querySelector(".opened [tabindex='0']")?.focus();
    } else if (event.key === "ArrowLeft" && isOpen(index)) {
      event.preventDefault();
      toggle(index);
    }
  }
  /** A link leads where it would if it were made now: a page around the lines may put more into the address. */
  function aim(event) {
    const link = event.target.closest("a[data-trace]");
    if (link) link.href = acts.traceAddress(link.dataset.trace, link.dataset.span || null);
  }
  function pressed(event) {
    aim(event);
    const row = event.target.closest(".line");
    if (!row || event.target.closest(".opened, a, button") || !getSelection().isCollapsed) return;
    toggle(Number(row.dataset.index));
    list.row(Number(row.dataset.index))?.focus({ preventScroll: true });
  }

  // MARK: Opening

  function isOpen(index) { return panels.has(source?.line(index)?.key); }
  function toggle(index) {
    const line = source?.line(index);
    if (!line || line.isGone) return;
    const opens = !panels.has(line.key);
    setOpen(index, line, opens);
    onOpen(line, opens);
  }
  function setOpen(index, line, opens) {
    if (opens) panels.set(line.key, openedPanel(line, acts)); else panels.delete(line.key);
    list.open(index, opens);
  }

  // MARK: Columns

  function drawHeads() {
    const { columns, isWrapped } = view();
    element.classList.toggle("wrapped", isWrapped);
    element.classList.toggle("has-columns", columns.length > 0);
    // However many columns are asked for, the message keeps some room: the widest give way first.
    const widths = columns.map(widthOf);
    let widest = 240;
    while (widest > 40 && widths.reduce((sum, width) => sum + Math.min(width, widest), 0) > element.clientWidth - 480) widest -= 4;
    element.style.setProperty("--columns", widths.map(width => `${Math.min(width, widest)}px`).join(" ") || "0");
    element.setAttribute("aria-colcount", 5 + columns.length);
    fill(heads, columnHeads(columns, zone()));
  }
  whenResized(element, drawHeads);

  /** A column is as wide as the values that were fetched, within bounds. */
  function widthOf(name) {
    let longest = name.length;
    for (const line of [...(source?.lines.values() ?? [])].slice(0, 400)) {
      const value = line.fields.find(([field]) => field === name)?.[1];
      if (value !== undefined) longest = Math.max(longest, shown(name, value).length);
    }
    return Math.max(56, Math.min(240, longest * 8 + 14));
  }

  return {
    element, strip, list,
    /** Shows the lines of another source; rows whose lines are still there stay open, and the focus stays on its line. */
    show(next, { keepOpen = false } = {}) {
      const hadFocus = focusedIndex() !== null;
      source = next;
      if (!keepOpen) panels = new Map();
      active = Math.max(0, source.indexOf(activeKey));
      activeKey = source.line(active)?.key ?? null;
      drawHeads();
      const count = Math.min(source.count, limit());
      element.setAttribute("aria-rowcount", count + 1);
      list.reset(count);
      for (const [index, line] of source.lines) if (panels.has(line.key)) list.open(index, true);
      if (hadFocus) list.row(active)?.focus({ preventScroll: true });
    },
    get limit() { return limit(); },
    /** Lines came: those rows that waited for them are made again. */
    arrived(first, last) {
      for (let index = first; index <= last; index++) if (list.row(index)) list.refresh(index);
    },
    /** `by` lines came to the front, and the whole has another length. */
    shifted(by, count) {
      active += by;
      if (by) list.shift(by);
      element.setAttribute("aria-rowcount", count + 1);
      list.grow(count);
      list.each((row, index) => {
        row.dataset.index = index;
        row.setAttribute("aria-rowindex", index + 2);
      });
    },
    open(index) {
      const line = source.line(index);
      if (line && !panels.has(line.key)) setOpen(index, line, true);
      list.reveal(index, { block: "center" });
      setActive(index);
    },
    /** Closes all rows but that of a key. */
    closeOthers(key) {
      for (const other of [...panels.keys()]) if (other !== key) {
        const index = source.indexOf(other);
        panels.delete(other);
        if (index >= 0) list.open(index, false);
      }
    },
    hasOpen: key => panels.has(key),
    get openCount() { return panels.size; },
    /** Columns or wrapping have changed. */
    redraw() {
      drawHeads();
      list.rebuild();
      for (const panel of panels.values()) for (const button of panel.querySelectorAll("[data-act=column]")) {
        button.setAttribute("aria-pressed", String(view().columns.includes(button.closest("[data-field]").dataset.field)));
      }
    },
    step, toggle, focusedIndex, focusRow,
    line: index => source?.line(index),
    end() { list.end(); },
  };
}
