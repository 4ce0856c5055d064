// Dragging a box over the dots: flat drags narrow time, higher ones duration as well. Escape gives up, a double click
// widens to double, a press without a drag opens.
import { fill, h, s } from "/console/shell/dom.js";
import { counted, duration, time } from "/console/shell/format.js";
import { beginDrag, endDrag } from "/console/shell/brush.js";
import { widen } from "/console/shell/range.js";

const least = 10;
/** A drag that is no higher than this means time alone. */
const flat = 24;

/** `count(from, to, least, most)` says how many traces lie in a box. */
export function dragBox(svg, place, { left, right, bottom, moment, ns, count: counting, onSelect, onPress }) {
  const area = s("rect", { class: "brush", visibility: "hidden" });
  const edges = s("rect", { class: ["brush-edge", "whole"], visibility: "hidden" });
  const tip = h("div", { class: "tip", hidden: true });
  const target = s("rect", { class: "can-brush", x: left, y: 0, width: Math.max(0, right - left), height: bottom, fill: "transparent" });
  svg.prepend(area);
  svg.append(edges, target);
  place.append(tip);
  let start = null;
  let end = null;

  const point = event => {
    const bounds = svg.getBoundingClientRect();
    return { x: Math.min(right, Math.max(left, event.clientX - bounds.left)),
      y: Math.min(bottom, Math.max(0, event.clientY - bounds.top)) };
  };
  const distance = (a, b) => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

  function box() {
    const isFlat = Math.abs(start.y - end.y) < flat;
    const [x1, x2] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
    const [y1, y2] = isFlat ? [0, bottom] : [Math.min(start.y, end.y), Math.max(start.y, end.y)];
    return { isFlat, x1, x2, y1, y2, from: moment(x1), to: moment(x2), least: isFlat ? 0 : ns(y2), most: isFlat ? Infinity : ns(y1) };
  }
  function show() {
    const isShown = start !== null && distance(start, end) >= 3;
    for (const part of [area, edges]) part.setAttribute("visibility", isShown ? "visible" : "hidden");
    tip.hidden = !isShown;
    if (!isShown) return;
    const found = box();
    for (const part of [area, edges]) {
      for (const [name, value] of Object.entries({ x: found.x1, y: found.y1, width: found.x2 - found.x1,
        height: found.y2 - found.y1 })) part.setAttribute(name, value);
    }
    const number = counting(found.from, found.to, found.least, found.most);
    const limits = [`${time(found.from)} – ${time(found.to)}`, found.isFlat ? null : `${duration(found.least)} – ${duration(found.most)}`];
    fill(tip, [...limits, counted(number, "trace")].filter(Boolean).join(" · "));
    tip.style.left = `${Math.max(0, Math.min(found.x1, right - tip.offsetWidth))}px`;
  }
  function stop() {
    start = null;
    endDrag();
    show();
  }

  target.addEventListener("pointerdown", event => {
    if (event.button) return;
    beginDrag(target, event, stop);
    start = end = point(event);
  });
  target.addEventListener("pointermove", event => { if (start) { end = point(event); show(); } });
  target.addEventListener("pointerup", event => {
    if (!start) return;
    end = point(event);
    const [found, far, pressed] = [box(), distance(start, end), start];
    stop();
    if (far < 4) onPress(pressed.x, pressed.y);
    else if (found.x2 - found.x1 >= least) onSelect(found.from, found.to, ...(found.isFlat ? [] : [found.least, found.most]));
  });
  target.addEventListener("pointercancel", stop);
  target.addEventListener("dblclick", widen);
  return target;
}
