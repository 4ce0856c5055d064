// What changes by itself is read aloud, at most once in five seconds.
import { h } from "./dom.js";

const region = h("div", { class: "aloud", "aria-live": "polite", role: "status" });
let last = 0;
let timer = null;

export function announcer() { return region; }

/** Says a sentence to those who listen. A newer one takes the place of one that waits. */
export function announce(text) {
  clearTimeout(timer);
  const wait = Math.max(0, last + 5000 - Date.now());
  timer = setTimeout(() => { last = Date.now(); region.textContent = text; }, wait);
}
