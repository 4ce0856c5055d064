// What of a trace is seen: read from the address, so that a copied link shows the same, or kept to itself where the page
// around it has the address. Both are the same to their reader: `get(name)`, `set(changes, {replace})`.
import { change, parameter } from "../shell/address.js";
import { usualView } from "./model.js";

export function addressState() {
  let waiting = null;
  let timer = null;
  function flush() {
    clearTimeout(timer);
    if (waiting) { const changes = waiting; waiting = null; change(changes, { replace: true }); }
  }
  return {
    get(name) { return waiting && name in waiting ? waiting[name] : parameter(name); },
    set(changes, { replace = false } = {}) { flush(); change(changes, { replace }); },
    /** Many changes in a row, as from a key that is held down, write the address once. */
    soon(changes) {
      waiting = { ...waiting, ...changes };
      clearTimeout(timer);
      timer = setTimeout(flush, 200);
    },
    end() { clearTimeout(timer); waiting = null; },
  };
}

export function ownState(values = {}) {
  const held = { ...values };
  const watchers = new Set();
  const put = changes => {
    for (const [name, value] of Object.entries(changes)) held[name] = value === "" ? null : value;
    for (const watcher of [...watchers]) watcher();
  };
  return { get: name => held[name] ?? null, set: put, soon: put, watch: watcher => watchers.add(watcher), end() { watchers.clear(); } };
}

/**
 * The settings of a view: those of `usualView`, and `span` and `line` (what is selected: an id, a key), `zoom` (`[from, to]`
 * or null), `only` (names of services), `find`, `showsPath`, `showsClock`.
 */
export function readView(state, trace) {
  const set = name => new Set((state.get(name) ?? "").split(",").filter(Boolean));
  const [lines, depth] = [state.get("lines"), state.get("depth") ?? ""];
  const zoom = /^(\d+)-(\d+)$/.exec(state.get("zoom") ?? "")?.slice(1).map(Number) ?? null;
  return usualView(trace, {
    open: set("open"), closed: set("closed"), foldsShort: state.get("short") !== "open",
    ...(depth === "all" ? { depth: null } : /^\d{1,3}$/.test(depth) ? { depth: Number(depth) } : {}),
    lines: lines === "notable" || lines === "none" ? lines : "all",
    span: state.get("span"), line: state.get("at"),
    zoom: zoom && zoom[1] > zoom[0] && zoom[0] < trace.duration ? zoom : null,
    only: set("only"), find: state.get("find") ?? "",
    showsPath: state.get("path") === "1", showsClock: state.get("clock") === "1",
  });
}

/** Names in the address, or null for none: `open=a,b`. */
export function listed(values) { return [...values].join(",") || null; }
