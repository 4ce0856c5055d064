// Numbers with their units, and times. Moments are microseconds since the epoch as numbers (exact until the year 2255);
// durations are nanoseconds. What comes as a text of nanoseconds goes through `moment`.

/** The microseconds of a text of nanoseconds. */
export function moment(nanoseconds) { return Number(BigInt(nanoseconds) / 1000n); }

/** The text of nanoseconds of a moment, as the console's API takes it. */
export function nanoseconds(moment) { return (BigInt(Math.round(moment)) * 1000n).toString(); }

/** Three digits and a unit: 8 µs, 2.40 ms, 46.8 ms, 603 ms, 1.20 s, 2 min 5 s. */
export function duration(ns) {
  if (ns < 0) return "−" + duration(-ns);
  if (ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 999500) return `${Math.round(ns / 1e3)} µs`;
  if (ns < 999.5e6) return `${three(ns / 1e6)} ms`;
  if (ns < 59.95e9) return `${three(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
}

function three(value) { return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0); }

/** 24,333 */
export function count(value) { return Math.round(value).toLocaleString("en-US"); }

/** "1 line", "2,568 lines" */
export function counted(value, one, many = one + "s") { return `${count(value)} ${value === 1 ? one : many}`; }

/** 16.9 %, 0 %, 100 % */
export function share(part, whole) {
  if (!whole || !part) return "0 %";
  const percent = part / whole * 100;
  return (percent < 0.1 ? "< 0.1" : percent < 99.95 ? percent.toFixed(1) : "100") + " %";
}

/** 3.0 /s */
export function rate(perSecond) {
  return `${perSecond >= 99.5 ? count(perSecond) : perSecond >= 0.1 || !perSecond ? perSecond.toFixed(1) : perSecond.toFixed(2)} /s`;
}

/** How long ago, roughly: "2 s ago". */
export function ago(moment, now = Date.now() * 1000) {
  const seconds = Math.max(0, Math.round((now - moment) / 1e6));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

// Times of day: of this browser's zone, or UTC if that was chosen.

let utc = false;
try { utc = localStorage.getItem("utc") === "true"; } catch { /* Storage may be forbidden. */ }

export function usesUTC() { return utc; }

export function useUTC(value) {
  utc = value;
  try { localStorage.setItem("utc", String(value)); } catch { /* Storage may be forbidden: then for this page only. */ }
}

function parts(moment) {
  const date = new Date(Math.floor(moment / 1000));
  const two = value => String(value).padStart(2, "0");
  return utc
    ? { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), hour: two(date.getUTCHours()),
        minute: two(date.getUTCMinutes()), second: two(date.getUTCSeconds()) }
    : { year: date.getFullYear(), month: date.getMonth(), day: date.getDate(), hour: two(date.getHours()),
        minute: two(date.getMinutes()), second: two(date.getSeconds()) };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 15:20:08 */
export function time(moment) { const p = parts(moment); return `${p.hour}:${p.minute}:${p.second}`; }

/** 15:20 */
export function shortTime(moment) { const p = parts(moment); return `${p.hour}:${p.minute}`; }

/** ["15:20:08.457", "784"]: the last three digits are shown faint. */
export function exactTime(moment) {
  const micros = String(Math.floor(moment) % 1e6).padStart(6, "0");
  return [`${time(moment)}.${micros.slice(0, 3)}`, micros.slice(3)];
}

/** 27 Nov */
export function day(moment) { const p = parts(moment); return `${p.day} ${months[p.month]}`; }

/** 2026-11-27 15:20:08, as the range takes it */
export function dateTime(moment) {
  const p = parts(moment);
  return `${p.year}-${String(p.month + 1).padStart(2, "0")}-${String(p.day).padStart(2, "0")} ${time(moment)}`;
}

/** "UTC", "UTC+1", "UTC−3:30": the zone that times are shown in. */
export function zone(moment = Date.now() * 1000) {
  const offset = utc ? 0 : -new Date(Math.floor(moment / 1000)).getTimezoneOffset();
  if (!offset) return "UTC";
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `UTC${offset < 0 ? "−" : "+"}${hours}${minutes ? ":" + String(minutes).padStart(2, "0") : ""}`;
}

/** The moment of a date and time in the zone that times are shown in. */
export function momentOf(year, month, day, hour, minute, second) {
  const value = utc
    ? Date.UTC(year, month, day, hour, minute, second) : new Date(year, month, day, hour, minute, second).getTime();
  return value * 1000;
}
