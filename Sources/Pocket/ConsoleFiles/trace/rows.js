// The rows of a tree: a span or a line, its name on the left, its time on the right.
import { h, serviceClass, visible } from "../shell/dom.js";
import { icon, levelIcon } from "../shell/icons.js";
import { counted, duration } from "../shell/format.js";
import { lineMark, spanBar } from "./bars.js";
import { offsetText } from "./scale.js";

/**
 * A row of `visibleRows` as an element. `context`:
 * - `trace`, `scale`;
 * - `isSelected(row)`, `isDim(row)`, `isFound(row)`: how it is shown;
 * - `showsPath`: draws the critical path; `showsClock`: times of day instead of offsets;
 * - `fold(span)`: called by the arrow; without it there is no arrow;
 * - `note(span)`: a text or an element behind the name.
 */
export function buildRow(row, index, context) {
  const element = row.kind === "span" ? spanRow(row, context) : lineRow(row, context);
  element.setAttribute("role", "row");
  element.setAttribute("aria-level", row.level);
  element.setAttribute("aria-posinset", row.position);
  element.setAttribute("aria-setsize", row.size);
  element.setAttribute("aria-rowindex", index + 1);
  element.setAttribute("aria-selected", String(context.isSelected?.(row) === true));
  if (row.canFold) element.setAttribute("aria-expanded", String(!row.isFolded));
  element.classList.toggle("dim", context.isDim?.(row) === true);
  element.classList.toggle("found", context.isFound?.(row) === true);
  return element;
}

/** The lines of depth, and the place that folds: the whole left edge of the row, so that a finger finds it. */
function edge(row, context) {
  const guides = h("span", { class: "guides" });
  guides.style.setProperty("--depth", row.level - 1);
  if (!row.canFold || !context.fold) return [guides, h("span", { class: "no-arrow" })];
  const arrow = h("span", { class: "arrow", title: row.isFolded ? "Unfold (→)" : "Fold (←)",
    on: { click: event => { event.stopPropagation(); context.fold(row.span); } } }, icon(row.isFolded ? "right" : "down"));
  return [guides, arrow];
}

function spanRow(row, context) {
  const { span } = row;
  const startsService = !span.up || span.up.service !== span.service;
  const status = span.answer && h("span", { class: ["status", span.isError && "bad"] },
    span.isError ? icon("error") : null, visible(span.answer));
  return h("div", { class: ["tree-row", "of-span", serviceClass(span.service), span.isError && "failed"], data: { span: span.id } },
    h("div", { class: "name", role: "gridcell" }, edge(row, context),
      h("span", { class: "swatch" }),
      startsService ? h("span", { class: "who" }, visible(span.service)) : h("span", { class: "aloud" }, visible(span.service)),
      h("span", { class: ["what", "cut"], title: visible(span.name) }, visible(span.name)),
      span.peer && !row.isFolded ? h("span", { class: "peer" }, "→ ", visible(span.peer)) : null,
      row.isFolded ? h("span", { class: "folded", title: foldedTitle(row) }, `${row.below} folded`) : null,
      span.isOrphan ? h("span", { class: "folded", title: `Its parent ${visible(span.parent)} is not here` }, "no parent") : null,
      context.note?.(span) ?? null,
      h("span", { class: "end" }, status, h("span", { class: "took" }, duration(span.duration)))),
    h("div", { class: "track", role: "gridcell", title: `${offsetText(span.start)}, took ${duration(span.duration)}, ${duration(span.own ?? 0)} of it its own` },
      h("span", { class: "aloud" }, `${offsetText(span.start)}, ${duration(span.duration)}${span.isError ? ", error" : ""}`),
      h("div", { class: "lane", "aria-hidden": "true" }, spanBar(span, context.scale, { isCritical: context.showsPath }))));
}

function foldedTitle({ span, below }) {
  const lines = below - span.within.spans;
  return [counted(span.within.spans, "span"), lines > 0 ? counted(lines, "line") : null].filter(Boolean).join(" and ");
}

function lineRow(row, context) {
  const { line } = row;
  const at = offsetText(line.offset);
  return h("div", { class: ["tree-row", "of-line", `is-${line.kind}`], data: { line: line.index } },
    h("div", { class: "name", role: "gridcell" }, edge(row, context), levelIcon(line.level),
      line.on ? null : h("span", { class: "who" }, visible(line.service)),
      h("span", { class: ["what", "cut"], title: visible(line.message) }, visible(line.message)),
      h("span", { class: "end" }, h("span", { class: "took" }, at))),
    h("div", { class: "track", role: "gridcell" }, h("span", { class: "aloud" }, at),
      h("div", { class: "lane", "aria-hidden": "true" },
        lineMark(line, context.scale, { start: context.trace.start, showsClock: context.showsClock }))));
}
