// Points, and what the server says, as they are written everywhere.
import { h, visible } from "/console/shell/dom.js";

/** "3 of 12 points" */
export function score(value, most) {
  if (!value || !most) return null;
  return h("span", { class: ["soft", "nowrap"], title: `${value.right} of ${value.of} questions are answered rightly` },
    h("b", { class: "points" }, value.points), ` of ${most} points`);
}

/** A reason of the server as a sentence. */
export function sentence(text) { return visible(text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".")); }
