// The button with the range, and the sheet in which another one is chosen.
import { h, fill } from "./dom.js";
import { icon } from "./icons.js";
import { openSheet } from "./sheet.js";
import { dateTime, usesUTC, useUTC, zone } from "./format.js";
import { canGoBack, moment, range, rangeBack, rangeName, rangeTexts, setRange } from "./range.js";

/** The button, and the cross that takes the range back. `refresh()` shows the present range. */
export function rangeButton(onZone) {
  const button = h("button", { type: "button", "aria-haspopup": "dialog", title: "Range of time", on: { click: open } });
  const back = h("button", { type: "button", class: ["quiet", "only-icon"], title: "Back to the range before (r)",
    "aria-label": "Back to the range before", on: { click: rangeBack } }, icon("close"));

  function open() { openSheet(button, close => sheet(close, onZone), { name: "Range of time" }); }
  function refresh() {
    fill(button, icon("clock"), rangeName(), icon("down"));
    back.hidden = !canGoBack();
  }
  refresh();
  return { element: h("span", { class: "row", }, button, back), refresh };
}

function sheet(close, onZone) {
  const { from: fromText, to: toText } = rangeTexts();
  const shown = text => (/^\d{12,}$/.test(text) ? dateTime(Number(text) * 1000) : text);
  const problem = h("p", { class: ["small", "error-text"], role: "alert", hidden: true });
  const from = h("input", { type: "text", value: shown(fromText), spellcheck: "false", autocomplete: "off" });
  const to = h("input", { type: "text", value: shown(toText), spellcheck: "false", autocomplete: "off" });
  const texts = new Map([[from, fromText], [to, toText]]);
  // A field shows whole seconds: what nobody wrote in it is still meant as exactly as before.
  const isWritten = field => field.value !== shown(texts.get(field));
  const written = field => isWritten(field) ? field.value : texts.get(field);
  const choose = text => () => { close(); setRange(text, "now"); };

  function apply(event) {
    event.preventDefault();
    const [start, end] = [moment(written(from)), moment(written(to))];
    from.setAttribute("aria-invalid", start === null);
    to.setAttribute("aria-invalid", end === null);
    const wrong = start === null ? from.value : end === null ? to.value : null;
    problem.hidden = wrong === null && start < end;
    if (wrong !== null) return void fill(problem, `“${wrong}” is no time. Write 15:07, 2026-11-27 15:07, 20m or now.`);
    if (start >= end) return void fill(problem, "The range ends before it begins.");
    close();
    if (!isWritten(from) && !isWritten(to)) return;
    const isAge = text => /^(?:now-)?\d+(?:\.\d+)?\s*(s|m|min|h|d)( ago)?$/.test(text.trim());
    const endsNow = to.value.trim() === "now";
    setRange(endsNow && isAge(from.value) ? from.value.trim().replace(/^now-| ago$/g, "").replace("min", "m").replace(" ", "")
      : start, endsNow ? "now" : end);
  }

  const zoneButton = (name, value) => h("button", { type: "button", "aria-pressed": String(usesUTC() === value),
    on: { click: () => { useUTC(value); close(); onZone(); } } }, name);
  const wasUTC = usesUTC();
  useUTC(false);
  const local = zone(range().to);
  useUTC(wasUTC);
  return h("form", { class: "stack", on: { submit: apply } },
    h("div", { class: ["row", "wrap"] },
      [["5m", "5 min"], ["15m", "15 min"], ["1h", "1 h"], ["6h", "6 h"], ["1d", "1 d"]].map(([text, name]) =>
        h("button", { type: "button", "aria-pressed": String(fromText === text && toText === "now"),
          on: { click: choose(text) } }, name))),
    h("div", { class: "row" },
      h("label", { class: ["field", "grow"] }, h("span", { class: "label" }, "from"), from),
      h("label", { class: ["field", "grow"] }, h("span", { class: "label" }, "to"), to)),
    problem,
    h("p", { class: ["small", "faint"] }, "A time, a date and a time, or an age such as 90s, 20m or 2h."),
    h("div", { class: ["row", "apart"] },
      h("span", { class: "segments", role: "group", "aria-label": "Times are shown as" },
        zoneButton(local === "UTC" ? "Local" : `Local, ${local}`, false), zoneButton("UTC", true)),
      h("button", { class: "primary" }, "Apply")));
}
