// Completion below the box: arrows choose, Enter and Tab take, Escape closes.
import { fill, h } from "./dom.js";

/** `suggest(text, caret)` resolves to `[{text, detail, start, end, insert}]`. */
export function suggestionList(input, place) {
  const list = h("ul", { class: "suggestions", role: "listbox", "aria-label": "Suggestions", id: "suggestions", hidden: true });
  input.setAttribute("aria-controls", "suggestions");
  place.append(list);
  let items = [];
  let chosen = -1;
  let asked = 0;

  async function ask(suggest, isWanted = false) {
    const number = ++asked;
    const found = await suggest(input.value, input.selectionStart ?? input.value.length, isWanted).catch(() => []);
    if (number !== asked || document.activeElement !== input) return;
    items = found.slice(0, 12);
    chosen = -1;
    draw();
  }
  function draw() {
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    fill(list, items.map((item, index) => h("li", { role: "option", id: `suggestion-${index}`, "aria-selected": String(index === chosen),
      on: { pointerdown: event => { event.preventDefault(); take(index); } } },
    h("code", {}, item.text), h("span", { class: ["soft", "cut"] }, item.detail ?? ""))));
    if (chosen >= 0) input.setAttribute("aria-activedescendant", `suggestion-${chosen}`);
    else input.removeAttribute("aria-activedescendant");
  }
  function take(index) {
    const item = items[index];
    if (!item) return;
    input.setRangeText(item.insert ?? item.text, item.start, item.end, "end");
    close();
    input.dispatchEvent(new Event("input"));
  }
  function close() { asked++; items = []; chosen = -1; draw(); }

  input.addEventListener("keydown", event => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      draw();
    } else if ((event.key === "Enter" && chosen >= 0) || event.key === "Tab") {
      event.preventDefault();
      take(Math.max(0, chosen));
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  return { ask, close, get isOpen() { return !list.hidden; } };
}
