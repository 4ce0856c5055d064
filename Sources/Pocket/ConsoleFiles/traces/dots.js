// Every trace as a dot: when it began, and how long it took on a logarithmic scale. Failed ones are diamonds. All dots of
// a kind are one path, so that ten thousand of them stay quick.
import { fill, h, s } from "/console/shell/dom.js";
import { timeTicks } from "/console/shell/axis.js";
import { counted, duration, exactTime, time } from "/console/shell/format.js";
import { whenResized } from "/console/shell/resize.js";
import { dragBox } from "./box.js";

const left = 60;
const reach = 12;

/**
 * `draw({from, to, dots, marks})`: moments; a dot is `{id, at, duration, failed}`. `onOpen(id)` when one is pressed,
 * `onSelect(from, to, least, most)` when a box is dragged; without `least`, only time was narrowed.
 */
export function dotChart({ height = 168, onOpen, onSelect }) {
  const place = h("div", { class: ["chart", "dots"] });
  const tip = h("div", { class: "tip", hidden: true });
  let data = null;
  let ring = null;
  let hidden = new Set();
  let geometry = null;
  let points = [];
  /** Where the pointer is; what lies there is shown again when new dots come. */
  let pointer = null;
  whenResized(place, () => { if (data) redraw(); });

  function scale() {
    const width = Math.max(160, place.clientWidth);
    const [right, bottom] = [width - 6, height - 20];
    let [least, most] = [Infinity, 0];
    for (const dot of data.dots) { if (dot.duration < least) least = dot.duration; if (dot.duration > most) most = dot.duration; }
    const low = Math.log10(Math.max(1, data.dots.length ? least : 1e5)) - 0.12;
    const high = Math.max(low + 0.6, Math.log10(Math.max(1, data.dots.length ? most : 1e9)) + 0.12);
    const { from, to } = data;
    return { width, right, bottom, low, high,
      x: at => left + (at - from) / (to - from) * (right - left),
      y: ns => bottom - (Math.log10(Math.max(1, ns)) - low) / (high - low) * (bottom - 6),
      moment: x => from + (x - left) / (right - left) * (to - from),
      ns: y => 10 ** (low + (bottom - y) / (bottom - 6) * (high - low)) };
  }

  function redraw() {
    const { from, to, dots, marks = [] } = data;
    geometry = scale();
    const { width, right, bottom, x, y } = geometry;
    // Sorted by place, so that the dot below the pointer is found without looking at all of them.
    points = dots.filter(dot => !hidden.has(dot.failed)).map(dot => ({ dot, x: x(dot.at), y: y(dot.duration) })).sort((a, b) => a.x - b.x);
    const at = point => `M${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    const answered = points.filter(({ dot }) => !dot.failed).map(point => `${at(point)}h0`).join("");
    const failed = points.filter(({ dot }) => dot.failed).map(point => `${at(point)}m0-5l5 5-5 5-5-5z`).join("");
    ring = s("circle", { class: "ring", r: 8, visibility: "hidden" });
    const svg = s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": sentence(data) },
      durationTicks(geometry).map(ns => [s("line", { class: "grid", x1: left, x2: right, y1: y(ns), y2: y(ns) }),
        s("text", { x: left - 8, y: y(ns) + 4, "text-anchor": "end" }, duration(ns).replace(/\.0+ /, " "))]),
      s("line", { class: "base", x1: left, x2: right, y1: bottom, y2: bottom }),
      timeTicks(from, to, right - left).map(tick => s("text", { "text-anchor": "middle", y: height - 4,
        x: Math.min(right - 20, Math.max(left + 20, x(tick.at))) }, tick.text)),
      marks.filter(mark => mark.at >= from && mark.at <= to).map(mark => [
        s("line", { class: "mark", x1: x(mark.at), x2: x(mark.at), y1: 0, y2: bottom }),
        s("text", { y: 10, x: x(mark.at) + (x(mark.at) > right - 140 ? -6 : 6), "text-anchor": x(mark.at) > right - 140 ? "end" : "start" },
          mark.text)]),
      s("path", { class: "answered", d: answered }), s("path", { class: "failed", d: failed }), ring);
    fill(place, svg, tip);
    const target = dragBox(svg, place, { ...geometry, left, count: inside, onSelect, onPress: (px, py) => {
      const found = nearest(px, py);
      if (found) onOpen(found.dot.id);
    } });
    target.addEventListener("pointermove", event => {
      const bounds = svg.getBoundingClientRect();
      pointer = event.buttons ? null : [event.clientX - bounds.left, event.clientY - bounds.top];
      point(pointer && nearest(...pointer), target);
    });
    target.addEventListener("pointerleave", () => { pointer = null; point(null, target); });
    if (pointer) point(nearest(...pointer), target);
  }

  function inside(from, to, least, most) {
    return data.dots.reduce((sum, dot) => sum + (dot.at >= from && dot.at <= to && dot.duration >= least && dot.duration <= most
      && !hidden.has(dot.failed) ? 1 : 0), 0);
  }

  /** The dot that is nearest to a place, within reach. */
  function nearest(x, y) {
    let [low, high] = [0, points.length];
    while (low < high) { const middle = (low + high) >> 1; if (points[middle].x < x - reach) low = middle + 1; else high = middle; }
    let best = null;
    let closest = reach * reach;
    for (let index = low; index < points.length && points[index].x <= x + reach; index++) {
      const far = (points[index].x - x) ** 2 + (points[index].y - y) ** 2;
      if (far < closest) { closest = far; best = points[index]; }
    }
    return best;
  }

  function point(found, target) {
    target?.classList.toggle("can-open", Boolean(found));
    tip.hidden = !found || !target;
    ring?.setAttribute("visibility", found ? "visible" : "hidden");
    if (!found) return;
    ring.setAttribute("cx", found.x);
    ring.setAttribute("cy", found.y);
    if (!target) return;
    const { id, duration: ns, failed, at } = found.dot;
    fill(tip, h("code", {}, id.slice(0, 8)), ` · ${duration(ns)} · ${failed ? "with errors · " : ""}${exactTime(at)[0]}`);
    tip.style.left = `${Math.max(0, Math.min(found.x - tip.offsetWidth / 2, geometry.width - tip.offsetWidth))}px`;
    tip.style.top = `${found.y > 40 ? found.y - 36 : found.y + 14}px`;
  }

  return {
    element: place,
    draw(next) { data = next; redraw(); },
    /** Kinds that are not shown: `true` for failed ones, `false` for the others. */
    hide(kinds) { hidden = kinds; if (data) redraw(); },
    /** Rings the dot of a trace; `null` takes the ring away. */
    mark(id) { point(id === null ? null : points.find(({ dot }) => dot.id === id) ?? null, null); },
  };
}

/** Powers of ten; with fewer than two of them, also what lies between. */
function durationTicks({ low, high, y }) {
  const of = factors => {
    const ticks = [];
    for (let power = Math.floor(low); power <= high; power++) for (const factor of factors) ticks.push(factor * 10 ** power);
    return ticks.filter(ns => Math.log10(ns) >= low && Math.log10(ns) <= high);
  };
  const ticks = [[1], [1, 3], [1, 2, 5]].map(of).find(ticks => ticks.length >= 2) ?? of([1, 2, 3, 4, 5, 7]);
  return ticks.filter(ns => y(ns) > 4);
}

function sentence({ from, to, dots }) {
  const failed = dots.filter(dot => dot.failed).length;
  if (!dots.length) return "No trace";
  const slowest = dots.reduce((most, dot) => Math.max(most, dot.duration), 0);
  return `Duration of each trace from ${time(from)} to ${time(to)}, logarithmic: ${counted(dots.length, "trace")}, `
    + `${failed} with errors, the slowest ${duration(slowest)}. The list below has all of them.`;
}
