// How long each service took itself, within the duration of its trace.
import { s, serviceClass, visible } from "/console/shell/dom.js";
import { duration } from "/console/shell/format.js";

/** A trace's duration on the scale of the longest, split into the time that each service took itself. */
export function ownTimes(trace, longest) {
  const own = trace.services.reduce((sum, { own }) => sum + own, 0) || 1;
  const whole = Math.min(100, trace.duration / longest * 100);
  let x = 0;
  return s("svg", { height: 10, role: "img",
    "aria-label": trace.services.map(({ name, own }) => `${visible(name)} ${duration(own)}`).join(", ") },
    trace.services.map(({ name, own: part }) => {
      const width = part / own * whole;
      const shape = s("rect", { class: ["fill-service", serviceClass(name)], x: `${x.toFixed(3)}%`, width: `${width.toFixed(3)}%`,
        height: 10 });
      x += width;
      return shape;
    }),
    s("title", {}, trace.services.map(({ name, own }) => `${visible(name)} ${duration(own)}`).join("\n")));
}
