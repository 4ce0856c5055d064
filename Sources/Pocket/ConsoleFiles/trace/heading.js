// What a trace is: its operation, how it ended, when it was and what it holds; and what can be done with it.
import { fill, h, visible } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { ago, count, day, exactTime } from "../shell/format.js";
import { linesLink } from "./links.js";
import { exactDuration } from "./scale.js";
import { statusTag } from "./status.js";

/** `actions`: elements before the buttons. `draw(trace)` shows another state of the trace. */
export function heading({ compact = false, actions = [], after = [] } = {}) {
  const title = h(compact ? "h2" : "h1", { class: "trace-title" });
  const facts = h("p", { class: "facts" });
  const links = h("span", { class: "row" });
  const element = h("header", { class: "trace-heading" }, h("div", { class: "grow" }, title, facts),
    h("div", { class: ["row", "wrap", "trace-actions"] }, actions, links, after));
  const age = h("span", {});
  let shown = null;

  function fact(value, one, many = one + "s") {
    return h("span", {}, h("b", {}, count(value)), ` ${value === 1 ? one : many}`);
  }
  function tick() { if (shown) fill(age, ago(shown.start + shown.duration / 1000)); }
  const timer = setInterval(tick, 5000);

  return {
    element,
    draw(trace) {
      shown = trace;
      const root = trace.roots[0];
      tick();
      fill(title, h("span", { class: "cut" }, visible(root?.name ?? trace.id)), statusTag(root, { isShort: compact }));
      fill(facts, h("b", {}, exactDuration(trace.duration)),
        compact ? null : h("span", {}, `${day(trace.start)}, ${exactTime(trace.start)[0]} · `, age),
        compact ? null : fact(trace.services.length, "service"),
        fact(trace.spans.length, "span"), h("span", {}, trace.linesCut ? "first " : null, fact(trace.lines.length, "line")),
        trace.errors.length || !compact ? fact(trace.errors.length, "error") : null,
        trace.complete ? null : h("span", { class: "warning-text row" }, icon("warning"), incomplete(trace)));
      if (compact) return void fill(links, h("a", { class: "button", href: `/trace/${trace.id}`, title: "Open this trace (o)" }, "Open"));
      fill(links, h("a", { class: "button", href: linesLink(trace), title: "Lines of this trace (b)" }, icon("lines"),
        h("span", { class: "for-wide" }, "Lines of this trace"), h("span", { class: "for-narrow" }, `${count(trace.lines.length)} lines`)),
      h("a", { class: ["button", "for-wide"], href: `/compare?a=${trace.id}`, title: "Compare with another trace (c)" }, icon("compare"), "Compare"));
    },
    end() { clearInterval(timer); },
  };
}

/** What is missing of a trace that is not whole. */
function incomplete(trace) {
  const orphans = trace.spans.filter(span => span.isOrphan).length;
  if (orphans === 0) return "its root has not arrived";
  return `${orphans === 1 ? "1 span names a parent" : `${count(orphans)} spans name parents`} that ${orphans === 1 ? "has" : "have"} not arrived`;
}
