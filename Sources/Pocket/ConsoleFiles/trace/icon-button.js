// A button that is only a pictogram: its name is read aloud and shown when it is pointed at.
import { h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";

export function iconButton(kind, name, click, more = null) {
  return h("button", { type: "button", class: ["quiet", "only-icon", more], "aria-label": name, title: name, on: { click } }, icon(kind));
}
