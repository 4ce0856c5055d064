// The rows of a trace as a treegrid: only those in view exist, one of them takes the focus, arrows move and fold.
import { h } from "../shell/dom.js";
import { virtualList } from "../shell/virtual.js";

/**
 * `build(row, index)` makes a row. `fold(span)` folds or unfolds; `open(row, {byKey})` shows what a row means; `moved(row)`
 * is told of the row that takes the focus. `covered()` is how many pixels of the window are covered above and below:
 * `{above, below}`.
 */
export function treeGrid({ scroller, build, fold, open, moved, covered, label }) {
  const element = h("div", { class: "tree-rows", role: "treegrid", "aria-label": label, "aria-multiselectable": "false" });
  let rows = [];
  let cursor = 0;
  let height = 24;
  const list = virtualList({ rowHeight: () => height, scroller, build: index => {
    const row = build(rows[index], index);
    row.tabIndex = index === cursor ? 0 : -1;
    return row;
  } });
  element.append(list.element);

  function same(a, b) { return a && b && a.kind === b.kind && (a.kind === "span" ? a.span.id === b.span.id : a.line.key === b.line.key); }
  function hasFocus() { return element.contains(document.activeElement); }

  /** Makes a row the one that takes the focus, and brings it into view. */
  function moveTo(index, { focus = true, block = "nearest" } = {}) {
    if (rows.length === 0) return;
    const before = cursor;
    cursor = Math.max(0, Math.min(rows.length - 1, index));
    reveal(cursor, block);
    if (before !== cursor && list.row(before)) list.row(before).tabIndex = -1;
    const row = list.row(cursor);
    if (row) {
      row.tabIndex = 0;
      if (focus) row.focus({ preventScroll: true });
    }
    if (focus) moved?.(rows[cursor]);
  }
  function reveal(index, block) {
    const { above, below } = covered();
    const view = scroller ? { top: scroller.getBoundingClientRect().top, height: scroller.clientHeight } : { top: 0, height: innerHeight };
    const y = list.element.getBoundingClientRect().top + index * height - view.top;
    const room = view.height - above - below;
    const by = top => (scroller ?? window).scrollBy({ top, behavior: "instant" });
    // What is far away comes to the middle; what is near moves no further than it has to, with a few rows around it.
    const around = height * Math.max(0, Math.min(block === "center" ? 4 : 1, Math.floor(room / height / 3)));
    const isFar = y < above - room / 2 || y > view.height - below + room / 2;
    if (block === "center" && isFar) by(y - above - (room - height) / 2);
    else if (y < above + around) by(y - above - around);
    else if (y + height + around > view.height - below) by(y + height + around - view.height + below);
    list.show();
  }

  function parentOf(index) {
    for (let at = index - 1; at >= 0; at--) if (rows[at].level < rows[index].level) return at;
    return index;
  }
  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest(".tree-row")) return;
    const row = rows[cursor];
    const page = Math.max(1, Math.floor((scroller?.clientHeight ?? innerHeight) * 0.7 / height));
    switch (event.key) {
      case "ArrowDown": moveTo(cursor + 1); break;
      case "ArrowUp": moveTo(cursor - 1); break;
      case "PageDown": moveTo(cursor + page); break;
      case "PageUp": moveTo(cursor - page); break;
      case "Home": moveTo(0); break;
      case "End": moveTo(rows.length - 1); break;
      case "ArrowRight": if (row?.isFolded) fold(row.span); else if (row?.canFold) moveTo(cursor + 1); break;
      case "ArrowLeft": if (row?.canFold && !row.isFolded) fold(row.span); else moveTo(parentOf(cursor)); break;
      case "Enter": if (row) open(row, { byKey: true }); break;
      default: return;
    }
    event.preventDefault();
  }
  element.addEventListener("keydown", press);
  element.addEventListener("click", event => {
    const index = Number(event.target.closest(".tree-row")?.getAttribute("aria-rowindex")) - 1;
    if (!(index >= 0) || getSelection()?.toString()) return;
    moveTo(index, { focus: false });
    list.row(index)?.focus({ preventScroll: true });
    open(rows[index], { byKey: false });
  });

  return {
    element,
    /** Shows other rows, or the same ones drawn otherwise; the focus stays on what it was on. */
    show(next) {
      const had = rows[cursor];
      const focused = hasFocus();
      rows = next;
      height = element.closest(".trace-tree")?.classList.contains("narrow") ? 46 : 24;
      const index = rows.findIndex(row => same(row, had));
      cursor = index >= 0 ? index : Math.max(0, Math.min(cursor, rows.length - 1));
      element.setAttribute("aria-rowcount", rows.length);
      list.reset(rows.length);
      if (focused) list.row(cursor)?.focus({ preventScroll: true });
    },
    /** Marks the rows that are selected, without drawing any again. */
    mark(isSelected) {
      for (const row of list.element.children) {
        row.setAttribute("aria-selected", String(isSelected(rows[Number(row.getAttribute("aria-rowindex")) - 1])));
      }
    },
    focus() { list.row(cursor)?.focus({ preventScroll: true }); },
    indexOf(found) { return rows.findIndex(found); },
    name(text) { element.setAttribute("aria-label", text); },
    moveTo,
    move(by) { moveTo(hasFocus() ? cursor + by : cursor); },
    get rows() { return rows; },
    get current() { return rows[cursor]; },
    end() { list.end(); },
  };
}

/** Whether a tree of this width shows the bars below the names. */
export function isNarrow(width, compact) { return width > 0 && width < (compact ? 460 : 700); }
