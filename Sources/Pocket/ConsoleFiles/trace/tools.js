// Above the names: the services with their counts, the field that finds, the errors one after the other, and Show.
import { fill, h, service, visible } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { count, counted } from "../shell/format.js";
import { iconButton } from "./icon-button.js";

/**
 * `only(name)`: a service was pressed. `find(text)`, `findNext(by)`; `error(by)`: go to the next or the one before.
 * `show`: the button of the menu.
 */
export function tools({ only, find, findNext, error, show }) {
  const legend = h("div", { class: "legend", role: "group", "aria-label": "Services" });
  const field = h("input", { type: "search", placeholder: "Find", "aria-label": "Find in this trace (f)", spellcheck: "false", autocomplete: "off" });
  const found = h("span", { class: "found-count", "aria-live": "polite" });
  const at = h("span", { class: "nowrap" });
  const errors = h("span", { class: "errors", role: "group", "aria-label": "Errors" },
    iconButton("left", "Previous error (E)", () => error(-1)), icon("error", "errors"), at,
    iconButton("right", "Next error (e)", () => error(1)));
  field.addEventListener("input", () => find(field.value));
  field.addEventListener("keydown", event => {
    if (event.key === "Enter") { event.preventDefault(); findNext(event.shiftKey ? -1 : 1); }
    else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (!field.value) return field.blur();
      field.value = "";
      find("");
    }
  });
  const element = h("div", { class: "tree-tools" }, legend,
    h("div", { class: "row" }, h("label", { class: ["find", "grow"] }, icon("search"), field, found), errors, show));

  return {
    element,
    focusFind() { field.focus(); field.select(); },
    /** `chosen`: names of services, none means all. `place`: which error is selected, from 1. `hits`: how many were found. */
    draw(trace, { chosen, place, text, hits, hit }) {
      fill(legend, trace.services.map(({ name, spans, errors: failed }) => h("button", { type: "button",
        class: ["quiet", chosen.size > 0 && !chosen.has(name) && "off"], "aria-pressed": String(chosen.has(name)),
        title: `${visible(name)}: ${counted(spans, "span")}, ${counted(failed, "error")}. Press to pick it out.`,
        on: { click: () => only(name) } }, service(name), h("b", {}, count(spans)))));
      errors.hidden = trace.errors.length === 0;
      fill(at, place ? `${count(place)} / ${count(trace.errors.length)}` : count(trace.errors.length));
      if (document.activeElement !== field) field.value = text;
      fill(found, !text ? "" : hits === 0 ? "none" : hit ? `${count(hit)} / ${count(hits)}` : count(hits));
    },
  };
}
