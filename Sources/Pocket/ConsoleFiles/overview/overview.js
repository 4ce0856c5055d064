// The overview: how the services are, who calls whom, and what stands out. Figures are of the last minute of the range,
// curves of all of it.
import { styles } from "/console/shell/styles.js";
import { fill, h } from "/console/shell/dom.js";
import { levelIcon, levelKind } from "/console/shell/icons.js";
import { get, Latest, Offline } from "/console/shell/api.js";
import { live } from "/console/shell/live.js";
import { isDragging } from "/console/shell/brush.js";
import { histogram } from "/console/shell/histogram.js";
import { count, counted, duration, moment, nanoseconds } from "/console/shell/format.js";
import { keptRange, range } from "/console/shell/range.js";
import { failureNotice } from "/console/shell/failure.js";
import { announce } from "/console/shell/announce.js";
import { callMap } from "./map.js";
import { faultsInForce, lastErrors, slowestTraces } from "./lists.js";
import { lines } from "./links.js";
import { nothing } from "./nothing.js";
import { card } from "./keyed.js";
import { sendButtons } from "./send.js";
import { serviceRows } from "./services.js";
import { waiting } from "./waiting.js";

styles("/console/overview/overview.css");

const steps = 60;
const levels = ["error", "warning", "info"];
/** The lines of a step by how their level is drawn: critical ones count as errors, for example. */
function byKind(step) {
  const kinds = {};
  for (const [name, number] of Object.entries(step)) kinds[levelKind(name)] = (kinds[levelKind(name)] ?? 0) + number;
  return kinds;
}
/** Whoever comes to this page first wants to see what arrives; later it stays as it was left. */
let hasBeenLive = false;

export function mount(root, app) {
  const latest = new Latest();
  const [services, map, errors, slowest, faults, send] = [serviceRows(), callMap(), lastErrors(), slowestTraces(), faultsInForce(),
    sendButtons()];
  const volume = histogram({ height: 76, unit: "lines" });
  const curvesNote = h("span", { class: ["small", "faint", "note"] });
  const legend = levels.map(level => h("a", { class: "legend" }));
  const perBar = h("span", { class: ["small", "faint", "more"] });
  const board = h("div", { class: "board", hidden: true },
    h("section", { class: ["card", "of-services"], "aria-label": "Services" }, h("header", {}, h("h2", {}, "Services"), curvesNote),
      services.element),
    card("Who calls whom", { more: h("span", { class: "faint" }, "last minute"), body: map.element, kind: "of-calls" }),
    h("section", { class: ["card", "of-lines"], "aria-label": "Log lines" }, h("header", {}, h("h2", {}, "Log lines"), legend, perBar),
      h("div", { class: "volume" }, volume.element)),
    card("Last errors", { more: errors.all, body: errors.element }),
    card("Slowest traces", { more: slowest.all, body: slowest.element }),
    card("Faults in force", { more: h("a", { href: "/faults" }, "change"), body: [faults.element, send.element] }));
  const failure = failureNotice(() => load());
  const empty = nothing(() => live.turn(true));
  const grey = waiting(["services", "calls", "lines"]);
  fill(root, h("div", { class: "overview" }, h("h1", { class: "aloud" }, "Overview"), failure.element, grey.element, empty.element, board));

  let shown = null;
  let set = null;
  let said = null;
  let lastCost = 0;
  let lastEnd = 0;

  async function load({ isFollowing = false } = {}) {
    const { from, to, isLive } = range();
    const began = performance.now();
    grey.start();
    try {
      const answer = await latest.run(signal => Promise.all([
        get("/console/api/overview", { from: nanoseconds(from), to: nanoseconds(to), buckets: steps }, signal), rules(signal)]));
      // Nothing is drawn anew below the hand of somebody who began to drag in the meantime.
      if (!answer || (isFollowing && isDragging())) return;
      [shown, set] = [{ ...answer[0], lines: answer[0].lines.map(byKind), from: moment(answer[0].start), step: answer[0].step / 1000, to,
        isLive,
        first: app.state?.first ? moment(app.state.first) : from,
        marks: answer[0].faultChanges.map(change => ({ at: moment(change.time), text: change.text })) }, answer[1]];
      failure.show(null);
      draw();
    } catch (error) {
      if (!(error instanceof Offline)) failure.show(error);
    } finally {
      grey.stop();
      [lastCost, lastEnd] = [performance.now() - began, performance.now()];
    }
  }

  /** The rules in force; a console that only reads has none to tell. */
  async function rules(signal) {
    if (!app.state?.canAct) return null;
    try { return await get("/console/control/faults", {}, signal); } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  function draw() {
    const isEmpty = shown.services.every(service => service.requests.every(value => value === 0));
    board.hidden = isEmpty;
    empty.element.hidden = !isEmpty;
    if (isEmpty) return void (app.state && empty.showState(app.state));
    fill(curvesNote, `figures of the last minute, curves of ${duration((shown.to - shown.from) * 1000)}`);
    services.show(shown);
    map.show(shown);
    volume.draw({ from: shown.from, to: shown.from + shown.step * shown.lines.length, step: shown.step, buckets: shown.lines,
      marks: shown.marks });
    legend.forEach((link, index) => {
      const level = levels[index];
      const names = Object.keys(shown.levels).filter(name => levelKind(name) === level);
      fill(link, levelIcon(level), level, " ", h("b", {}, count(names.reduce((sum, name) => sum + shown.levels[name], 0))));
      link.href = lines(names.length ? names : level, keptRange());
    });
    fill(perBar, `lines per ${duration(shown.step * 1000).replace(/\.0+ /, " ")} · drag to narrow the range`);
    errors.show(shown);
    slowest.show(shown);
    faults.show(set, app.state);
    const failed = shown.services.reduce((sum, { minute }) => sum + minute.errors, 0);
    if (live.isOn && failed !== said) announce(`${counted(failed, "error")} in the last minute`);
    said = failed;
  }

  function showState(state) {
    services.showStates(state.services);
    send.show(state.canAct);
    faults.show(set, state);
    // Whether faults can be told of is known now, which the first answer did not wait for.
    if (shown && !set && state.canAct) rules().then(found => { set = found; faults.show(set, app.state); }, () => {});
    if (empty.element.hidden) return;
    empty.showState(state);
    // The first requests have come: the page fills.
    if (state.traces > 0 && range().isLive && !latest.isBusy) load();
  }

  const ends = [app.onState(showState), live.everySecond(() => {
    // A slow answer is not asked for again at once: the console leaves the machine to the services.
    // Nor is a text taken away that somebody selects.
    if (!live.isPaused && !isDragging() && getSelection().isCollapsed && !latest.isBusy && performance.now() - lastEnd > Math.max(900, 4 * lastCost)) load({ isFollowing: true });
  })];
  if (!hasBeenLive && range().isLive) live.turn(true);
  hasBeenLive = true;
  load();
  return {
    update() { load(); },
    end() { latest.stop(); for (const end of ends) end(); },
  };
}
