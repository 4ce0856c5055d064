// The axis of a trace: from an offset of nanoseconds to a part of the width, and round ticks.
import { duration } from "../shell/format.js";

/** `{from, to, length, at(offset)}`: `at` is 0 at the left edge and 1 at the right one. */
export function scaleOf(from, to) {
  const length = Math.max(1, to - from);
  return { from, to: from + length, length, at: offset => (offset - from) / length };
}

/** A part of the width for an attribute or a style: "12.345%". */
export function percent(part) { return `${Math.round(part * 1e5) / 1e3}%`; }

const units = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

/** Ticks `[{at, part, text}]`, as many as a width has room for, all in one unit. */
export function offsetTicks(scale, width) {
  const most = Math.max(1, Math.floor(width / 72));
  const rough = scale.length / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough * 0.999));
  const digitsIn = unit => Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
  const [unit, name] = units.find(([unit]) => scale.to >= unit && digitsIn(unit) <= 2) ?? units.find(([unit]) => step >= unit) ?? units.at(-1);
  const digits = digitsIn(unit);
  const ticks = [];
  for (let index = Math.ceil(scale.from / step - 1e-9); index * step <= scale.to; index++) {
    const at = index * step;
    ticks.push({ at, part: scale.at(at), text: at === 0 ? "0" : `${(at / unit).toFixed(digits)} ${name}` });
  }
  return ticks;
}

/** An offset as precise as a trace needs it: "+45.53 ms", "+8 µs", "+174.6 ms", "+1.204 s". */
export function offsetText(ns) {
  const sign = ns < 0 ? "−" : "+";
  const value = Math.abs(ns);
  if (value < 1e6) return `${sign}${Math.round(value / 1e3)} µs`;
  if (value < 1e9) return `${sign}${(value / 1e6).toFixed(value < 1e8 ? 2 : 1)} ms`;
  return `${sign}${(value / 1e9).toFixed(3)} s`;
}

/** The duration of a whole trace: one digit more than others have. */
export function exactDuration(ns) {
  if (ns >= 6e10) return duration(ns);
  if (ns < 1e6) return `${Math.round(ns / 1e3)} µs`;
  if (ns < 1e8) return `${(ns / 1e6).toFixed(2)} ms`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(1)} ms`;
  return `${(ns / 1e9).toFixed(ns < 1e10 ? 3 : 2)} s`;
}
