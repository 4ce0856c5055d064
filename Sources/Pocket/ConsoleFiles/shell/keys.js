// Keys work where nobody types. Each page adds its own; `?` shows all of them.
import { h } from "./dom.js";
import { closeSheet } from "./sheet.js";

/** Each `{key, name, run, group}`; a key of two letters is pressed one after the other. */
let bindings = [];
let first = null;

/** Adds bindings; returns how to take them away. */
export function bind(list) {
  bindings = [...bindings, ...list];
  return () => { bindings = bindings.filter(binding => !list.includes(binding)); };
}

/** Starts to listen. Call once. */
export function listenToKeys() {
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && closeSheet()) return;
    const key = first === null ? event.key : `${first} ${event.key}`;
    const wasFirst = first;
    first = null;
    // A button that has the focus is pressed by Space and Enter.
    if ((event.key === " " || event.key === "Enter") && event.target.closest("button, a, summary, input, [role=button]")) return;
    // Arrows choose among radio buttons, and move sliders, tabs and borders.
    if (/^(Arrow|Home|End)/.test(event.key) && event.target.closest("input, [role=radio], [role=slider], [role=tab], [role=separator]")) return;
    const binding = bindings.findLast(binding => binding.key === key);
    if (binding) {
      event.preventDefault();
      binding.run(event);
    } else if (wasFirst === null && bindings.some(binding => binding.key.startsWith(event.key + " "))) {
      first = event.key;
      setTimeout(() => { first = null; }, 1500);
    }
  });
}

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]");
}

/** Shows all keys of this page. */
export function showKeys() {
  const dialog = h("dialog", { "aria-label": "Keys" },
    h("div", { class: ["row", "apart"] }, h("h2", {}, "Keys"),
      h("button", { class: "quiet", on: { click: () => dialog.close() } }, "Close")),
    h("dl", { class: "keys" }, bindings.filter(binding => binding.name).map(binding => h("div", {},
      h("dt", {}, (binding.key === " " ? [" "] : binding.key.split(" ")).map(key => [h("kbd", { class: "key" }, names[key] ?? key), " "])),
      h("dd", {}, binding.name)))),
    h("p", { class: ["small", "faint"] }, "None of them works while you type. Escape leaves the box."));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const names = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Enter: "↵", " ": "Space" };
