// Series over time as curves, bars or stacked bars. They differ by dash as well as by colour, and their names stand by them.
import { h, s, fill, serviceClass, visible } from "/console/shell/dom.js";
import { announce } from "/console/shell/announce.js";
import { timeTicks, valueTicks } from "/console/shell/axis.js";
import { brush } from "/console/shell/brush.js";
import { duration, time } from "/console/shell/format.js";
import { whenResized } from "/console/shell/resize.js";

const height = 176;

/** The classes that draw the series in a place of the order: a service has its own colour, others are told by their dash. */
function seriesClass({ metric, style }) {
  const name = metric.service ?? metric.service_name;
  return ["series", `dash-${style}`, name && Object.keys(metric).length === 1 ? serviceClass(name) : `tone-${style % 3}`];
}

/** `draw({series, start, step, steps, from, to, kind, chart, onStep})`; `from`, `to` in µs, `start`, `step` in seconds. */
export function seriesChart() {
  const place = h("div", { class: ["chart", "series-chart"] });
  const tip = h("div", { class: ["tip", "readings"], hidden: true });
  let data = null;
  let pointed = null;
  whenResized(place, () => { if (data) redraw(); });

  function redraw() {
    const { series, start, step, steps, from, to, kind, chart, onStep, onSelect } = data;
    const width = Math.max(160, place.clientWidth);
    const [left, right, bottom] = [52, width - 4, height - 22];
    const isStacked = chart === "stacked";
    const sums = Array.from({ length: steps }, (_, index) =>
      series.reduce((sum, { points }) => sum + Math.max(0, points[index] ?? 0), 0));
    const most = Math.max(0, ...(isStacked ? sums : series.flatMap(({ points }) => points.filter(Number.isFinite))));
    const { top, ticks } = valueTicks(most);
    const x = at => left + (at - from) / (to - from) * (right - left);
    const y = value => bottom - Math.max(0, value) / top * (bottom - 12);
    const middle = index => x((start + index * step) * 1e6);
    const slot = Math.max(1, (right - left) / Math.max(1, (to - from) / 1e6 / step));
    const svg = s("svg", { tabindex: 0, height, viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${series.length} series from ${time(from)} to ${time(to)}: `
        + series.map(({ name, last }) => `${visible(name)} ${last === null ? "none" : kind.format(last)}`).join(", ") },
      ticks.map(tick => [s("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
        s("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, kind.format(tick))]),
      s("line", { class: "base", x1: left, x2: right, y1: bottom, y2: bottom }),
      timeTicks(from, to, right - left).map(tick =>
        s("text", { x: Math.min(right - tick.text.length * 4, Math.max(left + tick.text.length * 4, x(tick.at))), y: height - 4,
        "text-anchor": "middle" }, tick.text)),
      chart === "lines" ? series.map(one => curve(one, middle, y)) : bars(series, { isStacked, steps, middle, slot, y, bottom }),
      chart === "lines" ? names(series, { steps, middle, y, left, right }) : null);
    const cursor = s("line", { class: "cursor", y1: 8, y2: bottom, visibility: "hidden" });
    svg.append(cursor);
    // Who points at a moment, or has come here by Tab, goes on when the chart is drawn again.
    const hadFocus = place.contains(document.activeElement);
    fill(place, svg, tip);
    brush(svg, place, { left, right, height: bottom, from, to, onSelect,
      label: (a, b) => `${time(a)} – ${time(b)} · ${duration((b - a) * 1000)}` });

    function nearest(event) {
      const at = (event.clientX - svg.getBoundingClientRect().left - left) / (right - left);
      return Math.max(0, Math.min(steps - 1, Math.round(((from + at * (to - from)) / 1e6 - start) / step)));
    }
    let pressedAt = null;
    let pressing = null;
    function point(index) {
      pointed = index;
      tip.hidden = false;
      cursor.setAttribute("visibility", "visible");
      for (const name of ["x1", "x2"]) cursor.setAttribute(name, middle(index));
      fill(tip, h("strong", { class: "strong" }, time((start + index * step) * 1e6)),
        series.map(one => h("span", { class: "row" }, swatch(one), visible(one.name), h("span", { class: "grow" }),
        one.points[index] === null ? "–" : kind.format(one.points[index]))));
      const at = middle(index);
      tip.style.left = `${at + 12 + tip.offsetWidth > width ? at - 12 - tip.offsetWidth : at + 12}px`;
    }
    function unpoint() { tip.hidden = true; cursor.setAttribute("visibility", "hidden"); }
    svg.addEventListener("pointermove", event => { if (pressedAt !== null && Math.abs(event.clientX - pressedAt) > 3) unpoint();
      else point(nearest(event)); });
    svg.addEventListener("pointerleave", unpoint);
    svg.addEventListener("blur", unpoint);
    svg.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -steps, End: steps }[event.key];
      if (step) {
        event.preventDefault();
        point(Math.max(0, Math.min(steps - 1, tip.hidden ? pointed ?? steps - 1 : pointed + step)));
        announce(tip.innerText.replace(/\s+/g, " "));
      } else if (event.key === "Enter" && !tip.hidden) {
        event.preventDefault();
        onStep(pointed);
      }
    });
    if (hadFocus) svg.focus({ preventScroll: true });
    if (!tip.hidden) point(Math.min(steps - 1, pointed));
    svg.addEventListener("pointerdown", event => { pressedAt = event.clientX; });
    svg.addEventListener("pointerup", event => {
      const isClick = pressedAt !== null && Math.abs(event.clientX - pressedAt) < 3 && event.button === 0;
      pressedAt = null;
      if (!isClick || event.clientX - svg.getBoundingClientRect().left < left) return;
      // A second press is a double click, which widens the range.
      clearTimeout(pressing);
      pressing = event.detail > 1 ? null : setTimeout(onStep, 250, nearest(event));
    });
    svg.addEventListener("dblclick", () => clearTimeout(pressing));
  }
  return { element: place, draw(next) { data = next; redraw(); } };
}

/** How a series is drawn, in small. */
export function swatch(series) {
  return s("svg", { class: "swatch", width: 28, height: 8, "aria-hidden": "true" },
    s("path", { class: seriesClass(series), d: "M0 4h28" }));
}

function curve(series, x, y) {
  let path = "";
  let isDrawing = false;
  series.points.forEach((value, index) => {
    if (!Number.isFinite(value)) { isDrawing = false; return; }
    // A value between two gaps is a dot: a line of no length with round ends.
    path += `${isDrawing ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    if (!isDrawing && !Number.isFinite(series.points[index + 1])) path += "h.1";
    isDrawing = true;
  });
  return s("path", { class: seriesClass(series), d: path });
}

function bars(series, { isStacked, steps, middle, slot, y, bottom }) {
  const shapes = [];
  for (let index = 0; index < steps; index++) {
    let base = 0;
    series.forEach((one, place) => {
      const value = one.points[index];
      if (!(value > 0)) return;
      const width = isStacked ? slot * 0.8 : slot * 0.8 / series.length;
      const x = middle(index) - slot * 0.9 + (isStacked ? 0 : place * width);
      const height = bottom - y(value);
      shapes.push(s("rect", { class: [...seriesClass(one), "solid-series"], x,
        width: Math.max(0.75, width - (isStacked ? 0 : 0.5)), y: y(value) - (isStacked ? base : 0),
        height: Math.max(1, height) }));
      base += height;
    });
  }
  return shapes;
}

/** Each name stands where its curve is farthest from the others. */
function names(series, { steps, middle, y, left, right }) {
  if (series.length > 6 || series.length < 2 || steps < 4) return null;
  const taken = [];
  return series.map(one => {
    let best = null;
    for (let index = Math.floor(steps * 0.15); index < steps * 0.9; index++) {
      if (!Number.isFinite(one.points[index])) continue;
      const at = { x: middle(index), y: y(one.points[index]) - 8 };
      const gap = Math.min(60, ...series.filter(other => other !== one && Number.isFinite(other.points[index])).map(other =>
        Math.abs(y(other.points[index]) - at.y - 2)),
        ...taken.map(other => Math.abs(other.x - at.x) > 130 ? 60 : Math.abs(other.y - at.y)));
      if (!best || gap > best.gap + 2) best = { ...at, gap };
    }
    if (!best || best.gap < 9 || best.x < left + 30 || best.x > right - 30) return null;
    taken.push(best);
    return s("text", { class: "series-name", x: best.x, y: Math.max(10, best.y), "text-anchor": "middle" },
      visible(one.name).slice(0, 40));
  });
}
