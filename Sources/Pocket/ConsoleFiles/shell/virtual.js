// A list of any length, of which only the rows in view exist, and 20 beyond. All rows are equally high, but any number of
// them may be opened, with heights of their own. The window scrolls, so that the scroll bar is true.
import { h } from "./dom.js";

const beyond = 20;

/**
 * `build(index)` makes the row at an index. `rowHeight` is its height in pixels. `onView(first, last)` is told which
 * rows are in view, so that missing ones can be fetched.
 */
export function virtualList({ rowHeight, build, onView, role = "rowgroup" }) {
  const space = h("div", { class: "virtual", role });
  let total = 0;
  let rows = new Map();
  /** Heights of opened rows by index, beyond the usual one. */
  let extra = new Map();
  let frame = 0;

  function top(index) {
    let sum = index * rowHeight;
    for (const [at, height] of extra) if (at < index) sum += height;
    return sum;
  }
  function indexAt(y) {
    let index = Math.floor(y / rowHeight);
    for (const [at, height] of [...extra].sort((a, b) => a[0] - b[0])) {
      const start = top(at) + rowHeight;
      if (y < start) break;
      index = y < start + height ? at : Math.floor((y - height) / rowHeight);
      if (y < start + height) break;
      y -= height;
    }
    return Math.max(0, Math.min(total - 1, index));
  }
  function height() { return top(total); }

  function show() {
    frame = 0;
    if (!space.isConnected) return;
    const offset = -space.getBoundingClientRect().top;
    const [firstInView, lastInView] = [indexAt(Math.max(0, offset)), indexAt(Math.max(0, offset + innerHeight))];
    const first = Math.max(0, firstInView - beyond);
    const last = Math.min(total - 1, lastInView + beyond);
    space.style.height = `${height()}px`;
    for (const [index, row] of rows) {
      // The row that has the focus stays, so that the focus does.
      if ((index < first || index > last) && !row.contains(document.activeElement)) { row.remove(); rows.delete(index); }
    }
    let before = null;
    for (let index = first; index <= last && total > 0; index++) {
      let row = rows.get(index);
      if (!row) {
        row = build(index);
        row.classList.add("virtual-row");
        rows.set(index, row);
        if (before) before.after(row); else space.prepend(row);
      }
      row.style.transform = `translateY(${top(index)}px)`;
      before = row;
    }
    if (total > 0) onView?.(firstInView, lastInView);
  }
  function later() { if (!frame) frame = requestAnimationFrame(show); }

  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  const measure = new ResizeObserver(entries => {
    for (const { target } of entries) {
      const index = [...rows].find(([, row]) => row === target)?.[0];
      if (index === undefined || !extra.has(index)) continue;
      extra.set(index, Math.max(0, target.offsetHeight - rowHeight));
      later();
    }
  });

  return {
    element: space,
    /** There are `count` rows now; those that exist are made again. */
    reset(count) {
      total = count;
      for (const row of rows.values()) row.remove();
      rows = new Map();
      extra = new Map();
      show();
    },
    /** `count` rows are there now; what exists stays. */
    grow(count) { total = count; later(); },
    /** Makes one row again. */
    refresh(index) {
      const row = rows.get(index);
      if (!row) return;
      const next = build(index);
      next.classList.add("virtual-row");
      next.style.transform = row.style.transform;
      row.replaceWith(next);
      rows.set(index, next);
      if (extra.has(index)) measure.observe(next);
    },
    /** Marks a row as opened or closed: an opened one may have any height. */
    open(index, isOpen) {
      if (isOpen) {
        extra.set(index, extra.get(index) ?? 0);
        const row = rows.get(index);
        if (row) measure.observe(row);
      } else {
        extra.delete(index);
      }
      this.refresh(index);
      later();
    },
    /** Rows were put in at the front: opened ones keep their place, and what is in view stays in view. */
    shift(by) {
      extra = new Map([...extra].map(([index, height]) => [index + by, height]));
      rows = new Map([...rows].map(([index, row]) => [index + by, row]));
      total += by;
      space.style.height = `${height()}px`;
      for (const [index, row] of rows) row.style.transform = `translateY(${top(index)}px)`;
      later();
    },
    row(index) { return rows.get(index); },
    get length() { return total; },
    /** Brings a row into view. */
    reveal(index, { block = "nearest" } = {}) {
      const bounds = space.getBoundingClientRect();
      const y = bounds.top + top(index);
      const margin = block === "center" ? (innerHeight - rowHeight) / 2 : 120;
      if (y < margin) scrollBy(0, y - margin);
      else if (y + rowHeight > innerHeight - (block === "center" ? margin : 60)) {
        scrollBy(0, y + rowHeight - innerHeight + (block === "center" ? margin : 60));
      }
      show();
    },
    show,
    end() {
      removeEventListener("scroll", later);
      removeEventListener("resize", later);
      measure.disconnect();
    },
  };
}
