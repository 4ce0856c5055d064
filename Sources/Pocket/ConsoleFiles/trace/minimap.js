// The whole trace in small above the axis, and the two handles that narrow what is shown. Tree, ruler and map have the
// same left and right edge. Dragging in the map or on the axis narrows, too: 10 px at least, Escape gives up.
import { fill, h, s, serviceClass } from "../shell/dom.js";
import { counted, duration } from "../shell/format.js";
import { drawAxis } from "./ruler.js";
import { exactDuration, offsetText, percent, scaleOf } from "./scale.js";

const [top, bottom, marks] = [4, 36, 43];

/** `preview(from, to)` is called while a handle moves, `zoom(from, to)` at the end; `zoom(null)` shows the whole again. */
export function minimap({ preview, zoom }) {
  const map = s("svg", { class: "map", height: 49, role: "img" });
  const axis = s("svg", { class: "axis", "aria-hidden": "true" });
  const shades = [0, 1].map(() => h("div", { class: "shade" }));
  const area = h("div", { class: "drag-area", hidden: true });
  const tip = h("div", { class: "drag-tip", hidden: true });
  const handles = ["Start", "End"].map((name, side) => h("div", { class: "handle", role: "slider", tabindex: "0",
    "aria-label": `${name} of what is shown`, "aria-valuemin": "0", on: { keydown: event => nudge(event, side) } }));
  const whole = h("button", { type: "button", class: ["quiet", "whole"], title: "Show the whole trace (r)",
    on: { click: () => zoom(null) } }, "Whole");
  const plane = h("div", { class: "map-plane", on: { pointerdown: down, pointermove: move, pointerup: up, pointercancel: () => stop(),
    dblclick: () => zoom(null) } }, map, axis, shades, area, handles, tip);
  const element = h("div", { class: "head-lane" }, plane, whole);
  let trace = null;
  let window = [0, 1];
  let drag = null;

  const width = () => plane.clientWidth || 1;
  const partAt = event => Math.max(0, Math.min(1, (event.clientX - plane.getBoundingClientRect().left) / width()));
  const mapped = part => part * trace.duration;
  const onAxis = part => window[0] + part * (window[1] - window[0]);

  function place() {
    const [a, b] = window.map(value => value / trace.duration);
    handles.forEach((handle, side) => {
      handle.style.left = `${(side ? b : a) * 100}%`;
      handle.setAttribute("aria-valuemax", Math.round(trace.duration / 1000));
      handle.setAttribute("aria-valuenow", Math.round(window[side] / 1000));
      handle.setAttribute("aria-valuetext", offsetText(window[side]));
    });
    shades[0].style.width = `${Math.max(0, a) * 100}%`;
    shades[1].style.width = `${Math.max(0, 1 - b) * 100}%`;
    whole.hidden = isWhole();
    drawAxis(axis, scaleOf(...window), width(), { isWhole: isWhole() });
  }
  function isWhole() { return window[0] <= 0 && window[1] >= trace.duration; }

  function down(event) {
    if (event.button || !trace) return;
    const part = partAt(event);
    const handle = handles.indexOf(event.target);
    const isBelow = event.clientY >= axis.getBoundingClientRect().top;
    const isInside = !isWhole() && mapped(part) > window[0] && mapped(part) < window[1];
    drag = { kind: handle >= 0 ? "handle" : !isBelow && isInside ? "pan" : "new", side: handle, start: part, end: part,
      before: window, offset: isBelow ? onAxis : mapped };
    plane.setPointerCapture(event.pointerId);
    document.addEventListener("keydown", escape, true);
  }
  function move(event) {
    if (!drag) return;
    drag.end = partAt(event);
    if (drag.kind === "new") return showArea();
    const least = trace.duration / 5000;
    let [from, to] = drag.before;
    const by = mapped(drag.end - drag.start);
    if (drag.kind === "pan") {
      const shift = Math.max(-from, Math.min(trace.duration - to, by));
      [from, to] = [from + shift, to + shift];
    } else if (drag.side === 0) from = Math.max(0, Math.min(to - least, mapped(drag.end)));
    else to = Math.min(trace.duration, Math.max(from + least, mapped(drag.end)));
    window = [from, to];
    place();
    preview(from, to);
  }
  function up(event) {
    if (!drag) return;
    drag.end = partAt(event);
    const { kind, start, end, offset, before } = drag;
    const changed = window;
    stop(false);
    if (kind !== "new") { if (changed[0] !== before[0] || changed[1] !== before[1]) zoom(...changed); return; }
    const [a, b] = [Math.min(start, end), Math.max(start, end)];
    if ((b - a) * width() >= 10) zoom(offset(a), offset(b));
  }
  function stop(givesUp = true) {
    if (drag && givesUp && drag.kind !== "new") { window = drag.before; place(); preview(...window); }
    drag = null;
    area.hidden = tip.hidden = true;
    document.removeEventListener("keydown", escape, true);
  }
  function escape(event) { if (event.key === "Escape") { event.stopPropagation(); event.preventDefault(); stop(); } }
  function showArea() {
    const [a, b] = [Math.min(drag.start, drag.end), Math.max(drag.start, drag.end)];
    area.hidden = tip.hidden = (b - a) * width() < 3;
    area.style.left = `${a * 100}%`;
    area.style.width = `${(b - a) * 100}%`;
    fill(tip, `${offsetText(drag.offset(a))} – ${offsetText(drag.offset(b))} · ${duration(drag.offset(b) - drag.offset(a))}`);
    tip.style.left = `${Math.max(0, Math.min(a * width(), width() - tip.offsetWidth))}px`;
  }
  function nudge(event, side) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    const least = trace.duration / 5000;
    const next = [...window];
    if (event.key === "Home") next[side] = side ? next[0] + least : 0;
    else if (event.key === "End") next[side] = side ? trace.duration : next[1] - least;
    else if (by) next[side] = side ? Math.min(trace.duration, Math.max(next[0] + least, next[1] + by * trace.duration / 100))
      : Math.max(0, Math.min(next[1] - least, next[0] + by * trace.duration / 100));
    else return;
    event.preventDefault();
    event.stopPropagation();
    zoom(...next);
  }

  return {
    element,
    /** Draws a trace and the part of it that is shown. */
    draw(next, from, to) {
      if (next !== trace) drawMap(map, next);
      trace = next;
      window = [from, to];
      place();
    },
    end() { stop(false); },
  };
}

/** One path for each service, so that 5,000 spans are a handful of shapes. */
function drawMap(svg, trace) {
  const step = Math.min(1.8, (bottom - top) / Math.max(1, trace.spans.length));
  const high = Math.max(0.8, Math.min(1.5, step)).toFixed(2);
  const paths = new Map();
  trace.spans.forEach((span, index) => {
    const x = span.start / trace.duration * 1000;
    const width = Math.max(3.5, Math.min(1000 - x, span.duration / trace.duration * 1000));
    const [left, wide, y] = [x, width, top + index * step].map(value => value.toFixed(2));
    const bar = `M${left} ${y}h${wide}v${high}h-${wide}z`;
    const name = serviceClass(span.service);
    paths.set(name, (paths.get(name) ?? "") + bar);
  });
  svg.setAttribute("aria-label", `The whole trace: ${exactDuration(trace.duration)}, ${counted(trace.spans.length, "span")}, `
    + `${counted(trace.lines.length, "line")}, ${counted(trace.errors.length, "error")}. Drag to narrow.`);
  // Only what is wide may be stretched: the marks of lines keep their shape.
  const diamond = "M0-4l3.5 4-3.5 4-3.5-4z";
  const shapes = { info: ["fill-soft", "M-.75-3h1.5v6h-1.5z"], warning: ["fill-warning", diamond], error: ["fill-error", diamond] };
  const lines = trace.lines.length <= 400 ? trace.lines : trace.lines.filter(line => line.kind !== "info").slice(0, 400);
  fill(svg, s("svg", { viewBox: "0 0 1000 49", width: "100%", height: 49, preserveAspectRatio: "none" },
    [...paths].map(([name, d]) => s("path", { class: ["fill-service", name], d }))),
  lines.map(({ kind, offset }) => s("svg", { class: "of-line", x: percent(Math.max(0, Math.min(1, offset / trace.duration))), y: marks },
    s("path", { class: shapes[kind][0], d: shapes[kind][1] }))));
}
