// A small chart over time: a curve, a band, or bars. Several of them may form a group that shares one time axis: pointing
// at a moment in one of them shows that moment in all.
import { fill, h, s } from "./dom.js";
import { timeTicks } from "./axis.js";
import { brush } from "./brush.js";
import { duration, time } from "./format.js";
import { whenResized } from "./resize.js";

/** What the charts of one time axis have in common. */
export function curveGroup() {
  const charts = new Set();
  return {
    add(chart) { charts.add(chart); },
    point(moment) { for (const chart of charts) chart.point(moment); },
  };
}

/**
 * `draw({from, to, step, curve, band, bars, top, marks, name, describe})`: `from` and `to` are moments. The curve and
 * the bars have a value for each step, `null` where nothing is known; `band` is `{low, high}` of such lists. `top` is the
 * value at the upper edge. `describe(index)` says what a step holds; `name` is the chart in a sentence.
 */
export function curves({ height = 32, group, hasTicks = false, onSelect } = {}) {
  const place = h("div", { class: ["chart", "curves"] });
  const tip = h("div", { class: ["tip", "at-point"], hidden: true });
  let data = null;
  let hair = null;
  let width = 0;
  /** The moment below the pointer, which stays there when the chart is drawn again. */
  let pointed = null;

  const x = at => (at - data.from) / (data.to - data.from) * width;
  const middle = index => x(data.from + (index + 0.5) * data.step);

  function redraw() {
    const { from, to, top, curve, band, bars, marks = [], name } = data;
    width = Math.max(40, place.clientWidth);
    const bottom = hasTicks ? height - 18 : height;
    const y = value => bottom - 1 - Math.min(1, value / (top || 1)) * (bottom - 3);
    const bar = Math.max(1, width / Math.max(1, bars?.length ?? 1));
    hair = s("line", { class: "hair", y1: 0, y2: bottom, visibility: "hidden" });
    const svg = s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
      s("line", { class: bars || hasTicks ? "base" : "grid", x1: 0, x2: width, y1: bottom - 0.5, y2: bottom - 0.5 }),
      marks.filter(mark => mark.at >= from && mark.at <= to).map(mark =>
        s("line", { class: "mark", x1: x(mark.at), x2: x(mark.at), y1: 0, y2: bottom })),
      band ? s("path", { class: "band", d: bandPath(band, middle, y) }) : null,
      bars?.map((value, index) => value ? s("rect", { class: "fill-error", x: middle(index) - bar / 2 + Math.min(0.5, bar / 10),
        width: Math.max(0.75, bar - Math.min(1, bar / 5)), y: Math.min(y(value), bottom - 2), height: Math.max(2, bottom - y(value)) })
          : null),
      curve ? s("path", { class: "curve", d: curvePath(curve, middle, y) }) : null,
      hasTicks ? timeTicks(from, to, width).map(tick => s("text", { "text-anchor": "middle", y: height - 3,
        x: Math.min(width - 18, Math.max(18, x(tick.at))) }, tick.text)) : null,
      hair);
    fill(place, svg, tip);
    const target = brush(svg, place, { left: 0, right: width, height: bottom, from, to, onSelect,
      label: (a, b) => `${time(a)} – ${time(b)} · ${duration((b - a) * 1000)}` });
    target.addEventListener("pointermove", event => {
      pointed = (event.clientX - svg.getBoundingClientRect().left) / width;
      showPointed(event.buttons !== 0);
    });
    target.addEventListener("pointerleave", () => { pointed = null; showPointed(); });
    if (pointed !== null) showPointed();
  }

  function showPointed(isDragging = false) {
    const at = pointed === null ? null : data.from + pointed * (data.to - data.from);
    (group ?? chart).point(at);
    if (at === null) tip.hidden = true; else describe(at, isDragging);
  }

  function describe(at, isDragging) {
    const index = Math.floor((at - data.from) / data.step);
    const text = isDragging ? null : data.describe?.(index);
    tip.hidden = !text;
    if (!text) return;
    fill(tip, h("span", { class: "faint" }, time(data.from + index * data.step)), " ", text);
    tip.style.left = `${Math.max(0, Math.min(x(at) + 10, width - tip.offsetWidth))}px`;
  }

  const chart = {
    element: place,
    draw(next) { data = next; redraw(); },
    /** Shows the moment that is pointed at; `null` takes it away. */
    point(moment) {
      if (!hair) return;
      const isInside = moment !== null && moment >= data.from && moment <= data.to;
      hair.setAttribute("visibility", isInside ? "visible" : "hidden");
      if (isInside) for (const end of ["x1", "x2"]) hair.setAttribute(end, x(moment));
    },
  };
  group?.add(chart);
  whenResized(place, () => { if (data) redraw(); });
  return chart;
}

/** The runs of steps that have a value, each as `[first, last]`. */
function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    if (found.length && found.at(-1)[1] === index - 1) found.at(-1)[1] = index;
    else found.push([index, index]);
  });
  return found;
}

function round(value) { return Math.round(value * 10) / 10; }

function curvePath(values, x, y) {
  return runs(values).map(([first, last]) => {
    // A step alone is a short line: a point would not be seen.
    if (first === last) return `M${round(x(first) - 1.5)} ${round(y(values[first]))}h3`;
    let path = "";
    for (let index = first; index <= last; index++) path += `${path ? "L" : "M"}${round(x(index))} ${round(y(values[index]))}`;
    return path;
  }).join("");
}

function bandPath({ low, high }, x, y) {
  return runs(high).map(([first, last]) => {
    const point = (values, index) => `${round(x(index))} ${round(y(values[index]))}`;
    if (first === last) {
      return `M${round(x(first) - 1.5)} ${round(y(high[first]))}h3V${round(y(low[first]))}h-3z`;
    }
    const steps = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    return `M${steps.map(index => point(high, index)).join("L")}L${steps.reverse().map(index => point(low, index)).join("L")}z`;
  }).join("");
}

/** A round number at or above the largest value, as the upper edge of a chart. */
export function roundTop(values, least = 0) {
  const most = values.reduce((most, value) => Math.max(most, value ?? 0), least);
  if (!(most > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 3, 5, 7.5, 10].find(factor => factor * unit >= most) * unit;
}
