// The traces that were ticked, and the way to their comparison. The address holds them.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { addressWith, change, go, parameter } from "/console/shell/address.js";
import { duration } from "/console/shell/format.js";
import { keptRange } from "/console/shell/range.js";

/** `facts(id)` finds what is known of a trace. */
export function tickedTraces({ facts, onChange }) {
  const element = h("div", { class: "ticked-bar", role: "status", hidden: true });
  const known = new Map();
  const ids = () => (parameter("ticked") ?? "").split(",").filter(id => /^[0-9a-f]{32}$/.test(id)).slice(0, 2);

  function set(next) {
    change({ ticked: next.join(",") }, { replace: true });
    draw();
    onChange();
  }
  function draw() {
    const list = ids();
    element.hidden = list.length === 0;
    const describe = id => {
      const trace = facts(id) ?? known.get(id);
      if (trace) known.set(id, trace);
      return h("span", { class: "row" }, trace?.error ? icon("error", "with errors") : null, h("code", {}, id.slice(0, 8)),
        trace ? h("span", { class: "soft" }, `${trace.status ?? visible(trace.name)}, ${duration(trace.duration)}`) : null);
    };
    fill(element, h("b", {}, `${list.length} ticked`), h("span", { class: ["row", "wrap"] }, list.map((id, index) => [index ? h("span", { class: "faint" }, "beside") : null, describe(id)]),
      list.length === 1 ? h("span", { class: "faint" }, "Tick one more, or let the comparison choose it.") : null),
    h("span", { class: ["row", "end"] }, h("button", { type: "button", class: "quiet", on: { click: () => set([]) } }, "Clear"),
      h("button", { type: "button", class: "primary", on: { click: () => compare() } }, icon("compare"), list.length === 2 ? "Compare " : "Compare with … ", h("kbd", { class: "key" }, "c"))));
  }
  /** Opens the comparison: of the ticked ones, or of one beside another that is chosen there. */
  function compare(other) {
    const [a, b] = ids();
    const first = a ?? other?.id;
    if (first) go(addressWith({ ...keptRange(), a: first, b: b ?? null }, "/compare"));
  }
  return {
    element, draw, compare,
    has: id => ids().includes(id),
    /** The first that was ticked makes room for a third. */
    tick(trace, isTicked) {
      known.set(trace.id, trace);
      const others = ids().filter(id => id !== trace.id);
      set(isTicked ? [...others, trace.id].slice(-2) : others);
    },
  };
}
