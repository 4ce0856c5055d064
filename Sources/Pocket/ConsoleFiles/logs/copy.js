// What is selected over several rows is copied from the data, one line each, and not as it lies on the page.
import { dateTime, exactTime, moment } from "/console/shell/format.js";
import { h } from "/console/shell/dom.js";
import { telling } from "./telling.js";

/** Answers a `copy` event within `list`, if the selection goes over more than one row; `line(index)` is the data. */
export function copySelection(event, list, line) {
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const index = node => Number((node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".line")?.dataset.index ?? NaN);
  const [a, b] = [index(selection.anchorNode), index(selection.focusNode)];
  if (!Number.isInteger(a) || !Number.isInteger(b) || a === b || !list.contains(selection.anchorNode)) return;
  const lines = [];
  for (let at = Math.min(a, b); at <= Math.max(a, b); at++) if (line(at)) lines.push(asText(line(at)));
  event.preventDefault();
  event.clipboardData.setData("text/plain", lines.join("\n") + "\n");
}

function asText(line) {
  const at = moment(line.time);
  const told = h("span", {}, telling(line)).textContent;
  return [dateTime(at).split(" ")[0] + " " + exactTime(at).join(""), line.level, line.service, told ? `${line.message}  ${told}`
    : line.message, line.trace].filter(Boolean).join("\t");
}
