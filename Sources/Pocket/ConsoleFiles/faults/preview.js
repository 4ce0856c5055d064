// The newest requests that a rule concerns, oldest first: a tall mark is one that it would have hit. The trace id
// decides, so this needs no experiment.
import { keptRange } from "/console/shell/range.js";
import { addressWith } from "/console/shell/address.js";
import { fill, h } from "/console/shell/dom.js";
import { exactTime, moment } from "/console/shell/format.js";

export function previewStrip() {
  const said = h("span", {});
  const marks = h("div", { class: "marks", role: "group",
    on: { keydown: move, mouseover: point, focusin: point, mouseleave: unpoint, focusout: unpoint } });
  const pointed = h("span", { class: ["pointed", "small", "faint"] });
  const element = h("div", { class: "preview", hidden: true }, h("div", { class: ["row", "apart", "small"] }, said, pointed), marks);
  let shown = "";

  function draw(requests, isWhole) {
    const hits = requests.filter(request => request.hit).length;
    const total = requests.length;
    element.hidden = isWhole;
    if (isWhole) return;
    fill(said, total === 0
      ? h("span", { class: "soft" }, "It concerns none of the requests that are stored. The next ones will show it.")
      : [h("span", { class: "soft" }, total === 1 ? "the last request it concerns: " : `the last ${total} requests it concerns: `),
        h("strong", {}, `${hits} of ${total}`), " would have been hit"]);
    unpoint();
    const key = requests.map(request => request.trace + request.hit).join();
    if (key === shown) return;
    shown = key;
    const focused = marks.contains(document.activeElement) ? document.activeElement.dataset.trace : null;
    marks.setAttribute("aria-label", `${hits} of ${total} requests would have been hit`);
    fill(marks, requests.toReversed().map((request, index) => h("a", {
      class: ["mark", request.hit && "hit"], href: addressWith(keptRange(), `/trace/${request.trace}`),
      tabindex: index === total - 1 ? "0" : "-1", "aria-label": name(request), data: { trace: request.trace, name: name(request) } })));
    if (focused) (marks.querySelector(`[data-trace="${CSS.escape(focused)}"]`) ?? marks.lastElementChild)?.focus();
  }
  function name({ time, trace, hit }) { return `${exactTime(moment(time))[0]} · ${trace.slice(0, 8)} · ${hit ? "hit" : "not hit"}`; }
  function point(event) { const text = event.target.dataset?.name; if (text) fill(pointed, text); }
  function unpoint() { fill(pointed, marks.childElementCount ? "now →" : ""); }
  /** One mark is in the order of tabs; the arrows reach the others. */
  function move(event) {
    const list = [...marks.children];
    const at = list.indexOf(document.activeElement);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: list.length - 1 }[event.key];
    if (at < 0 || next === undefined || !list[next]) return;
    event.preventDefault();
    list[at].tabIndex = -1;
    list[next].tabIndex = 0;
    list[next].focus();
  }
  return { element, draw };
}
