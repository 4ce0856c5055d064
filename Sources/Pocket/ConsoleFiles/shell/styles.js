// Style sheets of single pages: loaded once, when the page is first shown.
import { h } from "./dom.js";

const loaded = new Set();

export function styles(path) {
  if (loaded.has(path)) return;
  loaded.add(path);
  document.head.append(h("link", { rel: "stylesheet", href: path }));
}
