// Style sheets of single pages: loaded once, when the page is first shown.
import { h } from "./dom.js";

const loaded = new Map();

/** Returns a promise that is kept once the sheet applies (or cannot be had), for a page that measures itself. */
export function styles(path) {
  if (!loaded.has(path)) {
    const link = h("link", { rel: "stylesheet", href: path });
    loaded.set(path, new Promise(resolve => { link.onload = link.onerror = resolve; }));
    document.head.append(link);
  }
  return loaded.get(path);
}
