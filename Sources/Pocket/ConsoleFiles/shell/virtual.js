// A list of any length, of which only the rows in view exist, and 20 beyond. All rows are equally high, but any number of
// them may be opened, with heights of their own. What scrolls is the window or `scroller`: its scroll bar is true.
import { h } from "./dom.js";

const beyond = 20;
/** Browsers draw no higher elements; at 27 px a row that is a million rows. */
export const highest = 15_000_000;

/**
 * `build(index)` makes the row at an index. `rowHeight` is its height in pixels, or a function that knows it. `onView(first,
 * last)` is told which rows are in view, so that missing ones can be fetched. With `isMeasured()` rows may have any
 * height, and `rowHeight` is what is assumed of those that were not seen yet.
 */
export function virtualList({ rowHeight, build, onView, role = "rowgroup", scroller = null, isMeasured = () => false }) {
  const space = h("div", { class: "virtual", role });
  const usual = typeof rowHeight === "function" ? rowHeight : () => rowHeight;
  let unit = typeof rowHeight === "number" ? rowHeight : 1;
  let total = 0;
  let rows = new Map();
  /** Heights of rows that have another than the usual one, by index: what they have more. */
  let extra = new Map();
  let opened = new Set();
  let sums = null;
  let frame = 0;

  // MARK: Geometry

  /** `[index, all that the rows up to it have more]` in order. */
  function extras() {
    if (sums) return sums;
    let sum = 0;
    return sums = [...extra].sort((a, b) => a[0] - b[0]).map(([index, more]) => [index, sum += more]);
  }
  function setExtra(index, more) {
    if (more === null) extra.delete(index); else extra.set(index, more);
    sums = null;
  }
  function top(index) {
    const list = extras();
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle][0] < index) low = middle + 1; else high = middle;
    }
    return index * unit + (low > 0 ? list[low - 1][1] : 0);
  }
  /** The last row that begins at `y` or above it. */
  function indexAt(y) {
    let [low, high] = [0, Math.max(0, total - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (top(middle) <= y) low = middle; else high = middle - 1;
    }
    return low;
  }
  function view() {
    if (!scroller) return { top: 0, height: innerHeight };
    return { top: scroller.getBoundingClientRect().top + scroller.clientTop, height: scroller.clientHeight };
  }
  function offset() { return view().top - space.getBoundingClientRect().top; }
  function scroll(by) { (scroller ?? window).scrollBy({ top: by, behavior: "instant" }); }

  // MARK: Rows

  function place(row, index) { row.style.transform = `translateY(${top(index)}px)`; }
  function make(index) {
    const row = build(index);
    row.classList.add("virtual-row");
    rows.set(index, row);
    if (isMeasured() || opened.has(index)) measure.observe(row);
    return row;
  }
  function show() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!space.isConnected) return;
    const from = offset();
    const [firstInView, lastInView] = [indexAt(Math.max(0, from)), indexAt(Math.max(0, from + view().height))];
    const first = Math.max(0, firstInView - beyond);
    const last = Math.min(total - 1, lastInView + beyond);
    space.style.height = `${top(total)}px`;
    for (const [index, row] of rows) {
      // The row that has the focus stays, so that the focus does.
      if ((index < first || index > last) && (!row.contains(document.activeElement) || index >= total)) drop(index, row);
    }
    let before = null;
    for (let index = first; index <= last; index++) {
      let row = rows.get(index);
      if (!row) {
        row = make(index);
        if (before) before.after(row); else space.prepend(row);
      }
      place(row, index);
      before = row;
    }
    if (total > 0) onView?.(firstInView, Math.min(total - 1, lastInView));
  }
  function drop(index, row) {
    measure.unobserve(row);
    row.remove();
    rows.delete(index);
  }
  function later() { if (!frame) frame = requestAnimationFrame(show); }
  function resized() {
    if (usual() === unit) return later();
    unit = usual();
    for (const index of [...extra.keys()]) if (!opened.has(index)) setExtra(index, null);
    later();
  }
  const measure = new ResizeObserver(entries => {
    const first = indexAt(Math.max(0, offset()));
    let above = 0;
    let isChanged = false;
    for (const { target } of entries) {
      const index = [...rows].find(([, row]) => row === target)?.[0];
      if (index === undefined || target.offsetHeight === 0) continue;
      const more = target.offsetHeight - unit;
      const known = extra.get(index) ?? 0;
      if (more === known) continue;
      setExtra(index, more);
      isChanged = true;
      if (index < first) above += more - known;
    }
    if (!isChanged) return;
    // What is being read does not move when a row above it gets another height.
    if (above) { space.style.height = `${top(total)}px`; scroll(above); }
    later();
  });

  const scrolls = scroller ?? window;
  scrolls.addEventListener("scroll", later, { passive: true });
  addEventListener("resize", resized);
  const width = new ResizeObserver(resized);
  width.observe(space);

  return {
    element: space,
    /** There are `count` rows now; those that exist are made again. */
    reset(count) {
      total = count;
      unit = usual();
      for (const [index, row] of rows) drop(index, row);
      extra = new Map();
      opened = new Set();
      sums = null;
      show();
    },
    /** `count` rows are there now; what exists stays. */
    grow(count) { total = count; later(); },
    /** Makes one row again. */
    refresh(index) {
      const row = rows.get(index);
      if (!row) return;
      const focused = row.contains(document.activeElement) ? document.activeElement : null;
      measure.unobserve(row);
      const next = make(index);
      place(next, index);
      row.replaceWith(next);
      // The row, or a part of the old one that the new one has taken over.
      if (focused) (focused !== row && next.contains(focused) ? focused : next).focus({ preventScroll: true });
    },
    /** Marks a row as opened or closed: an opened one may have any height. */
    open(index, isOpen) {
      if (isOpen) { opened.add(index); setExtra(index, extra.get(index) ?? 0); }
      else { opened.delete(index); setExtra(index, null); }
      this.refresh(index);
      later();
    },
    /** Rows were put in at the front: opened ones keep their place, and what is in view stays in view. */
    shift(by) {
      extra = new Map([...extra].map(([index, more]) => [index + by, more]));
      opened = new Set([...opened].map(index => index + by));
      rows = new Map([...rows].map(([index, row]) => [index + by, row]));
      sums = null;
      total += by;
      space.style.height = `${top(total)}px`;
      for (const [index, row] of rows) place(row, index);
      later();
    },
    /** Makes all rows again that exist; opened ones stay as high as they were. */
    rebuild() { for (const index of [...rows.keys()]) this.refresh(index); later(); },
    /** Calls `run(row, index)` for each row that exists. */
    each(run) { for (const [index, row] of rows) run(row, index); },
    row(index) { return rows.get(index); },
    get length() { return total; },
    /** The first row in view, and whether the list's beginning or its end is. */
    get view() {
      const from = offset();
      return { first: indexAt(Math.max(0, from)), atStart: from <= unit, atEnd: top(total) - from <= view().height + unit };
    },
    /** Brings a row into view. */
    reveal(index, { block = "nearest" } = {}) {
      space.style.height = `${top(total)}px`;
      const { height } = view();
      const y = top(index) - offset();
      const margin = block === "center" ? (height - unit) / 2 : 120;
      const below = block === "center" ? margin : 60;
      if (y < margin) scroll(y - margin);
      else if (y + unit > height - below) scroll(y + unit - height + below);
      show();
    },
    show,
    end() {
      cancelAnimationFrame(frame);
      scrolls.removeEventListener("scroll", later);
      removeEventListener("resize", resized);
      measure.disconnect();
      width.disconnect();
    },
  };
}
