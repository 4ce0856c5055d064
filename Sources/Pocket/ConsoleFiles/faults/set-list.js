// What is set in the services now, kept up to date, and what was cleared here, to be set again.
import { act, get, Latest, Offline } from "/console/shell/api.js";
import { announce } from "/console/shell/announce.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { counted } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";
import { effectOf } from "./effect.js";
import { isSame } from "./same.js";
import { brokenAtCommas, setRule } from "./set-rule.js";

const path = "/console/control/faults";
/** Texts of rules that were cleared here, newest first: as long as the console is open. */
let cleared = [];

/** `edit(text)` puts a rule into the form; `onState(state)` is told what the services say. */
export function setList({ edit, onState }) {
  const figure = h("span", { class: ["small", "soft", "grow"] });
  const all = h("button", { type: "button", class: "quiet", hidden: true, on: { click: clearAll } }, "Clear all");
  const problem = h("div", { class: "notice", role: "alert", hidden: true });
  const silent = h("div", { class: ["notice", "warning"], hidden: true });
  const list = h("div", { class: "set-rules" });
  const empty = h("p", { class: "none", hidden: true });
  const before = h("div", { class: "before", hidden: true });
  const element = h("section", { class: ["card", "set"], "aria-label": "What is set" },
    h("header", {}, h("h2", {}, "Set now"), figure, all), problem, silent, empty, list, before);
  let rules = new Map();
  const asking = new Latest();
  const measuring = new Latest();
  let state = null;
  /** The title of the incident that plays, if that is no secret. */
  let playing = null;

  async function look() {
    try {
      const next = await asking.run(signal => get(path, {}, signal));
      if (next) take(next);
    } catch (error) {
      if (error.status) say(error);
    }
  }
  function take(next) {
    state = next;
    const present = new Map();
    for (const rule of state.rules) {
      const known = rules.get(rule.id);
      if (known && known.rule.rule === rule.rule) { known.show(rule); present.set(rule.id, known); }
      else present.set(rule.id, setRule(rule, { edit: rule => edit(rule.rule), clear }));
    }
    // What is there stays where it is, so that the focus does.
    for (const [id, item] of rules) if (present.get(id) !== item) item.element.remove();
    const isNew = [...present].some(([id, item]) => rules.get(id) !== item);
    rules = present;
    let last = null;
    for (const { element } of rules.values()) {
      const place = last ? last.nextSibling : list.firstChild;
      if (place !== element) list.insertBefore(element, place);
      last = element;
    }
    if (!isSame(figure, [rules.size, state.seed])) fill(figure, rules.size ? `${counted(rules.size, "rule")}, seed ${visible(state.seed)}` : "");
    all.hidden = rules.size === 0;
    drawEmpty();
    silent.hidden = !state.silent?.length;
    fill(silent, icon("warning"), h("div", {}, (state.silent ?? []).map(({ service, reason }) =>
      h("p", { class: "small" }, `${visible(service)} does not answer, so its rules are not shown: ${visible(reason)}`))));
    drawCleared();
    onState(state);
    if (isNew) measure();
  }
  function drawEmpty() {
    empty.hidden = rules.size > 0;
    if (isSame(empty, [playing])) return;
    fill(empty, playing ? [`“${visible(playing)}” is playing: its faults are not listed, and no others can be set. `,
      h("a", { href: "/incidents" }, "To the incident"), "."]
      : ["No fault is set. Choose a kind, or ", h("a", { href: "/incidents" }, "play an incident"), "."]);
  }
  function drawCleared() {
    const list = cleared.filter(text => ![...rules.values()].some(item => item.rule.rule === text));
    before.hidden = list.length === 0;
    if (isSame(before, list)) return;
    fill(before, h("h3", {}, "Cleared here"), list.map(text => h("div", { class: "row" }, brokenAtCommas(text, "grow", "soft"),
      h("button", { type: "button", class: "quiet", on: { click: () => add(text) } }, "Set again"))));
  }
  function say(error) {
    problem.hidden = !error;
    if (error) fill(problem, icon("error"), h("p", {}, visible(error.message)));
  }
  async function change(method, address, body) {
    say(null);
    try {
      take(await act(method, address, body));
      return true;
    } catch (error) {
      say(error);
      return false;
    }
  }
  function remember(texts) { cleared = [...texts, ...cleared.filter(text => !texts.includes(text))].slice(0, 8); }
  async function clear(rule) {
    remember([rule.rule]);
    const isLast = rules.size === 1;
    if (!await change("DELETE", `${path}/${encodeURIComponent(rule.id)}`)) return;
    announce(`${rule.id} is cleared`);
    (isLast ? before : list).querySelector("button")?.focus();
  }
  async function clearAll() {
    remember([...rules.values()].map(item => item.rule.rule));
    if (await change("DELETE", path)) { announce("No fault is set"); before.querySelector("button")?.focus(); }
  }
  async function add(rule) {
    if (await change("POST", path, { rule })) announce("The rule is set");
  }
  async function measure() {
    await measuring.run(async signal => {
      for (const item of [...rules.values()]) {
        if (item.rule.scope === "service") continue;
        const effect = await effectOf(item.rule, signal);
        if (signal.aborted) return;
        item.showEffect(effect);
      }
    }).catch(error => { if (!(error instanceof Offline)) say(error); });
  }
  const timers = [
    setInterval(() => { if (!document.hidden && !asking.isBusy) look(); }, 1500),
    setInterval(() => { if (!document.hidden && !measuring.isBusy && rules.size > 0) measure(); }, 4000),
  ];
  return {
    element, look, measure,
    get rules() { return [...rules.values()].map(item => item.rule); },
    /** Takes the answer of a change that was made elsewhere on the page. */
    take,
    play(title) { if (title !== playing) { playing = title; drawEmpty(); } },
    end() { timers.forEach(clearInterval); asking.stop(); measuring.stop(); },
  };
}
