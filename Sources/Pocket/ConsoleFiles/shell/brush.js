// Dragging in a chart narrows the range: at least ten pixels, Escape gives up, a double click widens to double.
import { s, h, fill } from "./dom.js";
import { setRange, widen } from "./range.js";

/** The drag under way, or null: `{target, stop}`. */
let drag = null;

/** Whether somebody drags in a chart: a page that follows what arrives must not draw it again then. */
export function isDragging() {
  // A chart that was drawn again nevertheless, or left with its page, is dragged no more.
  if (drag && !drag.target.isConnected) drag.stop();
  return drag !== null;
}

/** Begins a drag in `target`. Escape calls `stop`, and so does the loss of the pointer; `stop` calls `endDrag`. */
export function beginDrag(target, event, stop) {
  drag?.stop();
  target.setPointerCapture(event.pointerId);
  drag = { target, stop };
  document.addEventListener("keydown", escape, true);
  // Of an element that was taken away the document hears it.
  document.addEventListener("lostpointercapture", stop);
}

export function endDrag() {
  if (!drag) return;
  document.removeEventListener("keydown", escape, true);
  document.removeEventListener("lostpointercapture", drag.stop);
  drag = null;
}

function escape(event) {
  if (event.key !== "Escape" || !isDragging()) return;
  event.stopPropagation();
  drag.stop();
}

/**
 * Makes the part of `svg` between `left` and `right` (pixels) take a range. `label(from, to)` is shown while dragging.
 * `onSelect` is called instead of narrowing the page's range, if given.
 */
export function brush(svg, place, { left, right, height, from, to, label, onSelect = setRange }) {
  const area = s("rect", { class: "brush", y: 0, height, visibility: "hidden" });
  const edges = [0, 1].map(() => s("line", { class: "brush-edge", y1: 0, y2: height, visibility: "hidden" }));
  const tip = h("div", { class: "tip", hidden: true });
  const target = s("rect", { class: "can-brush", x: left, y: 0, width: Math.max(0, right - left), height, fill: "transparent" });
  svg.prepend(area);
  svg.append(...edges, target);
  place.append(tip);
  let start = null;
  let end = null;

  const x = event => Math.min(right, Math.max(left, event.clientX - svg.getBoundingClientRect().left));
  const moment = at => from + (at - left) / (right - left) * (to - from);

  function show() {
    const isShown = start !== null && Math.abs(end - start) >= 3;
    const [a, b] = [Math.min(start, end), Math.max(start, end)];
    for (const part of [area, ...edges]) part.setAttribute("visibility", isShown ? "visible" : "hidden");
    tip.hidden = !isShown;
    if (!isShown) return;
    area.setAttribute("x", a);
    area.setAttribute("width", b - a);
    edges.forEach((edge, index) => { for (const name of ["x1", "x2"]) edge.setAttribute(name, index ? b : a); });
    fill(tip, label(moment(a), moment(b)));
    tip.style.left = `${Math.max(0, Math.min(a, right - tip.offsetWidth))}px`;
  }
  function stop() {
    start = null;
    endDrag();
    show();
  }

  target.addEventListener("pointerdown", event => {
    if (event.button) return;
    beginDrag(target, event, stop);
    start = end = x(event);
  });
  target.addEventListener("pointermove", event => { if (start !== null) { end = x(event); show(); } });
  target.addEventListener("pointerup", event => {
    if (start === null) return;
    const [a, b] = [Math.min(start, x(event)), Math.max(start, x(event))];
    stop();
    if (b - a >= 10) onSelect(moment(a), moment(b));
  });
  target.addEventListener("pointercancel", stop);
  target.addEventListener("dblclick", widen);
  return target;
}
