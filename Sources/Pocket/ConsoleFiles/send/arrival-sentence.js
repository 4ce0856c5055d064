// How far a trace has arrived, in a sentence, and what its verdict says is wrong.
import { addressWith } from "/console/shell/address.js";
import { h, visible } from "/console/shell/dom.js";
import { counted, duration } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";
import { linesLink } from "/console/trace/links.js";

/** So many places of a broken rule are listed. */
const most = 3;

/** `state` is of `watchArrival`; `entry` has the trace's id and, if it is known, `wholeAfter` in milliseconds. */
export function arrivalSentence({ trace, lines, verdict, isOver, error }, entry) {
  if (error) return [icon("warning"), h("span", {}, visible(error.message))];
  const number = trace?.lines.length ?? lines.length;
  const came = [trace && counted(trace.spans.length, "span"), number > 0 && counted(number, "line")].filter(Boolean).join(", ");
  if (isOver && !trace) {
    return [icon("warning"), h("span", {}, number > 0
      ? `No span came within 30 s. ${counted(number, "log line names", "log lines name")} it, so its spans were lost or not sampled.`
      : "Neither a span nor a line came within 30 s.")];
  }
  const broken = verdict?.rules.filter(rule => !rule.holds) ?? [];
  if (verdict?.state === "broken" && broken.length > 0) {
    return [icon("error"), h("div", {}, h("p", {}, `${counted(broken.length, "rule is", "rules are")} broken: ${came}`),
      h("ul", { class: "broken" }, broken.map(rule => ruleItem(rule, trace, entry.answer.trace))))];
  }
  if (trace?.complete && (!verdict || verdict.state === "verified")) {
    return [icon("good"), h("span", {}, entry.wholeAfter ? `whole after ${duration(entry.wholeAfter * 1e6)}: ` : "whole: ", came,
      verdict && `, ${counted(verdict.held, "rule holds", "rules hold")}`)];
  }
  return [icon(isOver ? "warning" : "clock"), h("span", {}, isOver ? `not whole after 30 s: ${came}` : came ? `arriving: ${came}` : "arriving")];
}

function ruleItem({ title, violations }, trace, id) {
  return h("li", {}, h("p", { class: "strong" }, visible(title[0].toUpperCase() + title.slice(1))),
    violations.slice(0, most).map(violation => h("p", { class: "small" }, visible(violation.text), " ", place(violation, trace, id))),
    violations.length > most && h("p", { class: ["small", "soft"] }, `and ${counted(violations.length - most, "more place", "more places")}`));
}

/** A line is shown among the lines, since the span that it names may not be there. */
function place({ line, span }, trace, id) {
  if (line && trace?.read) return h("a", { href: linesLink(trace.read, { key: line }) }, "its line");
  return span && h("a", { href: addressWith({ span }, `/trace/${id}`) }, "its span");
}
