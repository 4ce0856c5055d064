// A tree that only shows: for the pages that have a small trace beside something else.
//
//   const tree = drawTree(place, readTrace(json), { scale: scaleOf(0, longest), onPick: span => … });
//   tree.draw(readTrace(next));         // again, when more has arrived; what was folded stays so
//   tree.end();
//
// `options`, all of them optional:
// - `scale`: of scale.js; without it, the whole trace. Two trees with one scale can be compared by eye.
// - `view`: of `usualView` in model.js: which lines are rows, what is folded.
// - `ruler`: `false` leaves the axis out. `name`: the width of the left side, such as "380px".
// - `selected`: the id of a span. `onPick(span, line)`: called when a row is pressed (line is null for a span's row).
// - `note(span)`: a text or element behind a span's name. `mark(span)`: a class for its row: `added`, `missing`, `changed`
//   or one of your own.
// - `showsPath`: the critical path. `label`: the name that is read aloud.
// - `most`: how many rows there are at most (500); beyond, the rest is counted in a sentence.
import { fill, h, s } from "../shell/dom.js";
import { counted } from "../shell/format.js";
import { whenResized } from "../shell/resize.js";
import { styles } from "../shell/styles.js";
import { usualView, visibleRows } from "./model.js";
import { buildRow } from "./rows.js";
import { drawAxis, drawGrid } from "./ruler.js";
import { exactDuration, scaleOf } from "./scale.js";

/** A tree narrower than this has the bars below the names. */
const narrow = 560;

export function drawTree(place, trace, options = {}) {
  styles("/console/trace/tree.css").then(() => again());
  let settings = { most: 500, ruler: true, ...options };
  let view = settings.view ?? usualView(trace);
  let shown = trace;
  const axis = s("svg", { class: "axis", "aria-hidden": "true" });
  const grid = s("svg", { "aria-hidden": "true" });
  const rows = h("div", { class: "tree-rows", role: "treegrid", "aria-readonly": "true" });
  const more = h("p", { class: ["small", "faint", "tree-more"], hidden: true });
  const element = h("div", { class: ["trace-tree", "is-static"] },
    h("div", { class: "tree-head", hidden: !settings.ruler }, h("div", {}), h("div", { class: "head-lane" }, axis)),
    h("div", { class: "tree-body" }, h("div", { class: "tree-grid" }, grid), rows), more);
  if (settings.name) element.style.setProperty("--name", settings.name);
  fill(place, element);
  whenResized(element, again);

  function fold(span) {
    const isOpen = rowsNow().find(row => row.span === span)?.isFolded === false;
    view = { ...view, open: new Set(view.open), closed: new Set(view.closed) };
    view[isOpen ? "open" : "closed"].delete(span.id);
    view[isOpen ? "closed" : "open"].add(span.id);
    again();
  }
  function rowsNow() { return visibleRows(shown, view); }

  function again() {
    element.classList.toggle("narrow", element.clientWidth > 0 && element.clientWidth < narrow);
    const scale = settings.scale ?? scaleOf(0, shown.duration);
    const width = grid.clientWidth || 400;
    const all = rowsNow();
    const context = { trace: shown, scale, fold, note: settings.note, showsPath: settings.showsPath,
      isSelected: row => row.span?.id === settings.selected && row.kind === "span" };
    fill(rows, all.slice(0, settings.most).map((row, index) => {
      const built = buildRow(row, index, context);
      const mark = row.span && settings.mark?.(row.span);
      if (mark) built.classList.add(...mark.split(" "));
      if (settings.onPick) built.addEventListener("click", () => settings.onPick(row.span ?? row.line.on, row.line ?? null));
      built.tabIndex = -1;
      return built;
    }));
    if (rows.firstChild) rows.firstChild.tabIndex = 0;
    rows.setAttribute("aria-label", settings.label ?? `${counted(shown.spans.length, "span")} in ${exactDuration(shown.duration)}`);
    more.hidden = all.length <= settings.most;
    fill(more, `${counted(all.length - settings.most, "more row", "more rows")} in the whole trace.`);
    drawAxis(axis, scale, width);
    drawGrid(grid, scale, width);
  }

  rows.addEventListener("keydown", event => {
    const at = [...rows.children].indexOf(document.activeElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rowsNow()[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.children.length - 1 }[event.key];
    if (to !== undefined) focus(to);
    else if (row.canFold && event.key === (row.isFolded ? "ArrowRight" : "ArrowLeft")) { fold(row.span); focus(at); }
    else if (event.key === "Enter" && settings.onPick) settings.onPick(row.span ?? row.line.on, row.line ?? null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  function focus(index) {
    const next = rows.children[Math.max(0, Math.min(rows.children.length - 1, index))];
    for (const row of rows.children) row.tabIndex = row === next ? 0 : -1;
    next?.focus();
  }

  return {
    element,
    /** Draws another state of the trace, with `changes` to the options. */
    draw(next, changes = {}) {
      shown = next;
      settings = { ...settings, ...changes };
      if (changes.view) view = changes.view;
      again();
    },
    end() { element.remove(); },
  };
}
