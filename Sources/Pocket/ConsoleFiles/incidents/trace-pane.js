// The tools' lower part: the chosen trace.
import { addressWith, change, go, parameter } from "/console/shell/address.js";
import { fill, h } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { bind } from "/console/shell/keys.js";

export function tracePane(app, { onCite }) {
  const title = h("code", {});
  const open = h("a", { class: "button", data: { leaves: "" } }, "Open ", h("kbd", { class: "key" }, "o"));
  const place = h("div", { class: "desk-trace" });
  const element = h("section", { class: "desk-lower", "aria-label": "The chosen trace", hidden: true },
    h("div", { class: "desk-trace-bar" }, h("h2", { class: "row" }, "Trace ", title), h("span", { class: "grow" }),
      h("button", { type: "button", class: "quiet", on: { click: () => onCite(parameter("trace")) } }, icon("pin"), "Cite"),
      open,
      h("button", { type: "button", class: ["quiet", "only-icon"], "aria-label": "Close the trace", title: "Close the trace",
        on: { click: () => change({ trace: null, span: null }) } }, icon("close"))),
    place);
  // The box belongs to the lines above.
  const inner = Object.create(app, { title: { value() {} }, placeAsk: { value() {} }, box: { value: silentBox } });
  let shown = null;
  let mounted = null;
  let number = 0;

  const whole = () => addressWith({ span: parameter("span") }, `/trace/${encodeURIComponent(parameter("trace"))}`);

  async function mount(id) {
    const mine = ++number;
    mounted?.end?.();
    mounted = null;
    shown = id;
    const root = h("div", { class: ["page", "in-desk"] });
    fill(place, root);
    if (!id) return;
    try {
      const { mountTrace } = await import("/console/trace/trace.js");
      if (mine === number) mounted = mountTrace(root, inner, { id, compact: true }) ?? {};
    } catch (error) {
      fill(root, h("p", { class: "empty" }, error.message));
    }
  }

  const unbind = bind([{ key: "o", name: "The trace on its own page", run: () => { if (parameter("trace")) go(whole()); } }]);
  return {
    element,
    update(reason) {
      const id = parameter("trace");
      element.hidden = !id;
      if (id) {
        fill(title, id.slice(0, 8));
        open.href = whole();
      }
      if (id !== shown) mount(id); else mounted?.update?.(reason);
    },
    end() { number++; unbind(); mounted?.end?.(); },
  };
}

const silentBox = { text: "", use() {}, set() {}, refuse() {}, light() {}, focus() {} };
