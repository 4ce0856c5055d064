// A list that is drawn again and again: what stays the same stays in place, and keeps the focus.
import { h } from "/console/shell/dom.js";

/** `build(item)` makes an element; `refresh(element, item)` is called for one that stays. */
export function keyedList(element, { key, build, refresh = () => {} }) {
  let known = new Map();
  return function show(items) {
    const next = new Map();
    for (const item of items) {
      const id = key(item);
      const row = known.get(id) ?? build(item);
      if (known.has(id)) refresh(row, item);
      next.set(id, row);
    }
    for (const [id, row] of known) if (!next.has(id)) row.remove();
    let at = element.firstChild;
    for (const row of next.values()) {
      if (row === at) { at = at.nextSibling; continue; }
      element.insertBefore(row, at);
    }
    known = next;
  };
}

/** A card with a head. */
export function card(name, { note, more, body, kind } = {}) {
  return h("section", { class: ["card", kind], "aria-label": name },
    h("header", {}, h("h2", {}, name), note ? h("span", { class: ["small", "faint", "note"] }, note) : null,
      more ? h("span", { class: ["small", "more"] }, more) : null), body);
}
