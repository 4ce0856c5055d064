// The page of one trace: `/trace/ID`, or the beginning of an id.
import { addressWith, go, path } from "../shell/address.js";
import { duration } from "../shell/format.js";
import { mountTrace } from "./mount.js";
import { addressState } from "./state.js";

export { mountTrace } from "./mount.js";

export function mount(root, app) {
  let id = idOf(path());
  app.box.set(id);
  const pane = mountTrace(root, app, { id, state: addressState(), onRead(trace) {
    app.box.set(trace.id);
    app.title(`${trace.roots[0]?.name ?? trace.id}, ${duration(trace.duration)}`);
    // A beginning that only one trace has becomes the whole id.
    if (id !== trace.id) { id = trace.id; go(addressWith({}, `/trace/${id}${location.search}`), { replace: true }); }
  } });
  return {
    update() {
      const next = idOf(path());
      if (next === id) return pane.update();
      id = next;
      app.box.set(id);
      pane.show(id);
    },
    end() { pane.end(); },
  };
}

function idOf(path) {
  const text = path.slice("/trace/".length);
  try { return decodeURIComponent(text).toLowerCase(); } catch { return text.toLowerCase(); }
}
