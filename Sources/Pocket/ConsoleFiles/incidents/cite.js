// What an answer is proved with: a trace, or a line. A line's key begins with its time.
import { fill, h } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { exactTime, moment } from "/console/shell/format.js";
import { openSheet } from "/console/shell/sheet.js";

/** `trace` or `line`. */
export function citedKind(cite) { return /^[0-9a-f]{32}$/.test(cite) ? "trace" : "line"; }

/** "trace 0f826b88", "line 15:20:08.457" */
export function citedName(cite) {
  if (citedKind(cite) === "trace") return `trace ${cite.slice(0, 8)}`;
  const time = /^\d{16,20}(?=-)/.exec(cite);
  return time ? `line ${exactTime(moment(time[0]))[0]}` : "line";
}

export function citedLink(cite, show) {
  return h("button", { type: "button", class: "link", on: { click: () => show(cite) } }, citedName(cite));
}

/** Pins what is chosen on the right; asks where that are a trace and a line. */
export function citeButton(chosen, pin) {
  const says = h("span", { class: "aloud", role: "status" });
  const button = h("button", { type: "button", class: "cite", on: { click: press } }, icon("pin"), "Cite a trace or a line");
  function press() {
    const things = chosen();
    if (things.length === 1) return pin(things[0]);
    if (things.length === 0) {
      says.className = "small soft";
      return void fill(says, "Choose a trace, or open a line.");
    }
    openSheet(button, close => h("div", {}, things.map(cite =>
      h("button", { type: "button", role: "menuitem", on: { click: () => { close(); pin(cite); } } }, icon("pin"), citedName(cite)))), { name: "Cite", menu: true });
  }
  return h("span", { class: ["row", "wrap"] }, button, says);
}
