// The kinds of faults, in groups, with a field to find one. Arrows move through the list, Enter chooses.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";

/** `choose(kind)` is called with the one that was pressed. */
export function catalogueList(kinds, choose) {
  const input = h("input", { type: "search", placeholder: `Find among ${kinds.length} kinds`, "aria-label": "Find a kind",
    autocomplete: "off", spellcheck: "false", on: { input: draw, keydown: leave } });
  const list = h("div", { class: "kinds", role: "listbox", "aria-label": "Kinds of faults", on: { keydown: move } });
  const toggle = h("button", { type: "button", class: ["quiet", "narrow-only"], "aria-expanded": "false", on: { click: unfold } });
  const element = h("section", { class: ["card", "catalogue"], "aria-label": "Kinds of faults" },
    h("header", {}, h("span", { class: ["finding", "grow"] }, icon("search"), input), toggle), list);
  let chosen = null;
  let rows = [];

  function draw() {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = kinds.filter(kind => words.every(word =>
      [kind.name, kind.summary, kind.group, kind.scope].some(text => text.toLowerCase().includes(word))));
    rows = [];
    const groups = Map.groupBy ? Map.groupBy(found, kind => kind.group) : grouped(found);
    fill(list, [...groups].map(([name, members]) => h("div", { role: "group", "aria-label": name },
      h("h3", { "aria-hidden": "true" }, visible(name)), members.map(row))));
    if (found.length === 0) {
      fill(list, h("p", { class: ["none", "small", "soft"] }, `No kind says “${visible(input.value.trim())}”. `,
        h("button", { type: "button", class: "link", on: { click: () => { input.value = ""; draw(); input.focus(); } } },
          `Show all ${kinds.length}`)));
    }
    mark();
  }
  function grouped(found) {
    const groups = new Map();
    for (const kind of found) groups.set(kind.group, [...(groups.get(kind.group) ?? []), kind]);
    return groups;
  }
  function row(kind) {
    const element = h("div", { class: "kind", role: "option", title: visible(kind.example),
      on: { click: () => press(kind) } },
    h("span", { class: "row" }, h("code", { class: "grow" }, visible(kind.name)),
      kind.scope === "service" && h("span", { class: ["small", "faint"] }, "whole service")),
    h("span", { class: ["small", "soft"] }, visible(kind.summary)));
    rows.push({ kind, element });
    return element;
  }
  function press(kind) {
    unfold(false);
    choose(kind);
  }
  /** On a phone the list opens over the form, and closes when one is chosen. */
  function unfold(isOpen = !element.classList.contains("open")) {
    const opens = isOpen === true || (isOpen !== false && !element.classList.contains("open"));
    element.classList.toggle("open", opens);
    toggle.setAttribute("aria-expanded", String(opens));
    fill(toggle, opens ? "Hide" : "All kinds");
  }
  function mark() {
    const current = rows.find(row => row.kind.name === chosen);
    rows.forEach((row, index) => {
      const isCurrent = row === current;
      row.element.setAttribute("aria-selected", String(isCurrent));
      row.element.tabIndex = isCurrent || (!current && index === 0) ? 0 : -1;
    });
  }
  function move(event) {
    const at = rows.findIndex(row => row.element === document.activeElement);
    if (at < 0) return;
    const next = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") press(rows[at].kind);
    else if (next === undefined) return;
    else if (next < 0) input.focus();
    else rows[Math.min(rows.length - 1, next)].element.focus();
    event.preventDefault();
  }
  function leave(event) {
    if (event.key === "ArrowDown") { event.preventDefault(); unfold(true); rows[0]?.element.focus(); }
    if (event.key === "Enter" && rows.length > 0) { event.preventDefault(); press(rows[0].kind); }
    if (event.key === "Escape" && input.value) { event.preventDefault(); input.value = ""; draw(); }
  }
  input.addEventListener("focus", () => unfold(true));
  unfold(false);
  draw();

  return {
    element, focus: () => input.focus(),
    /** Marks the kind that the rule has. */
    mark(name) {
      if (name === chosen) return;
      chosen = name;
      mark();
      const row = rows.find(row => row.kind.name === chosen)?.element;
      // Only the list scrolls, never the page.
      if (row && list.scrollHeight > list.clientHeight) {
        const y = row.offsetTop - list.offsetTop;
        if (y < list.scrollTop || y + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = y - 60;
      }
    },
  };
}
