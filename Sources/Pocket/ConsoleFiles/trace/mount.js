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
import { fill, h, s, visible } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { go } from "../shell/address.js";
import { counted } from "../shell/format.js";
import { canGoBack, rangeBack } from "../shell/range.js";
import { whenResized } from "../shell/resize.js";
import { styles } from "../shell/styles.js";
import { deepestError, findIn, nextHit } from "./find.js";
import { heading } from "./heading.js";
import { traceKeys } from "./keys.js";
import { linesLink } from "./links.js";
import { loader } from "./load.js";
import { minimap } from "./minimap.js";
import { candidates, missingTrace } from "./missing.js";
import { above, isFolded, readTrace, visibleRows } from "./model.js";
import { panel } from "./panel.js";
import { replayButton } from "./replay.js";
import { buildRow } from "./rows.js";
import { drawGrid } from "./ruler.js";
import { exactDuration, scaleOf } from "./scale.js";
import { showButton } from "./show-menu.js";
import { listed, ownState, readView } from "./state.js";
import { tools } from "./tools.js";
import { isNarrow, treeGrid } from "./tree.js";
import { verdictButton } from "./verdict.js";

export function mountTrace(root, app, { id, compact = false, state = ownState(), actions = [], onRead = null } = {}) {
  // What is measured must be styled before.
  const styled = Promise.all(["tree", "trace", "panel"].map(name => styles(`/console/trace/${name}.css`)));
  let wanted = id;
  let trace = null;
  let view = null;
  let found = null;
  let scale = scaleOf(0, 1);
  let drawnAs = "";
  let looking = null;
  let hasEnded = false;

  // MARK: The parts

  const verdict = verdictButton({ choose: ({ span, line }) => select(line ? { line: trace.lines.find(({ key }) => key === line) } : { span: trace.byId.get(span) }) });
  const replay = replayButton({ id: () => trace.id });
  const head = heading({ compact, actions: [...actions, compact ? null : verdict.element], after: compact ? [] : [replay.element] });
  const show = showButton({ view: () => view, set: changes => put(changes), toggleShort, unfold });
  const bar = tools({ only: pickOut, find: text => { state.soon({ find: text || null }); update(); }, findNext, error: nextError, show });
  const map = minimap({ preview: (from, to) => { scale = scaleOf(from, to); drawRows(); }, zoom });
  const side = panel({ select: row => select(row), close, zoom: span => zoom(span.start - span.duration * 0.1, span.end + span.duration * 0.1) });
  const grid = s("svg", { "aria-hidden": "true" });
  const notice = h("p", { class: "tree-notice", hidden: true });
  const rows = treeGrid({ scroller: compact ? root : null, build: (row, index) => buildRow(row, index, context()), fold, covered,
    open: (row, { byKey }) => { if (byKey && isSelected(row)) side.focus(); else select(row, { focus: byKey }); },
    moved: row => { if (hasSelection()) select(row, { soon: true }); } });
  const treeHead = h("div", { class: "tree-head" }, bar.element, map.element);
  const tree = h("div", { class: "trace-tree" }, treeHead, notice,
    h("div", { class: "tree-body" }, h("div", { class: "tree-grid" }, grid), rows.element));
  const body = h("div", { class: "trace-body" }, tree, side.element);
  const page = h("div", { class: ["trace-page", compact && "compact"] }, head.element, body);
  const other = h("div", { class: "trace-other" });
  fill(root, other);
  const waiting = setTimeout(() => { if (!trace && !looking) fill(other, h("p", { class: "aloud", role: "status" }, "Reading the trace"), Array.from({ length: 8 }, () => h("div", { class: "waiting" }))); }, 300);
  whenResized(tree, () => { tree.classList.toggle("narrow", isNarrow(tree.clientWidth, compact)); if (trace) { update(true); revealSelected(); } });

  // MARK: Reading

  const source = loader({
    async took(json) {
      await styled;
      if (hasEnded) return;
      clearTimeout(waiting);
      looking?.end();
      looking = null;
      const isSame = trace && trace.id === json.id && trace.spans.length === json.spans.length && trace.lines.length === json.lines.length
        && trace.complete === json.complete && trace.duration === Math.max(1, json.duration);
      if (isSame) return;
      const isNew = trace?.id !== json.id;
      trace = readTrace(json);
      if (!page.isConnected) fill(root, page);
      tree.classList.toggle("narrow", isNarrow(tree.clientWidth, compact));
      head.draw(trace);
      update(true);
      if (isNew) revealSelected();
      if (!compact) judge();
      onRead?.(trace);
    },
    missing(problem) {
      clearTimeout(waiting);
      if (trace) return;
      if (!other.isConnected) fill(root, other);
      if (problem.candidates?.length > 1) return void candidates(other, wanted, problem.candidates);
      looking ??= missingTrace(other, wanted, { look: () => source.read(wanted) });
      looking.still(problem);
    },
    failed(error) {
      if (!trace) fill(other, h("div", { class: "notice", role: "alert" }, icon("error"), h("p", {}, visible(error.message))));
    },
  });
  source.read(wanted);

  let judging = null;
  let judged = 0;
  async function judge() {
    clearTimeout(judging);
    if (!app.state?.canAct) return;
    await verdict.ask(trace.id);
    if (verdict.state === "arriving" && ++judged < 30) judging = setTimeout(judge, 1500);
  }
  const stopState = app.onState?.(state => { replay.allow(state.canAct && !compact); if (trace && state.canAct && verdict.state === null && judged++ === 0 && !compact) judge(); });

  // MARK: Drawing

  function context() {
    return { trace, scale, fold, isSelected, showsPath: view.showsPath, showsClock: view.showsClock,
      isDim: row => (view.only.size > 0 && !view.only.has((row.span ?? row.line).service)) || (found !== null && !isFound(row)),
      isFound: row => found !== null && isFound(row),
      note: span => (found?.below.get(span) && isFolded(trace, span, view)
        ? h("span", { class: "folded" }, `${found.below.get(span)} found`) : null) };
  }
  function isFound(row) { return row.span ? found.spans.has(row.span) : found.lines.has(row.line); }
  function isSelected(row) { return row.kind === "span" ? row.span.id === view.span : row.line.key === view.line; }
  function hasSelection() { return view !== null && (view.span !== null || view.line !== null); }
  function selection() {
    const span = trace.byId.get(view.span) ?? null;
    return { span, line: span ? null : trace.lines.find(line => line.key === view.line) ?? null };
  }

  /** Follows the state: all of it is drawn again, or, if only something else is selected, that alone. */
  function update(isAnew = false) {
    if (!trace) return;
    view = readView(state, trace);
    const { span, line } = selection();
    for (const up of span ? above(span) : line?.on ? [line.on, ...above(line.on)] : []) { view.open.add(up.id); view.closed.delete(up.id); }
    scale = view.zoom ? scaleOf(view.zoom[0], Math.min(trace.duration, view.zoom[1])) : scaleOf(0, trace.duration);
    const as = JSON.stringify([[...view.open], [...view.closed], view.foldsShort, view.depth, view.lines, view.zoom, [...view.only], view.find, view.showsPath, view.showsClock]);
    if (isAnew || as !== drawnAs) {
      drawnAs = as;
      found = findIn(trace, view.find, view);
      drawRows();
    } else rows.mark(isSelected);
    if (compact) body.style.setProperty("--pane", `${root.clientHeight}px`);
    side.show(trace, { span, line }, view);
    body.classList.toggle("with-panel", Boolean(span || line));
    bar.draw(trace, { chosen: view.only, place: span?.isError ? trace.errors.indexOf(span) + 1 : 0, text: view.find,
      hits: found?.hits.length ?? 0, hit: (found?.hits.findIndex(isSelected) ?? -1) + 1 });
  }
  function drawRows() {
    rows.show(visibleRows(trace, view));
    rows.name(`Spans and lines: ${counted(trace.spans.length, "span")} in ${exactDuration(trace.duration)}, ${counted(trace.errors.length, "error")}`);
    map.draw(trace, scale.from, scale.to);
    drawGrid(grid, scale, grid.clientWidth || 400);
    const isCut = trace.isLarge && view.depth !== null;
    notice.hidden = !isCut && !trace.linesCut;
    fill(notice, isCut ? [`${counted(trace.spans.length, "span")}: unfolded to depth ${view.depth}. `,
      h("button", { type: "button", class: "link", on: { click: () => unfold(true) } }, "Unfold all"), " "] : null,
    trace.linesCut ? `Only the first ${counted(trace.lines.length, "line")} of it are shown.` : null);
  }
  /** What of the scrolled part is covered: the head stays above, on a phone the panel and the pages lie below. */
  function covered() {
    const sheet = getComputedStyle(side.element).position === "fixed" && !side.element.hidden ? side.element.offsetHeight : 0;
    return { above: treeHead.offsetHeight + (compact ? head.element.offsetHeight : 0), below: (innerWidth <= 640 && !compact ? 52 : 0) + sheet };
  }

  // MARK: What can be done

  function put(changes, options = { replace: true }) { state.set(changes, options); if (compact) update(); }

  /** Selects a span or a line, unfolds what hides it and brings it into view. */
  function select({ span = null, line = null }, { soon = false, focus = false } = {}) {
    if (!span && !line) return;
    const hiding = (span ? above(span) : line.on ? [line.on, ...above(line.on)] : []).filter(up => isFolded(trace, up, view));
    const changes = { span: span?.id ?? null, at: line?.key ?? null };
    if (hiding.length > 0) Object.assign(changes, folds(hiding, []));
    if (line && (view.lines === "none" || (view.lines === "notable" && line.kind === "info"))) changes.lines = null;
    if (soon) { state.soon(changes); update(); } else put(changes, {});
    const index = rows.indexOf(isSelected);
    if (index >= 0 && !soon) rows.moveTo(index, { focus: false, block: "center" });
    if (focus) rows.focus();
  }
  function revealSelected() {
    const index = hasSelection() ? rows.indexOf(isSelected) : -1;
    if (index >= 0) rows.moveTo(index, { focus: false, block: "center" });
  }
  function close() {
    if (!hasSelection()) return;
    const hadFocus = side.element.contains(document.activeElement);
    put({ span: null, at: null }, {});
    if (hadFocus) rows.focus();
  }
  /** The changes that open and close spans. */
  function folds(opened, closedNow) {
    const [open, closed] = [new Set(view.open), new Set(view.closed)];
    for (const span of opened) { open.add(span.id); closed.delete(span.id); }
    for (const span of closedNow) { closed.add(span.id); open.delete(span.id); }
    return { open: listed(open), closed: listed(closed) };
  }
  function fold(span) {
    if (isFolded(trace, span, view)) return put(folds([span], []));
    const { span: at, line } = selection();
    const on = at ?? line?.on;
    const hides = (on && above(on).includes(span)) || line?.on === span;
    put({ ...folds([], [span]), ...(hides ? { span: span.id, at: null } : {}) });
  }
  function toggleShort() { put({ short: view.foldsShort ? "open" : null, open: null }); }
  function unfold(all) {
    put(all ? { short: "open", depth: "all", open: null, closed: null } : { depth: "1", open: null, closed: null, span: null, at: null });
  }
  function pickOut(name) {
    const only = new Set(view.only);
    if (!only.delete(name)) only.add(name);
    put({ only: listed(only) });
  }
  function zoom(from, to) {
    if (from === null) return put({ zoom: null }, {});
    const [a, b] = [Math.max(0, Math.round(from)), Math.min(trace.duration, Math.max(Math.round(from) + 1000, Math.round(to)))];
    put({ zoom: a <= 0 && b >= trace.duration ? null : `${a}-${b}` }, {});
  }
  function findNext(by) {
    if (!found?.hits.length) return;
    select(nextHit(found.hits, isSelected, by));
  }
  function nextError(by) {
    if (trace.errors.length === 0) return;
    const current = rows.current?.span ?? rows.current?.line?.on ?? null;
    const errors = trace.errors;
    let span;
    if (!hasSelection()) span = by > 0 ? deepestError(trace) : errors.at(-1);
    else if (by > 0) span = errors.find(error => error.index > (current?.index ?? -1)) ?? errors[0];
    else span = errors.findLast(error => error.index < (current?.index ?? 0)) ?? errors.at(-1);
    select({ span }, { focus: true });
  }

  const stopKeys = traceKeys({
    move: by => rows.move(by), open: () => { if (rows.current) select(rows.current, { focus: true }); }, close, isOpen: hasSelection, error: by => trace && nextError(by),
    lines: () => trace && go(linesLink(trace)), compare: () => trace && go(`/compare?a=${trace.id}`), find: () => bar.focusFind(),
    openPage: () => trace && go(`/trace/${trace.id}${view.span ? `?span=${view.span}` : ""}`),
    toggleLines: () => put({ lines: view.lines === "none" ? null : "none" }), togglePath: () => put({ path: view.showsPath ? null : "1" }),
    toggleShort, toggleClock: () => put({ clock: view.showsClock ? null : "1" }),
    whole: () => { if (view?.zoom) zoom(null); else if (!compact && canGoBack()) rangeBack(); },
  }, { pane: compact ? root : null });

  return {
    update: () => update(),
    select(spanId) { if (trace?.byId.has(spanId)) select({ span: trace.byId.get(spanId) }); },
    /** Shows another trace in the same place. */
    show(next) {
      if (next === wanted) return;
      wanted = next;
      trace = null;
      judged = 0;
      looking?.end();
      looking = null;
      fill(root, other);
      fill(other);
      source.read(next);
    },
    get trace() { return trace; },
    get selected() { return trace && view ? selection() : { span: null, line: null }; },
    end() {
      hasEnded = true;
      clearTimeout(waiting);
      clearTimeout(judging);
      looking?.end();
      stopState?.();
      stopKeys();
      for (const part of [source, head, verdict, replay, map, rows, state]) part.end();
    },
  };
}
