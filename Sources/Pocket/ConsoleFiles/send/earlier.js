// The last requests that were sent here, newest first: to be looked at, and to be sent again.
import { fill, h, visible } from "/console/shell/dom.js";
import { ago, duration } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";
import { isExpected, nameOf } from "./kinds.js";

/** `show(entry)`, `again(entry)`. */
export function earlierList({ show, again }) {
  const list = h("ol", {});
  const element = h("section", { class: ["card", "earlier"], "aria-label": "Sent before", hidden: true },
    h("header", {}, h("h2", {}, "Sent before")), list);

  function sign({ answer, error, asked }) {
    if (error) return icon("error", "not sent");
    if (!answer) return icon("clock", "under way");
    const right = isExpected(asked.kind, answer.status);
    if (answer.status === null || right === false || answer.status >= 500) return icon("error", "unexpected");
    return right === null ? icon("info", "answered") : icon("good", "as expected");
  }
  return {
    element,
    draw(entries, current) {
      element.hidden = entries.length === 0;
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      fill(list, entries.map((entry, index) => h("li", { class: entry === current && "current" },
        h("button", { type: "button", class: ["quiet", "grow"], "aria-current": entry === current && "true",
          data: { key: `show ${entry.number}` }, on: { click: () => show(entry) } },
          sign(entry), h("code", {}, entry.answer?.status ?? "–"), h("span", { class: ["cut", "grow"] }, visible(nameOf(entry.asked))),
          h("span", { class: ["small", "faint", "nowrap"], title: ago(entry.at * 1000) },
            entry.answer ? duration(entry.answer.milliseconds * 1e6) : "")),
        h("button", { type: "button", class: ["quiet", "only-icon"], "aria-label": `Send again: ${nameOf(entry.asked)}`,
          title: "Send again", data: { key: `again ${index}` }, on: { click: () => again(entry) } }, icon("replay")))));
      if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    },
  };
}
