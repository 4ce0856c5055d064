// Sending from this page: one task, whose trace is shown then, or a small load.
import { fill, h } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { act } from "/console/shell/api.js";
import { addressWith, go } from "/console/shell/address.js";
import { keptRange } from "/console/shell/range.js";
import { copyText } from "/console/shell/copy.js";
import { announce } from "/console/shell/announce.js";

/** The small load, and the same from a terminal. */
export const smallLoad = { rate: 5, seconds: 30 };
export const loadCommand = `tailspan load --rate ${smallLoad.rate} --duration ${smallLoad.seconds}s`;

/** A place for what the server says when it refuses. */
export function complaint() {
  const element = h("p", { class: ["small", "error-text"], role: "alert", hidden: true });
  return {
    element,
    show(error) { element.hidden = !error; fill(element, error?.message ?? ""); },
  };
}

/** A button that does something once at a time; while it does, it cannot be pressed. */
export function acting(properties, content, work, problem) {
  const button = h("button", { type: "button", ...properties, on: { click: async () => {
    button.disabled = true;
    problem.show(null);
    try { await work(); } catch (error) { problem.show(error); } finally { button.disabled = false; }
  } } }, content);
  return button;
}

/** Sends one task and goes to its trace. */
export async function sendOne(kind) {
  const answer = await act("POST", "/console/control/send", { kind });
  go(addressWith(keptRange(), `/trace/${answer.trace}`));
}

export async function startLoad() {
  await act("POST", "/console/control/load", smallLoad);
  announce(`A load of ${smallLoad.rate} requests a second runs for ${smallLoad.seconds} seconds.`);
}

/** The row of buttons below the faults. */
export function sendButtons() {
  const problem = complaint();
  const one = (kind, name, title) => acting({ class: "mini", title }, name, () => sendOne(kind), problem);
  const element = h("div", { class: "send-one", hidden: true }, h("div", { class: ["row", "wrap"] },
    h("span", { class: "soft" }, "Send one task"),
    h("span", { class: "row" }, one("sync", "healthy", "A task that is answered when it is done"),
      one("async", "async", "A task that is accepted at once and done later"),
      one("poor", "too poor", "A task that its guild cannot pay for"))), problem.element);
  return { element, show(canAct) { element.hidden = !canAct; } };
}

/** A command, and the button that copies it. */
export function command(text) {
  const copy = h("button", { type: "button", class: ["quiet", "only-icon"], "aria-label": "Copy the command", title: "Copy",
    on: { click: async () => {
      const isDone = await copyText(text);
      fill(copy, icon(isDone ? "good" : "warning"));
      announce(isDone ? "Copied" : "Not copied");
      setTimeout(() => fill(copy, icon("copy")), 1500);
    } } }, icon("copy"));
  return h("span", { class: "row" }, h("code", {}, text), copy);
}
