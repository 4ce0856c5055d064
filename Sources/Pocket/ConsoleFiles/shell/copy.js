// Copies a text, also where the browser has no clipboard for pages: over plain HTTP from another machine.
import { announce } from "./announce.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

/** Resolves to whether it was copied. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { /* There is none, or it is refused: then as before there was one. */ }
  const place = h("textarea", { class: "aloud", readonly: true, value: text });
  const focused = document.activeElement;
  // In a modal dialog nothing outside of it can be selected.
  (focused?.closest("dialog") ?? document.body).append(place);
  place.select();
  const isDone = document.execCommand("copy");
  place.remove();
  focused?.focus();
  return isDone;
}

/**
 * A button that copies what `text()` returns, and says for a moment whether it did. Without a `name` it is its sign alone.
 */
export function copyButton(text, properties = {}, name = "Copy") {
  const usual = [icon("copy"), name];
  const button = h("button", { type: "button", ...properties, on: { click: async () => {
    const isDone = await copyText(text());
    const said = isDone ? "Copied" : "Not copied";
    fill(button, icon(isDone ? "good" : "warning"), name && said);
    announce(said);
    setTimeout(() => fill(button, usual), 1500);
  } } }, usual);
  return button;
}
