// The pictograms: 16 units square. Levels and states have a shape each, so that colour is never alone.
import { s } from "./dom.js";

const strokes = {
  overview: "M2.5 13.5v-4M6.2 13.5v-8M9.8 13.5V8M13.5 13.5v-11",
  logs: "M2 3.5h12M2 8h9M2 12.5h11",
  traces: "M1.5 3.5h8M5 8h6.5M9 12.5h5.5",
  send: "M14 2 7.2 8.8M14 2 9.7 14 7.2 8.8 2 6.3z",
  faults: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  incidents: "M3.5 14.5v-13M3.5 2.5h9l-2 3 2 3h-9",
  exercises: "M3 2.5h7.5a2.5 2.5 0 0 1 2.5 2.5v8.5H5.5A2.5 2.5 0 0 1 3 11zM6 6h4M6 9h4",
  down: "m4 6 4 4 4-4", right: "m6 4 4 4-4 4", left: "m10 4-4 4 4 4", up: "m4 10 4-4 4 4",
  close: "m4 4 8 8m0-8-8 8", plus: "M8 3.5v9M3.5 8h9",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  include: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5 14 14M5 7h4M7 5v4",
  exclude: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5 14 14M5 7h4",
  column: "M2.5 3h11v10h-11zM6.5 3v10M10 3v10",
  search: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.5 10.5 14 14",
  replay: "M3 8a5 5 0 1 0 1.6-3.7M3 2v3h3",
  compare: "M2 4h5M4 8h3M2 12h5M10 4h4M10 8h2.5M10 12h4M8.5 1.5v13",
  clock: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.5V8l2.5 1.5",
  pause: "M5.5 3.5v9M10.5 3.5v9", play: "M5 3v10l8-5z", stop: "M4.5 4.5h7v7h-7z",
  pin: "M8 10v4.5M4.5 10h7L10 7V2.5H6V7z",
  lines: "M2 4h12M2 8h9.5a2 2 0 0 1 0 4.5H8m1.5-2-2 2 2 2M2 12.5h3",
  lock: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  question: "M6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1V10M8 12.4v.1",
};

/** A pictogram; with a `name` it is read aloud, else it is left out. */
export function icon(kind, name) {
  const path = strokes[kind];
  const label = name ? { role: "img", "aria-label": name } : { "aria-hidden": "true" };
  if (path) return s("svg", { class: "icon", viewBox: "0 0 16 16", ...label }, s("path", { d: path }));
  const [type, ...parts] = solid(kind);
  return s("svg", { class: ["icon", "solid", type], viewBox: "0 0 16 16", ...label }, parts);
}

function solid(kind) {
  const cut = d => s("path", { d, stroke: "var(--bg)", "stroke-width": 1.8, fill: "none" });
  switch (kind) {
    case "error": return ["error", s("path", { d: "M5 1h6l4 4v6l-4 4H5l-4-4V5z" }), cut("m5.5 5.5 5 5m0-5-5 5")];
    case "warning": return ["warning", s("path", { d: "M8 1.5 15.3 14.5H.7z" }), cut("M8 6v4M8 12v.6")];
    case "good": return ["good", s("circle", { cx: 8, cy: 8, r: 7 }), cut("m4.8 8.3 2.2 2.2 4.2-4.6")];
    case "failed": return ["error", s("path", { d: "M8 1.5 14.5 8 8 14.5 1.5 8z" })];
    case "theme": return ["ink",
      s("path", { d: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zm0 1.5v9.4a4.7 4.7 0 0 1 0-9.4z" })];
    default: return ["info", s("circle", { cx: 8, cy: 8, r: 4.5, fill: "none", stroke: "currentColor", "stroke-width": 1.8 })];
  }
}

/** The shape of a log level, with its word. */
export function levelIcon(level) { return icon(levelKind(level), level || "no level"); }

/** `error`, `warning` or `info`: how a level is drawn. */
export function levelKind(level) {
  switch (String(level).toLowerCase()) {
    case "error": case "critical": case "fatal": return "error";
    case "warning": case "warn": return "warning";
    default: return "info";
  }
}

/** The mark of the project. */
export function mark() {
  return s("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" },
    s("rect", { class: ["is-gateway", "fill-service"], x: 1, y: 3, width: 13, height: 3.2, rx: 1 }),
    s("rect", { class: ["is-tasks", "fill-service"], x: 4, y: 8.4, width: 9, height: 3.2, rx: 1 }),
    s("path", { class: "fill-ink", d: "m16.5 7 3 3-3 3-3-3z" }),
    s("rect", { class: ["is-payments", "fill-service"], x: 8, y: 13.8, width: 11, height: 3.2, rx: 1 }));
}
