// The tools' lower part: the chosen trace.
import { addressWith, change, go, parameter } from "/console/shell/address.js";
import { fill, h } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { bind } from "/console/shell/keys.js";
import { toTrace } from "./inside.js";

export function tracePane(app, { onCite }) {
  const place = h("div", { class: "desk-trace", tabindex: "-1" });
  const element = h("section", { class: "desk-lower", "aria-label": "The chosen trace", hidden: true, data: { within: "" } },
    place, h("button", { type: "button", class: ["quiet", "only-icon", "close-trace"], "aria-label": "Close the trace", title: "Close the trace",
      on: { click: () => change(toTrace(null)) } }, icon("close")));
  // The box and the title belong to the whole view.
  const inner = Object.create(app, { title: { value() {} }, placeAsk: { value() {} }, box: { value: silentBox } });
  let shown = null;
  let mounted = null;
  let number = 0;

  async function mount(id) {
    const mine = ++number;
    mounted?.end();
    mounted = null;
    fill(place);
    if (!id) return;
    try {
      const [{ mountTrace }, { addressState }] = await Promise.all([import("/console/trace/trace.js"), import("/console/trace/state.js")]);
      if (mine !== number) return;
      const cite = h("button", { type: "button", class: "quiet", on: { click: () => onCite(mounted?.trace?.id ?? id) } }, icon("pin"), "Cite");
      mounted = mountTrace(place, inner, { id, compact: true, state: addressState(), actions: [cite], onRead: read });
    } catch (error) {
      fill(place, h("p", { class: "empty" }, error.message));
    }
  }
  /** The beginning of an id becomes the whole one. */
  function read(trace) {
    if (trace.id === shown) return;
    shown = trace.id;
    change({ trace: trace.id }, { replace: true });
  }

  const unbind = bind([{ key: "o", name: "The trace on its own page", run() {
    const id = parameter("trace");
    if (id) go(addressWith({ span: parameter("span") }, `/trace/${encodeURIComponent(id)}`), { leaves: true });
  } }]);
  return {
    element,
    update() {
      const id = parameter("trace");
      element.hidden = !id;
      if (id === shown) return void mounted?.update();
      const isOpen = id && mounted;
      shown = id;
      if (isOpen) mounted.show(id); else mount(id);
    },
    end() { number++; unbind(); mounted?.end(); },
  };
}

const silentBox = { text: "", use() {}, set() {}, refuse() {}, light() {}, focus() {} };
