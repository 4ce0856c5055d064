// The axis above the rows and the lines of its ticks below them: one scale for both.
import { fill, s } from "../shell/dom.js";
import { exactDuration, offsetTicks, percent } from "./scale.js";

/** The axis: 26 px high, labels below its line. The last label stands in the gutter. */
export function drawAxis(svg, scale, width, { isWhole = true } = {}) {
  const ticks = offsetTicks(scale, width);
  const end = exactDuration(scale.to);
  // A tick near the end would touch the label of the end.
  const labelled = ticks.filter(tick => (1 - tick.part) * width > 44);
  svg.setAttribute("height", 26);
  return fill(svg,
    s("line", { class: "base", x1: 0, x2: "100%", y1: 0.5, y2: 0.5 }),
    ticks.map(tick => s("line", { class: "base", x1: percent(tick.part), x2: percent(tick.part), y1: 0, y2: 5 })),
    s("line", { class: "base", x1: "100%", x2: "100%", y1: 0, y2: 5 }),
    labelled.map(tick => s("text", { x: percent(tick.part), y: 19, "text-anchor": tick.part * width < 20 ? "start" : "middle" }, tick.text)),
    s("text", { x: "100%", y: 19, dx: 6, class: "end-label" }, isWhole ? end : exactDuration(scale.to)));
}

/** The lines of the ticks, behind the rows. */
export function drawGrid(svg, scale, width) {
  return fill(svg, [...offsetTicks(scale, width).map(tick => tick.part).filter(part => part > 0), 0, 1].map(part =>
    s("line", { class: "grid", x1: percent(part), x2: percent(part), y1: 0, y2: "100%" })));
}
