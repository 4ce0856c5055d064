// Two places with a border between them that can be dragged, or moved with the arrow keys.
import { h } from "/console/shell/dom.js";

/**
 * The border of a grid `container`: it sets the grid's property `--NAME` to the share of the first place, in per cent.
 * `isUpright` says that the places stand side by side.
 */
export function splitBorder(container, { name, label, usual, least = 15, most = 85, isUpright = false }) {
  const element = h("div", { class: ["border", isUpright && "upright"], role: "separator", tabindex: "0", "aria-label": label,
    "aria-orientation": isUpright ? "vertical" : "horizontal", "aria-valuemin": least, "aria-valuemax": most });
  let share = usual;

  function set(value, isKept = true) {
    share = Math.round(Math.min(most, Math.max(least, value)) * 10) / 10;
    element.setAttribute("aria-valuenow", Math.round(share));
    container.style.setProperty(`--${name}`, `${share}fr`);
    container.style.setProperty(`--${name}-rest`, `${100 - share}fr`);
    if (isKept) try { localStorage.setItem(name, String(share)); } catch { /* Storage may be forbidden: then for this page only. */ }
  }

  element.addEventListener("pointerdown", event => {
    if (event.button) return;
    event.preventDefault();
    element.focus();
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", event => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    const place = container.getBoundingClientRect();
    set(isUpright ? (event.clientX - place.left) / place.width * 100 : (event.clientY - place.top) / place.height * 100);
  });
  element.addEventListener("dblclick", () => set(usual));
  element.addEventListener("keydown", event => {
    const step = { ArrowUp: -4, ArrowDown: 4, ArrowLeft: -4, ArrowRight: 4 }[event.key];
    const end = { Home: least, End: most, Enter: usual }[event.key];
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(end ?? share + step);
  });

  let kept = NaN;
  try { kept = Number(localStorage.getItem(name) ?? NaN); } catch { /* Storage may be forbidden. */ }
  set(Number.isFinite(kept) ? kept : usual, false);
  return element;
}
