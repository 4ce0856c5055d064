// How many lines there are, by level, and how they are shown: order, columns, wrapping.
import { h, fill } from "/console/shell/dom.js";
import { count, duration } from "/console/shell/format.js";
import { icon, levelIcon, levelKind } from "/console/shell/icons.js";
import { openSheet } from "/console/shell/sheet.js";

const kindOrder = ["error", "warning", "info"];

/** `level(name)`, `order(name)`, `columns(anchor)` and `wrap()` are called when somebody presses. */
export function countBar({ level, order, columns, wrap }) {
  const figures = h("span", { class: "figures" });
  const levels = h("span", { class: "levels", role: "group", "aria-label": "Levels" });
  const per = h("span", { class: ["small", "faint", "per"] });
  const orderName = h("span", { class: "tool-name" });
  const orderButton = h("button", { type: "button", class: "quiet", "aria-haspopup": "menu",
    on: { click: () => openSheet(orderButton, close => h("div", {},
    [["newest", "Newest first"], ["oldest", "Oldest first"]].map(([value, name]) => h("button", { type: "button", role: "menuitem",
      on: { click: () => { close(); order(value); } } }, name))), { name: "Order", menu: true }) } }, orderName, icon("down"));
  const columnButton = h("button", { type: "button", class: "quiet", title: "Fields as columns",
    on: { click: () => columns(columnButton) } },
    icon("column"), h("span", { class: "tool-name" }, "Columns"));
  const wrapButton = h("button", { type: "button", class: "quiet", title: "Show whole texts", on: { click: wrap } },
    icon("lines"), h("span", { class: "tool-name" }, "Wrap"));
  const element = h("div", { class: "count-bar" }, figures, levels, per,
    h("span", { class: "tools" }, orderButton, columnButton, wrapButton));

  return {
    element,
    /** `chosen`: the levels that the query asks for. */
    draw({ summary, chosen, order, isWrapped, columnCount }) {
      if (summary) {
        fill(figures, h("strong", { class: "strong" }, (summary.complete ? "" : "at least ") + count(summary.matched)),
          h("span", { class: "soft" }, ` of ${count(summary.stored)} ${summary.stored === 1 ? "line" : "lines"}`));
        const present = Object.entries(summary.matchedLevels ?? summary.levels)
          .sort(([a], [b]) => kindOrder.indexOf(levelKind(a)) - kindOrder.indexOf(levelKind(b)) || a.localeCompare(b));
        fill(levels, present.map(([name, lines]) =>
          h("button", { type: "button", class: "quiet", "aria-pressed": String(chosen.includes(name)),
          title: chosen.includes(name) ? "All levels again" : `Only ${name}`, on: { click: () => level(name) } },
        levelIcon(name), h("span", {}, name), h("strong", { class: "strong" }, count(lines)))));
        fill(per, `lines per ${stepName(summary.step)}`);
      }
      fill(orderName, order === "oldest" ? "Oldest first" : "Newest first");
      orderButton.title = `Order: ${order} first`;
      wrapButton.setAttribute("aria-pressed", String(isWrapped));
      columnButton.setAttribute("aria-pressed", String(columnCount > 0));
    },
  };
}

const niceSteps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200,
  1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** How many bars show `length` microseconds in `width` pixels: each of a round time. */
export function barCount(length, width) {
  const most = Math.max(30, Math.min(120, Math.floor(width / (width < 640 ? 5 : 11))));
  const step = niceSteps.find(step => length / 1e6 / step <= most) ?? length / 1e6 / most;
  return Math.max(1, Math.round(length / 1e6 / step));
}

/** "10 s": where a range is no whole number of steps, the round time that is meant. */
function stepName(step) {
  const seconds = step / 1e9;
  const nice = niceSteps.find(nice => Math.abs(nice - seconds) / nice < 0.05);
  return nice ? duration(nice * 1e9).replace(/\.0+ /, " ") : duration(step);
}

/** The buckets of a summary as the histogram draws them: by the three ways in which levels are drawn. */
export function levelBuckets(buckets) {
  return buckets.map(bucket => {
    const kinds = { error: 0, warning: 0, info: 0 };
    for (const [level, lines] of Object.entries(bucket)) kinds[levelKind(level)] += lines;
    return kinds;
  });
}
