// The range of time that a page shows. The address holds it as `from` and `to`: an age such as `15m`, `now`, or
// milliseconds since the epoch. Without them it is the last 15 minutes.
import { addressWith, go, parameters } from "./address.js";
import { dateTime, day, momentOf, shortTime, time } from "./format.js";

const units = { s: 1e6, m: 60e6, h: 3600e6, d: 86400e6 };
const usual = "15m";

/** The range's two texts. */
export function rangeTexts(from = parameters()) {
  return { from: from.get("from") ?? usual, to: from.get("to") ?? "now" };
}

/** `{from, to, isLive, length}`: moments; `isLive` says that it ends now. */
export function range(now = Date.now() * 1000) {
  const texts = rangeTexts();
  const to = texts.to === "now" ? now : moment(texts.to, now) ?? now;
  let from = moment(texts.from, now) ?? to - 900e6;
  if (from >= to) from = to - 1e6;
  return { from, to, isLive: texts.to === "now", length: to - from };
}

/** A moment from the address or from a field: an age, `now`, a time, a date and a time, or milliseconds. */
export function moment(text, now = Date.now() * 1000) {
  const trimmed = text.trim().replace(/ ago$/, "");
  if (trimmed === "now") return now;
  const age = /^(?:now-)?(\d+(?:\.\d+)?)\s*(s|m|min|h|d)$/.exec(trimmed);
  if (age) return now - Number(age[1]) * units[age[2][0]];
  if (/^\d{12,14}$/.test(trimmed)) return Number(trimmed) * 1000;
  const clock = /^(?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.(\d{1,3}))?$/.exec(trimmed);
  if (!clock) return null;
  const [, year, month, date, hour, minute, second, fraction] = clock;
  if (hour > 23 || minute > 59 || (second ?? 0) > 59) return null;
  // Day 0 of the next month is the last one of this month.
  if (year && (month < 1 || month > 12 || date < 1 || date > new Date(Date.UTC(year, month, 0)).getUTCDate())) return null;
  const today = dateTime(now).split(/[- ]/);
  return momentOf(Number(year ?? today[0]), Number(month ?? today[1]) - 1, Number(date ?? today[2]), Number(hour),
    Number(minute), Number(second ?? 0)) + Number((fraction ?? "0").padEnd(3, "0")) * 1000;
}

/** "Last 15 min", "15:17:55 – 15:19:55" */
export function rangeName() {
  const texts = rangeTexts();
  const age = /^(?:now-)?(\d+)(s|m|h|d)$/.exec(texts.from);
  if (texts.to === "now" && age) return `Last ${age[1]} ${age[2] === "m" ? "min" : age[2]}`;
  const { from, to } = range();
  const clock = to - from < 300e6 ? time : shortTime;
  if (day(from) !== day(to)) return `${day(from)}, ${shortTime(from)} – ${day(to)}, ${shortTime(to)}`;
  const before = day(from) === day(Date.now() * 1000) ? "" : day(from) + ", ";
  return texts.to === "now" ? `${before}${clock(from)} – now` : `${before}${clock(from)} – ${clock(to)}`;
}

// The ranges before this one, for going back one step.
const before = [];

/** Takes another range. Moments are rounded to milliseconds. */
export function setRange(from, to) {
  const present = rangeTexts();
  if (text(from) === present.from && text(to) === present.to) return;
  before.push(present);
  if (before.length > 50) before.shift();
  apply(text(from), text(to));
}

/** Goes back to the range before; without one, to the usual one. */
export function rangeBack() {
  const last = before.pop() ?? { from: usual, to: "now" };
  apply(last.from, last.to);
}

/** Whether there is another range than the usual to go back to. */
export function canGoBack() {
  const texts = rangeTexts();
  return before.length > 0 || texts.from !== usual || texts.to !== "now";
}

/** Twice as long, with the same middle, but not beyond now. */
export function widen() {
  const { from, to, length } = range();
  setRange(from - length / 2, Math.min(to + length / 2, Date.now() * 1000));
}

function text(value) { return typeof value === "string" ? value : String(Math.round(value / 1000)); }

function apply(from, to) {
  go(addressWith({ from: from === usual && to === "now" ? null : from, to: to === "now" ? null : to }));
}

/** The parameters of the range for a link to another page, fixed to moments. */
export function fixedRange() {
  const { from, to } = range();
  return { from: text(from), to: text(to) };
}

/** The parameters of the range as they are, for a link to another page. */
export function keptRange() {
  const current = parameters();
  return { from: current.get("from"), to: current.get("to") };
}
