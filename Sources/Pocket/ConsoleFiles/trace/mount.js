// A trace with all that belongs to it: heading, map, tree, panel. The page of its own shows it, and so does any other in a
// pane:
//
//   const pane = mountTrace(root, app, { id, compact: true });
//
// `root` is the element that scrolls when `compact` is set (`overflow: auto`, any height); else the window scrolls. Options:
// - `id`: of the trace, or its beginning; `pane.show(id)` shows another one.
// - `state`: of state.js; `addressState()` keeps what is seen in the address, without it it is kept here.
// - `actions`: elements for the heading, such as a button that cites the trace. `onRead(trace)`: called with each state.
// `pane.select(spanId)`, `pane.selected` (`{span, line}`), `pane.trace`, `pane.update()` when the address changed, `pane.end()`.
import { announce } from "../shell/announce.js";
import { fill, h, s, visible } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { counted } from "../shell/format.js";
import { whenResized } from "../shell/resize.js";
import { styles } from "../shell/styles.js";
import { holders, traceActions } from "./actions.js";
import { findIn } from "./find.js";
import { heading } from "./heading.js";
import { traceKeys } from "./keys.js";
import { loader } from "./load.js";
import { minimap } from "./minimap.js";
import { candidates, missingTrace } from "./missing.js";
import { isFolded, readTrace, visibleRows } from "./model.js";
import { panel } from "./panel.js";
import { replayButton } from "./replay.js";
import { buildRow } from "./rows.js";
import { drawGrid } from "./ruler.js";
import { exactDuration, scaleOf } from "./scale.js";
import { showButton } from "./show-menu.js";
import { ownState, readView } from "./state.js";
import { tools } from "./tools.js";
import { isNarrow, treeGrid } from "./tree.js";
import { verdictButton } from "./verdict.js";

export function mountTrace(root, app, { id, compact = false, state = ownState(), actions = [], onRead = null } = {}) {
  // What is measured must be styled before.
  const styled = Promise.all(["tree", "trace", "panel"].map(name => styles(`/console/trace/${name}.css`)));
  const shown = { trace: null, view: null, found: null, scale: scaleOf(0, 1) };
  let wanted = id;
  let isStale = false;
  let drawnAs = "";
  let looking = null;
  let hasEnded = false;

  // MARK: The parts

  const side = panel({ select: row => does.select(row), close: () => does.close(), zoom: span => does.zoomTo(span) });
  const rows = treeGrid({ scroller: compact ? root : null, covered, build: (row, index) => buildRow(row, index, context()),
    fold: span => does.fold(span),
    open: (row, { byKey }) => { if (byKey && does.isSelected(row)) side.focus(); else does.select(row, { focus: byKey, block: "nearest" }); },
    moved: row => { if (does.isOpen()) does.select(row, { isPassing: true }); } });
  const does = traceActions({ shown, rows, side, compact,
    put, soon(changes) { state.soon(changes); update(); } });
  const verdict = verdictButton({ app, choose: ({ span, line }) =>
    does.select(line ? { line: shown.trace.lines.find(({ key }) => key === line) } : { span: shown.trace.byId.get(span) }) });
  const replay = replayButton({ app, id: () => shown.trace.id });
  const head = heading({ compact, actions: [...actions, compact ? null : verdict.element], after: compact ? [] : [replay.element] });
  const show = showButton({ view: () => shown.view, set: changes => put(changes), toggleShort: does.toggleShort, unfold: does.unfold });
  const bar = tools({ only: does.pickOut, findNext: does.findNext, error: does.error, show,
    find: text => { state.soon({ find: text || null }); update(); } });
  const map = minimap({ preview: (from, to) => { shown.scale = scaleOf(from, to); drawRows(); }, zoom: does.zoom });
  const grid = s("svg", { "aria-hidden": "true" });
  const notice = h("p", { class: "tree-notice", hidden: true });
  const treeHead = h("div", { class: "tree-head" }, bar.element, map.element);
  const tree = h("div", { class: "trace-tree" }, treeHead, notice,
    h("div", { class: "tree-body" }, h("div", { class: "tree-grid" }, grid), rows.element));
  const body = h("div", { class: "trace-body" }, tree, side.element);
  const page = h("div", { class: ["trace-page", compact && "compact"] }, head.element, body);
  const other = h("div", { class: "trace-other" });
  fill(root, other);
  whenResized(tree, () => {
    fit();
    if (shown.trace) { update(true); does.reveal("nearest"); }
  });
  const stopKeys = traceKeys({ ...does, find: () => bar.focusFind() }, { pane: compact ? root : null, isReady: () => shown.trace !== null });

  /** In a pane nobody else tells that the state has changed. */
  function put(changes, options = { replace: true }) { state.set(changes, options); if (compact) update(); }

  // MARK: Reading

  let waiting = null;
  /** What is shown stays for a moment; then grey bars take its place. */
  function read(next) {
    wanted = next;
    isStale = true;
    clearTimeout(waiting);
    waiting = setTimeout(() => instead(h("p", { class: "aloud", role: "status" }, "Reading the trace"),
      Array.from({ length: 8 }, () => h("div", { class: "waiting" }))), 300);
    source.read(next);
  }
  /** Shows something in place of a trace. */
  function instead(...content) {
    shown.trace = null;
    if (!other.isConnected) fill(root, other);
    fill(other, content);
  }
  const source = loader({
    async took(json) {
      await styled;
      if (hasEnded) return;
      settle();
      const before = shown.trace;
      if (before && before.id === json.id && before.spans.length === json.spans.length && before.lines.length === json.lines.length
        && before.complete === json.complete && before.duration === Math.max(1, json.duration)) return;
      shown.trace = readTrace(json);
      if (!page.isConnected) fill(root, page);
      fit();
      head.draw(shown.trace);
      update(true);
      if (before?.id !== json.id) does.reveal();
      else announce(`${counted(json.spans.length, "span")} and ${counted(json.lines.length, "line")} have arrived`);
      if (!compact) verdict.ask(json.id);
      onRead?.(shown.trace);
    },
    missing(problem) {
      if (shown.trace && !isStale) return;
      const before = looking;
      settle();
      if (problem.candidates?.length > 1) return void instead(candidates(wanted, problem.candidates));
      looking = before ?? missingTrace(wanted, { look: () => source.read(wanted) });
      if (!before) instead(looking.element);
      looking.still(problem);
    },
    failed(error) {
      if (shown.trace && !isStale) return;
      settle();
      instead(h("div", { class: "notice", role: "alert" }, icon("error"), h("p", {}, visible(error.message))));
    },
  });
  read(id);

  /** An answer has come. */
  function settle() {
    clearTimeout(waiting);
    isStale = false;
    looking?.end();
    looking = null;
  }

  // MARK: Drawing

  function context() {
    const { trace, view, scale, found } = shown;
    const isFound = row => (row.span ? found.spans.has(row.span) : found.lines.has(row.line));
    return { trace, scale, fold: does.fold, isSelected: does.isSelected, showsPath: view.showsPath, showsClock: view.showsClock,
      isDim: row => (view.only.size > 0 && !view.only.has((row.span ?? row.line).service)) || (found !== null && !isFound(row)),
      isFound: row => found !== null && isFound(row),
      note: span => (found?.below.get(span) && isFolded(trace, span, view)
        ? h("span", { class: "folded" }, `${found.below.get(span)} found`) : null) };
  }

  /** Follows the state: all of it is drawn again, or, if only something else is selected, that alone. */
  function update(isAnew = false) {
    const { trace } = shown;
    if (!trace) return;
    const view = shown.view = readView(state, trace);
    const { span, line } = does.selection();
    for (const up of holders({ span, line })) { view.open.add(up.id); view.closed.delete(up.id); }
    shown.scale = view.zoom ? scaleOf(view.zoom[0], Math.min(trace.duration, view.zoom[1])) : scaleOf(0, trace.duration);
    const { span: _, line: __, ...rest } = view;
    const as = JSON.stringify(rest, (name, value) => (value instanceof Set ? [...value] : value));
    if (isAnew || as !== drawnAs) {
      drawnAs = as;
      shown.found = findIn(trace, view.find, view);
      drawRows();
    } else rows.mark(does.isSelected);
    if (compact) body.style.setProperty("--pane", `${root.clientHeight}px`);
    side.show(trace, { span, line }, view);
    body.classList.toggle("with-panel", Boolean(span || line));
    bar.draw(trace, { chosen: view.only, place: span?.isError ? trace.errors.indexOf(span) + 1 : 0, text: view.find,
      hits: shown.found?.hits.length ?? 0, hit: (shown.found?.hits.findIndex(does.isSelected) ?? -1) + 1 });
  }
  function drawRows() {
    const { trace, view, scale } = shown;
    rows.show(visibleRows(trace, view));
    const parts = [counted(trace.spans.length, "span"), counted(trace.lines.length, "line"), counted(trace.errors.length, "error")];
    rows.name(`Spans and lines on a time axis of ${exactDuration(trace.duration)}: ${parts.join(", ")}`);
    map.draw(trace, scale.from, scale.to);
    drawGrid(grid, scale, grid.clientWidth || 400);
    const isCut = trace.isLarge && view.depth !== null;
    notice.hidden = !isCut && !trace.linesCut;
    fill(notice, isCut ? [`${counted(trace.spans.length, "span")}: unfolded to depth ${view.depth}. `,
      h("button", { type: "button", class: "link", on: { click: () => does.unfold(true) } }, "Unfold all"), " "] : null,
    trace.linesCut ? `Only the first ${counted(trace.lines.length, "line")} of it are shown.` : null);
  }
  function fit() { tree.classList.toggle("narrow", isNarrow(tree.clientWidth, compact)); }
  /** What of the scrolled part is covered: the head stays above, on a phone the panel and the pages lie below. */
  function covered() {
    const sheet = getComputedStyle(side.element).position === "fixed" && !side.element.hidden ? side.element.offsetHeight : 0;
    const stays = getComputedStyle(treeHead).position === "sticky" ? treeHead.offsetHeight : 0;
    return { above: stays + (compact ? head.element.offsetHeight : 0), below: (innerWidth <= 640 && !compact ? 52 : 0) + sheet };
  }

  return {
    update: () => update(),
    select(spanId) { if (shown.trace?.byId.has(spanId)) does.select({ span: shown.trace.byId.get(spanId) }); },
    /** Shows another trace in the same place. */
    show(next) {
      if (next === wanted) return;
      replay.stop();
      settle();
      read(next);
    },
    get trace() { return shown.trace; },
    get selected() { return shown.trace ? does.selection() : { span: null, line: null }; },
    end() {
      hasEnded = true;
      settle();
      stopKeys();
      for (const part of [source, head, verdict, replay, map, rows, state]) part.end();
    },
  };
}
