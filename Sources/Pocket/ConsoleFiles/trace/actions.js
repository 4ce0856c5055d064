// What can be done with a trace that is shown: select, fold, narrow, find, go from error to error. Each changes the state;
// drawing follows the state.
import { go } from "../shell/address.js";
import { canGoBack, rangeBack } from "../shell/range.js";
import { deepestError, nextHit } from "./find.js";
import { linesLink } from "./links.js";
import { above, isFolded } from "./model.js";
import { listed } from "./state.js";

/**
 * `shown` is `{trace, view, found}` as it is now, `put(changes, options)` and `soon(changes)` change the state, `rows` is the
 * grid, `side` the panel.
 */
export function traceActions({ shown, put, soon, rows, side, compact }) {
  const does = {
    isSelected(row) { return row.kind === "span" ? row.span.id === shown.view.span : row.line.key === shown.view.line; },
    isOpen() { return shown.view !== null && (shown.view.span !== null || shown.view.line !== null); },
    /** What is selected: `{span, line}`, of which one at least is null. */
    selection() {
      const span = shown.trace.byId.get(shown.view.span) ?? null;
      return { span, line: span ? null : shown.trace.lines.find(line => line.key === shown.view.line) ?? null };
    },

    /** Selects a span or a line, unfolds what hides it and brings it into view. */
    select({ span = null, line = null }, { isPassing = false, focus = false, block = "center" } = {}) {
      if (!span && !line) return;
      const hiding = holders({ span, line }).filter(up => isFolded(shown.trace, up, shown.view));
      const changes = { span: span?.id ?? null, at: line?.key ?? null };
      if (hiding.length > 0) Object.assign(changes, folds(hiding, []));
      const { lines } = shown.view;
      if (line && (lines === "none" || (lines === "notable" && line.kind === "info"))) changes.lines = null;
      if (isPassing) return void soon(changes);
      put(changes, {});
      does.reveal(block);
      if (focus) rows.focus();
    },
    /** Brings what is selected into view. */
    reveal(block = "center") {
      const index = does.isOpen() ? rows.indexOf(does.isSelected) : -1;
      if (index >= 0) rows.moveTo(index, { focus: false, block });
    },
    open() { if (rows.current) does.select(rows.current, { focus: true }); },
    close() {
      if (!does.isOpen()) return;
      const hadFocus = side.element.contains(document.activeElement);
      put({ span: null, at: null }, {});
      if (hadFocus) rows.focus();
    },
    move(by) { rows.move(by); },

    fold(span) {
      if (isFolded(shown.trace, span, shown.view)) return put(folds([span], []));
      // What is selected is never hidden: the span that hides it is selected instead.
      const hides = holders(does.selection()).includes(span);
      put({ ...folds([], [span]), ...(hides ? { span: span.id, at: null } : {}) });
    },
    toggleShort() { put({ short: shown.view.foldsShort ? "open" : null, open: null }); },
    unfold(all) {
      put(all ? { short: "open", depth: "all", open: null, closed: null } : { depth: "1", open: null, closed: null, span: null, at: null });
    },

    toggleLines() { put({ lines: shown.view.lines === "none" ? null : "none" }); },
    togglePath() { put({ path: shown.view.showsPath ? null : "1" }); },
    toggleClock() { put({ clock: shown.view.showsClock ? null : "1" }); },
    pickOut(name) {
      const only = new Set(shown.view.only);
      if (!only.delete(name)) only.add(name);
      put({ only: listed(only) });
    },
    zoom(from, to) {
      if (from === null) return put({ zoom: null }, {});
      const start = Math.max(0, Math.round(from));
      const end = Math.min(shown.trace.duration, Math.max(start + 1000, Math.round(to)));
      put({ zoom: start <= 0 && end >= shown.trace.duration ? null : `${start}-${end}` }, {});
    },
    zoomTo(span) { does.zoom(span.start - span.duration * 0.1, span.end + span.duration * 0.1); },
    whole() { if (shown.view?.zoom) does.zoom(null); else if (!compact && canGoBack()) rangeBack(); },

    findNext(by) { if (shown.found?.hits.length) does.select(nextHit(shown.found.hits, does.isSelected, by)); },
    error(by) {
      const { errors } = shown.trace;
      if (errors.length === 0) return;
      const current = rows.current?.span ?? rows.current?.line?.on ?? null;
      const span = !does.isOpen() ? (by > 0 ? deepestError(shown.trace) : errors.at(-1))
        : by > 0 ? errors.find(error => error.index > (current?.index ?? -1)) ?? errors[0]
          : errors.findLast(error => error.index < (current?.index ?? 0)) ?? errors.at(-1);
      does.select({ span }, { focus: true });
    },

    lines() {
      const { span, line } = does.selection();
      go(linesLink(shown.trace, line ?? span?.lines[0] ?? null));
    },
    compare() { go(`/compare?a=${shown.trace.id}`); },
    openPage() { go(`/trace/${shown.trace.id}${shown.view.span ? `?span=${shown.view.span}` : ""}`); },
  };

  /** The changes that open and close spans. */
  function folds(opened, closedNow) {
    const [open, closed] = [new Set(shown.view.open), new Set(shown.view.closed)];
    for (const span of opened) { open.add(span.id); closed.delete(span.id); }
    for (const span of closedNow) { closed.add(span.id); open.delete(span.id); }
    return { open: listed(open), closed: listed(closed) };
  }
  return does;
}

/** The spans that hide a span or a line when one of them is folded. */
export function holders({ span, line }) {
  if (span) return above(span);
  return line?.on ? [line.on, ...above(line.on)] : [];
}
