// Tabs: arrows move between them, one is in view. `chosen.tab` remembers the name across what is shown.
import { fill, h } from "../shell/dom.js";

let number = 0;

/** `list`: `{name, count, build}`. */
export function tabs(list, chosen) {
  const id = `tabs-${++number}`;
  const place = h("div", { class: "tab-place", role: "tabpanel", id, tabindex: "0" });
  const buttons = list.map(({ name, count }, index) => h("button", { type: "button", role: "tab", "aria-controls": id,
    on: { click: () => choose(index), keydown: event => press(event, index) } }, name, count === undefined ? null : h("span", { class: "faint" }, count)));

  function choose(index, focus = false) {
    buttons.forEach((button, at) => {
      button.setAttribute("aria-selected", String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    chosen.tab = list[index].name;
    place.setAttribute("aria-label", list[index].name);
    fill(place, list[index].build());
    if (focus) buttons[index].focus();
  }
  function press(event, index) {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: list.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose((to + list.length) % list.length, true);
  }
  choose(Math.max(0, list.findIndex(({ name }) => name === chosen.tab)));
  return h("section", {}, h("div", { class: "tabs", role: "tablist" }, buttons), place);
}
