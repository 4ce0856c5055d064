// One rule that is set: its text, how often it took effect, and the way to what it did. What it shows is changed in
// place, so that the focus and a selection stay.
import { fill, h, s, service, visible } from "/console/shell/dom.js";
import { count, counted, share } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";
import { linesOf, tracesOf } from "./effect.js";
import { isSame } from "./same.js";

/** `actions` are `{edit(rule), clear(rule)}`. */
export function setRule(rule, actions) {
  const state = h("span", { class: ["row", "grow"] });
  const times = h("p", { class: "times" });
  const part = h("p", { class: ["small", "soft"] });
  const chart = h("div", { class: ["chart", "effect"] });
  const links = h("p", { class: ["row", "wrap", "small", "links"] });
  const clear = h("button", { type: "button", "aria-label": `Clear ${rule.id}`, on: { click: async () => {
    clear.disabled = true;
    await actions.clear(rule);
    clear.disabled = false;
  } } }, "Clear");
  const element = h("article", { class: "set-rule", data: { rule: rule.id }, "aria-label": rule.id },
    h("div", { class: "row" }, state,
      h("button", { type: "button", class: "quiet", "aria-label": `Edit ${rule.id}`, on: { click: () => actions.edit(rule) } }, "Edit"), clear),
    brokenAtCommas(rule.rule),
    h("div", { class: "figures" }, h("div", {}, times, part), chart), links);
  let wasInForce = false;

  function show(next) {
    rule = next;
    wasInForce ||= rule.inForce;
    const word = rule.inForce ? "in force" : wasInForce || (rule.injected > 0 && /,for=/.test(rule.rule)) ? "its time is over"
      : /,from=/.test(rule.rule) ? "begins later" : "not in force";
    if (isSame(state, [word, rule.services])) return drawTimes();
    fill(state, icon(rule.inForce ? "faults" : "clock"), h("span", { class: ["small", "nowrap", !rule.inForce && "soft"] }, word),
      h("span", { class: ["row", "wrap", "small", "soft"] }, rule.services.map(name => service(name))));
    drawTimes();
  }
  function drawTimes() {
    fill(times, h("strong", { class: "figure" }, count(rule.injected)), ` ${rule.injected === 1 ? "time" : "times"} since it was set`);
    links.hidden = rule.scope === "service" || rule.injected === 0;
    const [traces, lines] = [tracesOf(rule), linesOf(rule)];
    if (!isSame(links, [traces, lines])) fill(links, h("a", { href: traces }, "its traces"), h("a", { href: lines }, "its lines"));
  }
  /** What the spans say, from `effectOf`; `undefined` while they are asked. */
  function showEffect(effect) {
    chart.hidden = !effect;
    if (effect === undefined) return fill(part);
    if (effect === null) return fill(part, rule.scope === "service" ? "It happens to the whole service."
      : rule.injected > 0 ? "No span of the range carries its mark." : "No request has been hit yet.");
    fill(part, `${share(effect.hit, effect.of)} of ${counted(effect.of, "request")}`);
    part.title = "Requests at the same places, since the first of the range that was hit";
    const most = Math.max(1, ...effect.all);
    const width = 100 / effect.all.length;
    const bar = (name, values) => values.map((value, index) => value > 0 && s("rect", { class: name,
      x: index * width + width * 0.15, width: width * 0.7, y: 28 - Math.max(1, value / most * 28), height: Math.max(1, value / most * 28) }));
    fill(chart, s("svg", { height: 28, viewBox: "0 0 100 28", preserveAspectRatio: "none", role: "img",
      "aria-label": `Over the range ${counted(effect.hit, "request was", "requests were")} hit, of ${count(effect.of)} at the same places` },
    bar("all", effect.all), bar("fill-soft", effect.hits)));
  }
  show(rule);
  showEffect(undefined);
  return { element, show, showEffect, get rule() { return rule; } };
}

/** A rule on as many lines as it needs, which break after commas. */
export function brokenAtCommas(text, ...classes) {
  return h("code", { class: ["rule", ...classes] }, visible(text).split(/(?<=,)/).map(piece => [piece, h("wbr", {})]));
}
