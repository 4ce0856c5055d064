// What a line tells beside its message: the few fields that say most, in a fixed order.
import { h, visible } from "/console/shell/dom.js";
import { duration } from "/console/shell/format.js";

/** These are shown by their value alone, first. */
const plain = ["operation", "status"];
/** These by name and value, as far as there is room. */
const named = ["peer", "state", "guild_id", "amount", "workload", "executor_id", "channel_id", "task_id", "reservation_id",
  "attempt", "attempts",
  "delay_ms", "size", "memory_bytes", "reason", "address", "port"];

/** The nodes of what a line tells; `left` are the names of fields that are shown elsewhere. */
export function telling(line, left = []) {
  const values = new Map(line.fields);
  const parts = [];
  for (const name of plain) if (values.has(name) && !left.includes(name)) parts.push(visible(values.get(name)));
  if (values.has("peer") && !left.includes("peer")) parts.push(pair("peer", values.get("peer")));
  if (values.has("duration_ms") && !left.includes("duration_ms")) parts.push(milliseconds(values.get("duration_ms")));
  const error = values.get("error_message") ?? values.get("error");
  if (error && !left.includes("error_message")) parts.push(visible(error));
  for (const name of named) if (name !== "peer" && values.has(name) && !left.includes(name)) parts.push(pair(name, values.get(name)));
  // A line that was written without fields says all in its text.
  if (parts.length === 0 && line.line !== line.message && !line.line.startsWith("{")) parts.push(visible(line.line));
  return parts.flatMap((part, index) => (index ? ["  ", part] : [part]));
}

function pair(name, value) { return [h("span", { class: "faint" }, name + "="), visible(value)]; }

/** A field's value as it is shown: durations with their unit. */
export function shown(name, value) { return name === "duration_ms" ? milliseconds(value) : visible(value); }

function milliseconds(text) {
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? duration(value * 1e6) : visible(text);
}
