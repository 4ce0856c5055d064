// The filters above the lines: each shows its part of the query, lights it in the box, and writes it.
import { h, fill, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { filters as filtersOf, without } from "./edit.js";
import { openFilter } from "./filter-sheets.js";
import { kindOf, kinds, words } from "./kinds.js";
import { parse } from "./query.js";

/**
 * `run(text)` asks a changed query; `box` is the one box; `fields()` resolves to what the data holds. `draw(text)` shows
 * the filters of a query; `parts(text)` gives the places of its filters for the box.
 */
export function filterBar({ run, box, fields }) {
  const element = h("div", { class: "filters", role: "group", "aria-label": "Filters: each writes its part of the LogQL above" });
  const wholeElement = h("div", { class: "filter-line" }, element,
    h("span", { class: ["hint", "small", "faint"] }, "Each filter writes its part of the query. ", h("kbd", { class: "key" }, "f")));
  let text = "";
  let shown = "";
  // What the data holds is known by the time that a form opens.
  for (const event of ["pointerenter", "focusin"]) element.addEventListener(event, () => fields().catch(() => {}), { once: true });

  function draw(next) {
    text = next;
    const query = parse(text);
    const present = filtersOf(query);
    const signature = JSON.stringify([query.pipelines.length > 1, present.map(filter => [words(filter), filter.id])]);
    if (signature === shown) return;
    shown = signature;
    if (query.pipelines.length > 1) {
      return void fill(element, h("span", { class: ["small", "soft"] }, "This query reads lines in several places: change it in the box."));
    }
    // Who took a filter away goes on at the same place.
    const place = [...element.querySelectorAll("button")].indexOf(document.activeElement);
    const absent = kinds.filter(({ kind }) => ["text", "other"].includes(kind) || !present.some(filter => kindOf(filter) === kind));
    // Text may be asked for several times, and so may fields.
    fill(element, present.map(chip), absent.map(kind =>
      h("button", { type: "button", class: ["filter", "absent"], data: { kind: kind.kind },
      on: { click: event => openFilter(event.currentTarget, { kind: kind.kind, text, run, fields }) } }, icon("plus"), kind.name)));
    if (place >= 0) [...element.querySelectorAll("button")].at(Math.min(place,
      element.querySelectorAll("button").length - 1))?.focus({ preventScroll: true });
  }

  function chip(filter) {
    const [name, value] = words(filter);
    const light = () => box.light(filter.id);
    const dim = () => box.light(null);
    const now = () => filtersOf(parse(text)).find(({ id }) => id === filter.id);
    const whole = h("span", { class: ["filter", "set"], data: { filter: filter.id },
      on: { pointerenter: light, pointerleave: dim, focusin: light, focusout: dim } },
      h("button", { type: "button", class: "value", title: "Change",
        on: { click: event => openFilter(event.currentTarget, { kind: kindOf(filter), filter: now(), text, run, fields }) } },
        h("span", { class: "name" }, name), " ", h("span", { class: "cut" }, visible(value))),
      filter.place === "range" ? null : h("button", { type: "button", class: "away", "aria-label": `Take away: ${name} ${visible(value)}`,
        on: { click: () => run(without(text, now())) } }, icon("close")));
    return whole;
  }

  return {
    element: wholeElement, draw,
    /** The places of the filters in a text. */
    parts(text) {
      return filtersOf(parse(text)).map(({ id, start, end }) => ({ start, end, name: id }));
    },
    /** Lights the filter whose part of the query is pointed at. */
    light(id) {
      for (const chip of element.querySelectorAll("[data-filter]")) chip.classList.toggle("lit", chip.dataset.filter === id);
    },
    focus() { element.querySelector("button")?.focus(); },
  };
}
