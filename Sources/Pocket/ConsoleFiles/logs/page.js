// The Logs page: it asks what the address says, and shows it. Everything that is seen is in the address.
import { addressWith, change, go, keptScroll, parameter } from "/console/shell/address.js";
import { announce } from "/console/shell/announce.js";
import { get, Latest, Offline } from "/console/shell/api.js";
import { h, fill } from "/console/shell/dom.js";
import { count, counted, moment, nanoseconds } from "/console/shell/format.js";
import { histogram } from "/console/shell/histogram.js";
import { bind } from "/console/shell/keys.js";
import { live } from "/console/shell/live.js";
import { fixedRange, range, setRange } from "/console/shell/range.js";
import { chart, columns, isWrapped, looks, order, query, signature } from "./asked.js";
import { barCount, countBar, levelBuckets } from "./counts.js";
import { openColumns } from "./columns.js";
import { completion } from "./completion.js";
import { everything } from "./edit.js";
import { emptyState } from "./empty.js";
import { knownFields } from "./fields.js";
import { filterBar } from "./filters.js";
import { filterFor, filterOut, levelField, levelsOf, toggleLevel } from "./kinds.js";
import { lineKeys } from "./line-keys.js";
import { lineList } from "./list.js";
import { explained } from "./mend.js";
import { metricView } from "./metric.js";
import { parse } from "./query.js";
import { LineSource } from "./source.js";
import { appended } from "./append.js";
import { liveTail } from "./tail.js";
import { waitingPlace } from "./waiting.js";

/**
 * Puts the lines into `root`. Options: `traceAddress(trace, span)` is where a trace's link leads; `scroller` is the element
 * that scrolls instead of the window; `isCompact` leaves out the row of filters; `more(line)` makes what an opened row
 * has at its end. Returns `{update(reason), end()}`.
 */
export function mountLogs(root, app, options = {}) {
  const traceAddress = options.traceAddress ?? ((trace, span) => addressWith({ span }, `/trace/${trace}`));
  const scroller = options.scroller ?? null;
  const fields = knownFields();
  const asking = new Latest();
  let counting = new AbortController();
  let source = null;
  let shown = null;
  let isMetric = false;
  let retry = null;
  /** What the empty state was made for: it stays as it is while that does, and so do its focus and its counting. */
  let emptyFor = null;

  const ask = text => { if (text.trim() !== query()) change({ query: text.trim(), line: null }); else load(); };
  const toggleColumn = name => change({ columns: (columns().includes(name) ? columns().filter(other => other !== name)
    : [...columns(), name]).join(",") });

  // MARK: What there is

  const acts = {
    traceAddress, toggleColumn, more: options.more, hasColumn: name => columns().includes(name),
    filterFor: (name, value, line) => ask(filterFor(query(), name, value, line.line)),
    filterOut: (name, value, line) => ask(filterOut(query(), name, value, line.line)),
    linesOf: trace => ask(`${everything} | trace_id="${trace}"`),
    linkTo: line => location.origin + addressWith({ ...fixedRange(), line: line.key }),
  };
  const bar = filterBar({ run: ask, box: app.box, fields });
  const counts = countBar({
    level: async name => {
      try {
        const field = levelField(await fields());
        if (element.isConnected) ask(toggleLevel(query(), name, field));
      } catch (error) { failed(error); }
    },
    order: value => change({ order: value === "oldest" ? value : null, line: null }),
    columns: anchor => openColumns(anchor, { columns: columns(), fields,
      set: names => change({ columns: names.join(",") }, { replace: true }) }),
    wrap: () => change({ wrap: isWrapped() ? null : "1" }, { replace: true }),
  });
  const bars = histogram({ height: options.isCompact ? 60 : 84, unit: "lines",
    onSelect: (from, to) => { change({ line: null }, { replace: true }); setRange(from, to); } });
  const list = lineList({ scroller, acts, view: () => ({ columns: columns(), isWrapped: isWrapped() }), onOpen: opened });
  const metric = metricView();
  const empty = h("div", { hidden: true });
  const notice = h("p", { class: ["notice", "warning"], hidden: true });
  const lines = h("div", { hidden: true }, counts.element, bars.element, notice, empty, list.element);
  const numbers = h("div", { hidden: true }, metric.element);
  const result = h("div", { class: "result" }, lines, numbers);
  const stopped = h("div", { class: "row", hidden: true }, h("span", { class: "soft" }, "Stopped."),
    h("button", { type: "button", on: { click: () => load() } }, "Search again"));
  const waiting = waitingPlace(isHidden => { result.hidden = isHidden; });
  const element = h("div", { class: ["logs", options.isCompact && "compact"] }, h("h1", { class: "aloud" }, "Logs"),
    options.isCompact ? null : bar.element, stopped, waiting.element, result);
  fill(root, element);
  const tail = liveTail({ element: list.element, scroller, follow, newer, isAtEnd, toEnd,
    isLines: () => !isMetric && source !== null, end: () => source.to }, list.strip);

  app.box.use({
    language: "logql", suggest: completion(fields),
    typed(text) { if (parse(text).ok) bar.draw(text); return bar.parts(text); },
    pointed: id => { app.box.light(id); bar.light(id); },
  });
  const keys = bind(lineKeys({ list, bar, acts, traceAddress, go }));

  // MARK: Asking

  async function load() {
    clearTimeout(retry);
    counting.abort();
    emptyFor = null;
    const text = query();
    const { from, to, length } = range();
    shown = { signature: signature(), looks: looks() };
    app.box.set(text, bar.parts(text));
    // The filters are those of the result that is shown, until the query can be read.
    if (parse(text).ok) bar.draw(text); else if (!source) bar.draw(everything);
    stopped.hidden = true;
    waiting.begin(length, source?.summary?.stored, () => { asking.stop(); waiting.end(); stopped.hidden = false; });
    try {
      const isDone = await asking.run(async signal => {
        if (parse(text).isMetric) return showNumbers(await metric.ask(text, { from, to }, signal));
        const next = new LineSource({ query: text, from: nanoseconds(from), to: nanoseconds(to), order: order() },
          (first, last) => list.arrived(first, last), failed);
        await next.begin(barCount(length, element.clientWidth), signal);
        if (signal.aborted) return next.end();
        const isFirst = !source && !isMetric;
        showLines(next);
        announce(`${counted(next.count, "line")}.`);
        // Back: the rows are there again, and so is the place.
        if (isFirst && !scroller && !parameter("line") && keptScroll() > 0) scrollTo({ top: keptScroll(), behavior: "instant" });
        return true;
      });
      if (isDone) { app.box.refuse(null); waiting.end(); openNamed(); }
    } catch (error) {
      waiting.end();
      failed(error);
    }
  }
  function failed(error) {
    if (error instanceof Offline) retry = setTimeout(load, 2000);
    else app.box.refuse(Object.assign(new Error(), error, explained(error, query())));
  }
  function showNumbers(answer) {
    isMetric = true;
    source?.end();
    source = null;
    metric.show(answer, chart());
    lines.hidden = true;
    numbers.hidden = false;
    tail.draw();
    return true;
  }
  function showLines(next, keepOpen = false) {
    source?.end();
    source = next;
    isMetric = false;
    numbers.hidden = true;
    lines.hidden = false;
    drawFigures();
    list.show(source, { keepOpen });
    tail.draw();
  }
  function drawFigures() {
    const { summary } = source;
    counts.draw({ summary, chosen: levelsOf(query()), order: order(), isWrapped: isWrapped(), columnCount: columns().length });
    const from = moment(summary.start);
    bars.draw({ from, to: from + summary.step / 1000 * summary.buckets.length, step: summary.step / 1000,
      buckets: levelBuckets(summary.buckets) });
    const isEmpty = source.count === 0;
    list.element.hidden = isEmpty;
    bars.element.hidden = isEmpty;
    counts.element.hidden = isEmpty;
    empty.hidden = !isEmpty;
    const wanted = isEmpty ? [query(), summary.stored, summary.selected].join("\n") : null;
    if (isEmpty && wanted !== emptyFor) {
      counting.abort();
      counting = new AbortController();
      fill(empty, emptyState({ query: query(), summary, fields, run: ask, signal: counting.signal }));
    }
    emptyFor = wanted;
    const isCut = !summary.complete || source.count > list.limit;
    notice.hidden = !isCut;
    const whole = summary.complete ? source.count : summary.stored;
    if (isCut) fill(notice, `Only the ${order()} ${count(Math.min(source.count, list.limit))} of ${count(whole)} lines are shown. `,
      "Narrow the range.");
  }

  // MARK: The opened line

  function opened(line, isOpen) {
    tail.hold();
    const named = isOpen ? line.key : parameter("line") === line.key ? null : parameter("line");
    change({ line: named });
  }
  /** Opens the line that the address names. */
  async function openNamed() {
    const key = parameter("line");
    const asked = source;
    if (!key || !asked) return;
    const time = /^\d+/.exec(key)?.[0];
    const index = time ? await asked.find(key, time).catch(() => -1) : -1;
    if (asked !== source || parameter("line") !== key) return;
    if (index >= 0) { list.arrived(index, index); return list.open(index); }
    notice.hidden = false;
    fill(notice, "The line of this address is not among these. ", time ? h("button", { type: "button", class: "link",
      on: { click: () => change({ query: everything, from: Math.floor(Number(time) / 1e6) - 60_000,
        to: Math.floor(Number(time) / 1e6) + 60_000 }) } }, "Look at the minute around it") : null);
  }

  // MARK: Live

  function isAtEnd() { const { atStart, atEnd } = list.list.view; return order() === "newest" ? atStart : atEnd; }
  function toEnd() {
    if (order() === "newest") (scroller ?? window).scrollTo({ top: 0, behavior: "instant" });
    else if (list.list.length) list.list.reveal(list.list.length - 1);
  }
  async function newer() {
    if (isMetric || !source) return null;
    const { summary } = await get("/console/api/lines",
      { query: source.query, from: source.to, to: nanoseconds(range().to), limit: 0, summary: 1, buckets: 1 });
    return summary.matched;
  }
  /** Nothing is drawn anew below the hand of somebody who drags in a chart. */
  function isDragging() { return element.querySelector('.brush[visibility="visible"]') !== null; }
  async function follow() {
    if (document.hidden || asking.isBusy || isDragging()) return 0;
    const { from, to, length } = range();
    if (isMetric) { const answer = await asking.run(signal => metric.ask(query(), { from, to }, signal));
      if (answer && isMetric) showNumbers(answer); return 0; }
    const asked = source;
    if (!asked) return 0;
    const added = await appended(asked, list, { from: nanoseconds(from), to: nanoseconds(to),
      buckets: barCount(length, element.clientWidth) }, () => asked === source && !isDragging());
    if (added !== null && asked === source) drawFigures();
    return added ?? 0;
  }

  const ended = live.watch(() => { if (live.isOn && !range().isLive) live.turn(false); });
  load();
  return {
    update(reason) {
      if (reason === "run" || signature() !== shown?.signature) return load();
      if (looks() !== shown.looks) {
        shown.looks = looks();
        if (isMetric) load(); else if (source) { list.redraw(); drawFigures(); }
      }
      if (reason === "back" && source) {
        list.closeOthers(parameter("line"));
        if (parameter("line") && !list.hasOpen(parameter("line"))) openNamed();
      }
    },
    end() {
      clearTimeout(retry);
      counting.abort();
      asking.stop();
      waiting.end();
      source?.end();
      tail.end();
      list.end();
      ended();
      keys();
      app.box.use(null);
    },
  };
}
