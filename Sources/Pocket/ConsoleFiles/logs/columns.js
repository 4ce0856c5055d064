// Which fields are shown as columns.
import { h, fill, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { openSheet } from "/console/shell/sheet.js";
import { share } from "/console/shell/format.js";

/** What every row shows already, or nobody wants to compare. */
const unwanted = new Set(["service", "service_name", "service_namespace", "job", "level", "detected_level", "message", "timestamp"]);

/** The sheet: those chosen, in their order, then the others by how many lines have them. `set(names)` is told each change. */
export function openColumns(anchor, { columns, fields, set }) {
  let chosen = [...columns];
  openSheet(anchor, close => {
    const own = h("div", { class: "column-list" });
    const others = h("div", { class: "column-list" }, h("p", { class: ["small", "faint"] }, "Looking for fields …"));
    let known = [];
    const change = next => { chosen = next; set(chosen); draw(); };
    function draw() {
      fill(own, chosen.map((name, index) => h("div", { class: "row" },
        h("label", { class: ["row", "grow"] }, h("input",
          { type: "checkbox", checked: true, on: { change: () => change(chosen.filter(other => other !== name)) } }),
          h("span", { class: ["cut", "mono"] }, visible(name))),
        index > 0 ? h("button", { type: "button", class: ["quiet", "only-icon"], "aria-label": `${visible(name)} further left`,
          title: "Further left",
          on: { click: () => change(chosen.toSpliced(index, 1).toSpliced(index - 1, 0, name)) } }, icon("up")) : null)));
      const rest = known.filter(field => !chosen.includes(field.name) && !unwanted.has(field.name)).sort((a, b) =>
        b.lines - a.lines || a.name.localeCompare(b.name));
      fill(others, rest.map(field => h("label", { class: "row" },
        h("input", { type: "checkbox", on: { change: () => change([...chosen, field.name]) } }),
          h("span", { class: ["cut", "grow", "mono"] }, visible(field.name)),
        h("span", { class: ["small", "faint"] }, share(field.lines, 1)))));
    }
    fields().then(all => { known = all; draw(); }).catch(error =>
      fill(others, h("p", { class: "small" }, `The fields are not known: ${visible(error.message)}`)));
    draw();
    return h("div", { class: ["stack", "column-sheet"] }, own, others, h("div", { class: ["row", "apart"] },
      h("button", { type: "button", class: "quiet", on: { click: () => change([]) } }, "None"),
        h("button", { type: "button", on: { click: close } }, "Close")));
  }, { name: "Columns" });
}
