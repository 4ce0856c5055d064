// The traces of a range that match a query: as filters, as dots over time, and as a list.
import { styles } from "/console/shell/styles.js";
import { fill, h } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { addressWith, change, go, keptScroll, parameter, path } from "/console/shell/address.js";
import { get, Latest, Offline } from "/console/shell/api.js";
import { failureNotice } from "/console/shell/failure.js";
import { announce } from "/console/shell/announce.js";
import { isDragging } from "/console/shell/brush.js";
import { count, counted, moment, nanoseconds } from "/console/shell/format.js";
import { bind } from "/console/shell/keys.js";
import { live } from "/console/shell/live.js";
import { range, setRange } from "/console/shell/range.js";
import { complete } from "./complete.js";
import { dotChart } from "./dots.js";
import { emptyTraces } from "./empty.js";
import { boxParts, filters } from "./filters.js";
import { isMetric, metricView } from "./metric.js";
import { progress } from "./progress.js";
import { durationText, withField } from "./query.js";
import { pageSize, traceTable } from "./table.js";
import { tickedTraces } from "./ticked.js";

styles("/console/traces/traces.css");

const everything = "{ }";
const orders = ["newest", "slowest", "errors"];

/** What was shown last: whoever comes back finds it as it was, and where it was. */
let kept = null;

/** `scroller` is what scrolls instead of the window. */
export function mount(root, app, { scroller = null } = {}) {
  const latest = new Latest();
  const tally = h("span", { class: "tally" });
  const legend = [["failed", "with errors", true], ["info", "without", false]].map(([kind, name, isFailed]) => ({
    name, isFailed, kind, button: h("button", { type: "button", class: ["quiet", "legend"], "aria-pressed": "true",
      on: { click: () => toggle(isFailed) } }) }));
  const hiddenKinds = new Set();
  const note = h("p", { class: ["notice", "warning", "small"], hidden: true });
  const bar = filters({ text: () => app.box.text.trim() ? app.box.text : everything, write, light: name => app.box.light(name) });
  const dots = dotChart({ onOpen: open, onSelect: narrow });
  const table = traceTable({ page, scroller, onOpen: trace => open(trace.id), onTick: (trace, isTicked) => ticked.tick(trace, isTicked),
    onOrder: order => change({ order: order === "newest" ? null : order }), onPoint: id => dots.mark(id), isTicked: id => ticked.has(id) });
  const ticked = tickedTraces({ facts: id => table.find(id), onChange: () => table.refreshTicks() });
  const empty = emptyTraces(write);
  const metric = metricView();
  const failure = failureNotice(() => load());
  const asking = progress(() => { latest.stop(); asking.stop(); });
  const result = h("div", { class: "result", hidden: true },
    h("div", { class: "counts" }, tally, legend.map(({ button }) => button),
      h("span", { class: ["small", "faint", "hint"] }, "duration, logarithmic · drag a box to narrow time and duration")),
    note, dots.element, ticked.element, table.element);
  fill(root, h("div", { class: "traces" }, h("h1", { class: "aloud" }, "Traces"), bar.element, failure.element, asking.element,
    empty.element, metric.element, result));

  let shown = null;
  /** What was asked for last: the answer may still be under way. */
  let wanted = null;
  let cost = 0;
  let ended = 0;

  function query() { return parameter("query")?.trim() || everything; }
  function order() { return orders.includes(parameter("order")) ? parameter("order") : "newest"; }
  function key() { return [query(), order(), parameter("from"), parameter("to")].join("\n"); }
  function write(text) { app.box.set(text, boxParts(text)); change({ query: text }); }
  function open(id) { go(addressWith({}, `/trace/${id}`)); }
  function showQuery(text) { app.box.set(text, boxParts(text)); bar.show(text); }

  /** Narrows time, and the duration of the traces if a box was dragged. */
  function narrow(from, to, least, most) {
    setRange(from, to);
    if (least === undefined) return;
    let text = query();
    const isAtLeast = part => /^>=?$/.test(part.operator);
    text = withField(text, "traceDuration", `traceDuration >= ${durationText(least)}`, isAtLeast);
    text = withField(text, "traceDuration", `traceDuration <= ${durationText(most)}`, part => !isAtLeast(part));
    change({ query: text }, { replace: true });
  }
  function toggle(isFailed) {
    if (hiddenKinds.has(isFailed)) hiddenKinds.delete(isFailed); else hiddenKinds.add(isFailed);
    dots.hide(hiddenKinds);
    for (const { button, isFailed } of legend) button.setAttribute("aria-pressed", String(!hiddenKinds.has(isFailed)));
  }

  function limits({ from, to }) { return { query: query(), from: nanoseconds(from), to: nanoseconds(to) }; }
  async function page(offset) {
    const { traces } = await get("/console/api/traces", { ...shown.limits, order: shown.order, offset, limit: pageSize });
    return traces;
  }

  async function load({ isQuiet = false } = {}) {
    const now = range();
    const began = performance.now();
    wanted = key();
    const asked = { key: wanted, path: path(), query: query(), order: order(), limits: limits(now), range: now };
    if (!isQuiet) { showQuery(asked.query); asking.start(now.length); }
    try {
      if (isMetric(asked.query)) return await showMetric(asked, now);
      const answer = await latest.run(signal => Promise.all([
        get("/console/api/traces", { ...asked.limits, order: asked.order, limit: pageSize }, signal),
        get("/console/api/traces/dots", asked.limits, signal)]));
      // Nothing is drawn anew below the hand of somebody who began to drag in the meantime.
      if (!answer || (isQuiet && isDragging())) return;
      shown = { ...asked, answer: answer[0], points: answer[1] };
      kept = shown;
      app.box.refuse(null);
      failure.show(null);
      draw();
    } catch (error) {
      if (error.status === 400) {
        app.box.refuse(error);
        if (result.hidden && metric.element.hidden) empty.showRefused();
      } else if (!(error instanceof Offline)) failure.show(error);
    } finally {
      if (!latest.isBusy) asking.stop();
      [cost, ended] = [performance.now() - began, performance.now()];
    }
  }

  async function showMetric(asked, now) {
    const found = await latest.run(signal => metric.ask(asked.query, now, signal));
    if (!found) return;
    shown = null;
    app.box.refuse(null);
    failure.show(null);
    empty.hide();
    result.hidden = true;
    metric.show(found);
  }

  function draw() {
    const { answer, points, range: { from, to } } = shown;
    metric.hide();
    result.hidden = answer.matched === 0;
    if (answer.matched === 0) return empty.show(shown.query, shown.range, answer.stored);
    empty.hide();
    fill(tally, h("b", {}, count(answer.matched)), h("span", { class: "soft" }, answer.matched === answer.stored
      ? ` ${answer.matched === 1 ? "trace" : "traces"}` : ` of ${counted(answer.stored, "trace")}`));
    const isCut = points.dots.length < points.matched;
    note.hidden = answer.complete && points.complete && !isCut;
    fill(note, icon("warning"), isCut
      ? `Only the newest ${count(points.dots.length)} of ${count(points.matched)} traces are drawn. Narrow the range.`
      : "The search ran out of time: these are not all that match. Narrow the range.");
    const all = points.dots.map(([id, offset, duration, isFailed]) => ({ id, at: from + offset, duration, failed: isFailed === 1 }));
    for (const { button, name, isFailed, kind } of legend) {
      fill(button, icon(kind), `${name} `, h("b", {}, count(all.filter(dot => dot.failed === isFailed).length)));
    }
    dots.draw({ from, to, dots: all });
    table.show(answer, shown.order, shown.fetched);
    shown.fetched = table.fetched;
    ticked.draw();
    if (live.isOn) announce(`${counted(answer.matched, "trace")} ${answer.matched === 1 ? "matches" : "match"}`);
  }

  /** What arrives is shown at once where the list begins; while somebody reads further down, it is counted. */
  async function follow() {
    if (latest.isBusy || isDragging() || !getSelection().isCollapsed || performance.now() - ended < Math.max(900, 4 * cost)) return;
    if (!shown || !table.isAway) {
      if (live.isPaused) live.resume();
      return load({ isQuiet: true });
    }
    const answer = await latest.run(signal => get("/console/api/traces", { ...limits(range()), limit: 0 }, signal)).catch(() => null);
    ended = performance.now();
    if (answer) live.pause(Math.max(0, answer.matched - shown.answer.matched));
  }
  let wasPaused = false;
  const ends = [
    live.everySecond(follow),
    live.watch(() => {
      // Going on means going back to where what arrives is shown.
      if (wasPaused && live.isOn && !live.isPaused && table.isAway) { table.toTop(); ended = 0; load({ isQuiet: true }); }
      wasPaused = live.isPaused;
    }),
    bind([
      { key: "j", name: "Next trace", run: () => table.move(1) },
      { key: "k", name: "Trace before", run: () => table.move(-1) },
      { key: "ArrowDown", run: () => table.move(1) },
      { key: "ArrowUp", run: () => table.move(-1) },
      { key: "Enter", name: "Open the trace", run: () => { if (table.current) open(table.current.id); } },
      { key: "m", name: "Tick the trace for the comparison",
        run: () => { if (table.current) ticked.tick(table.current, !ticked.has(table.current.id)); } },
      { key: "c", name: "Compare the ticked traces", run: () => ticked.compare(table.current) },
      { key: "f", name: "To the filters", run: () => bar.element.querySelector("button")?.focus() },
    ]),
  ];
  app.box.use({ language: "traceql", suggest: complete, pointed: name => bar.light(name),
    typed(text) { bar.show(text); return boxParts(text); } });
  if (kept?.key === key() && kept.path === path()) {
    [shown, wanted] = [kept, kept.key];
    showQuery(kept.query);
    draw();
    if (keptScroll() === 0) load({ isQuiet: true });
  } else {
    load();
  }

  return {
    update(reason) {
      if (reason === "run" || wanted !== key()) load();
      else { ticked.draw(); table.refreshTicks(); }
    },
    end() { latest.stop(); for (const end of ends) end(); empty.hide(); table.end(); asking.stop(); },
  };
}
