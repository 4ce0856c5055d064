// A trace that is not there: looked for while its spans may still come, then why it is missing and where to go on.
import { fill, h, visible } from "../shell/dom.js";
import { count, counted } from "../shell/format.js";
import { addressWith } from "../shell/address.js";
import { linesQuery } from "./links.js";

/** How long it is looked for, in seconds: services export their spans in batches. */
const patience = 10;

/** `look()` is called once a second while it is looked for; `still(problem)` says that it was not there. */
export function missingTrace(id, { look }) {
  let left = patience;
  let lines = 0;
  let timer = null;
  const why = h("p", { role: "status" });
  const buttons = h("div", { class: ["row", "wrap"] });
  const element = h("div", { class: "empty" }, h("h1", {}, `No trace begins with ${visible(id)}.`), why, buttons);

  function draw() {
    const named = `${counted(lines, "log line names", "log lines name")} it`;
    fill(why, left > 0 ? [lines > 0 ? `${named}. ` : null, `Looking for it for ${left} s more: spans come in batches.`]
      : lines > 0 ? `${named}, so its spans were lost or not sampled.` : "No log line names it, either.");
    const query = /^[0-9a-f]{32}$/.test(id) ? linesQuery(id) : `{service=~".+"} | trace_id=~"${id}.*"`;
    fill(buttons,
      lines > 0 ? h("a", { class: "button", href: addressWith({ query, from: "6h" }, "/logs") }, `Show the ${lines === 1 ? "line" : `${count(lines)} lines`}`) : null,
      left > 0 ? null : h("button", { type: "button", on: { click: () => { left = patience; draw(); next(); } } }, "Look again"),
      h("a", { class: "button", href: "/traces" }, "All traces"));
  }
  function next() {
    clearTimeout(timer);
    if (left > 0) timer = setTimeout(() => { left -= 1; look(); }, 1000);
  }

  return {
    element,
    /** It is still not there. */
    still(problem) {
      lines = problem.lines ?? 0;
      draw();
      next();
    },
    end() { clearTimeout(timer); },
  };
}

/** Several traces begin so. */
export function candidates(id, ids) {
  return h("div", { class: "empty" }, h("h1", {}, `${counted(ids.length, "trace begins", "traces begin")} with ${visible(id)}.`),
    h("p", {}, "Choose one, or write more of its id."),
    h("ul", { class: "candidates" }, ids.map(each => h("li", {}, h("a", { href: `/trace/${each}` },
      h("code", {}, h("b", {}, each.slice(0, id.length)), each.slice(id.length)))))));
}
