// What opens below a button and closes by Escape, by a press elsewhere, or when it is done.
import { h } from "./dom.js";

let close = null;

/** Opens what `build(close)` makes below `anchor`; a second press on the anchor closes it. Focus returns to the anchor. */
export function openSheet(anchor, build, { name, menu = false } = {}) {
  const reopened = close?.anchor === anchor;
  close?.();
  if (reopened) return;
  const element = h("div", { class: ["sheet", menu && "menu"], role: menu ? "menu" : "dialog", "aria-label": name });
  const end = () => {
    if (close !== end) return;
    close = null;
    element.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    if (document.activeElement === document.body || element.contains(document.activeElement)) anchor.focus();
  };
  end.anchor = anchor;
  const outside = event => { if (!element.contains(event.target) && !anchor.contains(event.target)) end(); };
  const escape = event => {
    if (event.key === "Escape") { event.stopPropagation(); event.preventDefault(); anchor.focus(); end(); }
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const items = [...element.querySelectorAll("button:not(:disabled), a, input")];
      const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      items[(at + items.length) % items.length]?.focus();
    }
  };
  element.append(build(end));
  document.body.append(element);
  const place = anchor.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left, document.body.clientWidth - element.offsetWidth - 8));
  element.style.left = `${left + scrollX}px`;
  const below = place.bottom + 4 + element.offsetHeight <= innerHeight || place.top < element.offsetHeight;
  element.style.top = `${(below ? place.bottom + 4 : place.top - 4 - element.offsetHeight) + scrollY}px`;
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  close = end;
  element.querySelector("input, button, a")?.focus();
}

/** Closes what is open; `false` if nothing was. */
export function closeSheet() {
  if (!close) return false;
  close();
  return true;
}
