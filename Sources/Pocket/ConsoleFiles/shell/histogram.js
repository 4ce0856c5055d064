// Bars over time, stacked by level: errors at the bottom and wider than the rest, so that they are not told by colour
// alone. The chart draws itself again when its place changes its width.
import { h, s, fill } from "./dom.js";
import { timeTicks, valueTicks } from "./axis.js";
import { brush } from "./brush.js";
import { count, duration, time } from "./format.js";
import { whenResized } from "./resize.js";

const kinds = ["error", "warning", "info"];

/**
 * `draw({from, to, step, buckets, marks})`: moments; each bucket is `{error, warning, info}`; each mark `{at, text}`.
 * `unit` names what is counted. `onSelect(from, to)` takes a dragged range instead of narrowing the page's.
 */
export function histogram({ height = 76, unit = "lines", onSelect } = {}) {
  const place = h("div", { class: "chart" });
  let data = null;
  whenResized(place, () => { if (data) redraw(); });

  function draw(next) { data = next; redraw(); }

  function redraw() {
    const { from, to, step, buckets, marks = [] } = data;
    const width = Math.max(160, place.clientWidth);
    const [left, right, bottom] = [44, width, height - 18];
    const most = Math.max(0, ...buckets.map(bucket => kinds.reduce((sum, kind) => sum + (bucket[kind] ?? 0), 0)));
    const { top, ticks } = valueTicks(most);
    const x = at => left + (at - from) / (to - from) * (right - left);
    const y = value => bottom - value / top * (bottom - 4);
    const bar = Math.max(1, (right - left) / Math.max(1, buckets.length));
    // Words that would stand on others are left to the pointer.
    let free = -Infinity;
    function marked({ text }, at) {
      const isLast = at > right - 140;
      const begin = isLast ? at - 6 - text.length * 7 : at;
      const fits = begin >= free;
      if (fits) free = isLast ? at : at + 6 + text.length * 7;
      return s("g", {}, s("title", {}, text), s("line", { class: "mark", x1: at, x2: at, y1: 0, y2: bottom }),
        fits && s("text", { x: at + (isLast ? -6 : 6), y: 10, "text-anchor": isLast ? "end" : "start" }, text));
    }
    const svg = s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": sentence(data, unit) },
      ticks.map(tick => [s("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
        s("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, short(tick))]),
      s("line", { class: "base", x1: left, x2: right, y1: bottom, y2: bottom }),
      buckets.map((bucket, index) => {
        let base = 0;
        const start = x(from + index * step);
        return kinds.map(kind => {
          const value = bucket[kind] ?? 0;
          if (!value) return null;
          const inset = kind === "error" ? Math.min(0.5, bar * 0.05) : bar * 0.18;
          const shape = s("rect", { class: `fill-${kind}`, x: start + inset, width: Math.max(0.75, bar - 2 * inset),
            y: y(base + value), height: Math.max(1, y(base) - y(base + value)) });
          base += value;
          return shape;
        });
      }),
      timeTicks(from, to, right - left).map(tick => s("text", { x: Math.min(right - tick.text.length * 4, Math.max(left + tick.text.length * 4, x(tick.at))), y: height - 3, "text-anchor": "middle" }, tick.text)),
      marks.filter(mark => mark.at >= from && mark.at <= to).map(mark => marked(mark, x(mark.at))));
    fill(place, svg, table(data, unit));
    brush(svg, place, { left, right, height: bottom, from, to, onSelect, label: (a, b) => {
      const inside = buckets.reduce((sum, bucket, index) => {
        const middle = from + (index + 0.5) * step;
        return middle < a || middle > b ? sum : sum + kinds.reduce((total, kind) => total + (bucket[kind] ?? 0), 0);
      }, 0);
      return `${time(a)} – ${time(b)} · ${duration((b - a) * 1000)} · ${count(inside)} ${unit}`;
    } });
  }
  return { element: place, draw };
}

function short(value) { return value >= 1e6 ? `${value / 1e6}M` : value >= 1e4 ? `${value / 1e3}k` : count(value); }

function sentence({ from, to, buckets }, unit) {
  const totals = Object.fromEntries(kinds.map(kind => [kind, buckets.reduce((sum, bucket) => sum + (bucket[kind] ?? 0), 0)]));
  return `${unit} from ${time(from)} to ${time(to)}: ` + kinds.map(kind => `${count(totals[kind])} ${kind}`).join(", ");
}

/** The same as a table, for those who do not see the bars. */
function table({ from, step, buckets }, unit) {
  const filled = buckets.map((bucket, index) => ({ bucket, at: from + index * step }))
    .filter(({ bucket }) => kinds.some(kind => bucket[kind]));
  // A table grows with its words whatever its width says, so something around it hides it.
  return h("div", { class: "aloud" }, h("table", {}, h("caption", {}, unit),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "time"), kinds.map(kind => h("th", { scope: "col" }, kind)))),
    h("tbody", {}, filled.slice(0, 120).map(({ bucket, at }) =>
      h("tr", {}, h("th", { scope: "row" }, time(at)), kinds.map(kind => h("td", {}, bucket[kind] ?? 0)))))));
}
