// What of the trace is shown: its lines, the critical path, short calls, times of day.
import { h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { openSheet } from "../shell/sheet.js";

/** The button. `view()` is the present view, `set(changes)` changes it in the address; `unfold(all)` opens or folds everything. */
export function showButton({ view, set, toggleShort, unfold }) {
  const button = h("button", { type: "button", "aria-haspopup": "dialog", on: { click: open } }, "Show", icon("down"));

  function open() {
    const now = view();
    openSheet(button, close => {
      const lines = (value, name, key) => h("label", {}, h("input", { type: "radio", name: "lines", checked: now.lines === value,
        on: { change: () => set({ lines: value === "all" ? null : value }) } }), name, key && h("kbd", { class: "key" }, key));
      const flag = (isOn, name, key, run) => h("label", {}, h("input", { type: "checkbox", checked: isOn, on: { change: event => run(event.target.checked) } }),
        name, h("kbd", { class: "key" }, key));
      return h("div", { class: "show-menu" },
        h("fieldset", { "aria-label": "Log lines" }, lines("all", "All log lines", "l"), lines("notable", "Warnings and errors"), lines("none", "No log lines")),
        h("hr", {}),
        flag(now.showsPath, "Critical path", "p", isOn => set({ path: isOn ? "1" : null })),
        flag(now.foldsShort, "Fold short healthy calls", "z", () => toggleShort()),
        flag(now.showsClock, "Times of day", "d", isOn => set({ clock: isOn ? "1" : null })),
        h("hr", {}),
        h("div", { class: "row" },
          h("button", { type: "button", class: "quiet", on: { click: () => { close(); unfold(true); } } }, "Unfold all"),
          h("button", { type: "button", class: "quiet", on: { click: () => { close(); unfold(false); } } }, "Fold all")));
    }, { name: "What is shown" });
  }
  return button;
}
