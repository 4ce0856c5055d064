// Scales and their ticks.
import { day, shortTime, time, usesUTC } from "./format.js";

const steps = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 10e6, 15e6, 30e6, 60e6, 120e6, 300e6, 600e6,
  900e6, 1800e6, 3600e6, 7200e6, 10800e6, 21600e6, 43200e6, 86400e6];

/** Ticks of a range of time: `[{at, text}]`, as many as fit. */
export function timeTicks(from, to, width) {
  const length = to - from;
  // Where there is little room and minutes are enough, the names stand closer.
  const most = Math.max(1, Math.floor(width / (width < 500 && length >= 300e6 ? 64 : 110)));
  const step = steps.find(step => length / step <= most) ?? Math.ceil(length / most / 86400e6) * 86400e6;
  // Whole steps of the day in the zone that times are shown in.
  const shift = usesUTC() ? 0 : new Date(from / 1000).getTimezoneOffset() * 60e6;
  const isOneDay = day(from) === day(to);
  const name = at => {
    if (step >= 86400e6 || (!isOneDay && (at - shift) % 86400e6 === 0)) return day(at);
    if (step < 1e6) return `${time(at)}.${String(Math.floor(at / 1000) % 1000).padStart(3, "0")}`;
    return step < 60e6 ? time(at) : shortTime(at);
  };
  const ticks = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) ticks.push({ at, text: name(at) });
  return ticks;
}

/** A round number above `value`, and the ticks up to it. */
export function valueTicks(value, most = 2) {
  if (!(value > 0)) return { top: 1, ticks: [] };
  const unit = 10 ** Math.floor(Math.log10(value / most));
  const step = [1, 2, 5, 10].map(factor => factor * unit).find(step => Math.ceil(value / step) <= most + (value / step % 1 ? 1 : 0)) ?? 10 * unit;
  const top = Math.ceil(value / step) * step;
  const ticks = [];
  for (let at = step; at <= top + step / 1e6; at += step) ticks.push(at);
  return { top, ticks };
}
