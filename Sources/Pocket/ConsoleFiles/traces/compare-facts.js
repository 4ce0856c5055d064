// What is known of two traces as a whole, beside each other, and what differs between them, the most telling first.
import { fill, h, service, visible } from "/console/shell/dom.js";
import { icon, levelIcon } from "/console/shell/icons.js";
import { count, counted, day, duration, exactTime, share } from "/console/shell/format.js";
import { differingAttributes, differingLines, explain } from "./pairs.js";
import { badge, signed } from "./pair-rows.js";

/** The facts of both. `change(side)` is a link for choosing another trace in place of one. */
export function factTable(a, b, { link, change }) {
  const facts = trace => {
    const root = trace.roots[0];
    const levels = ["error", "warning"].map(kind => [kind, trace.lines.filter(line => line.kind === kind).length]).filter(([,
      number]) => number);
    return {
      began: [day(trace.start), " ", exactTime(trace.start)[0]],
      operation: root ? [service(root.service), " ", visible(root.name)] : "–",
      status: [trace.errors.length ? icon("error", "with errors") : icon("good", "without errors"), root?.answer ?? "–"],
      duration: duration(trace.duration),
      spans: `${count(trace.spans.length)}${trace.errors.length ? `, ${counted(trace.errors.length, "error")}` : ""}`,
      services: trace.services.map(({ name }) => visible(name)).join(", "),
      "log lines": `${count(trace.lines.length)}${levels.length ? ", " + levels.map(([kind, number]) => counted(number, kind)).join(", ") : ""}`,
      complete: trace.complete ? "yes" : "no, spans are missing",
    };
  };
  const [left, right] = [facts(a), facts(b)];
  const text = value => [value].flat().map(part => part instanceof Node ? part.textContent : part).join("");
  const ofRoot = differingAttributes(requestOf(a)?.attributes,
    requestOf(b)?.attributes).filter(([name]) => !/\b(?:port|id)$/.test(name)).slice(0, 6);
  const row = (name, first, second) => h("tr", { class: text(first) !== text(second) && "differs" },
    h("th", { scope: "row" }, visible(name)), h("td", {}, h("div", { class: "fact" }, first)),
    h("td", {}, h("div", { class: "fact" }, second)));
  const more = b.duration - a.duration;
  return h("table", { class: "facts" },
    h("thead", {}, h("tr", {}, h("td", {}), [["A", a], ["B", b]].map(([name, trace]) => h("th", { scope: "col" }, h("b", {}, name), " ",
      h("a", { href: link(name.toLowerCase()) }, h("code", {}, trace.id.slice(0, 8))), " ",
        h("a", { class: "small", href: change(name.toLowerCase()) }, "change"))))),
    h("tbody", {}, Object.keys(left).filter(name => name !== "complete" || !a.complete || !b.complete).map(name => name === "duration"
      ? row(name, left[name], [right[name],
        h("span", { class: "faint" }, ` ${signed(more)}, ${more >= 0 ? "+" : "−"}${share(Math.abs(more), a.duration)}`)])
      : row(name, left[name], right[name])),
    ofRoot.map(([name, first, second]) => row(name, first === undefined ? "–" : visible(first), second === undefined ? "–"
      : visible(second)))));
}

/** The request that came in from outside: the first span of a service that answers. */
function requestOf(trace) { return trace.spans.find(span => span.kind === "server") ?? trace.roots[0]; }

const shown = 8;

/** The list of differences; `onPick(pair)` when one is pressed. */
export function differenceList(differences, a, b, onPick) {
  const lines = differingLines(a, b);
  const list = h("ul", { class: "differences" });
  let isWhole = false;
  function draw() {
    const spans = isWhole ? differences : differences.slice(0, shown);
    fill(list, spans.map(pair => {
      const span = pair.a ?? pair.b;
      return h("li", {}, badge(pair), h("button", { type: "button", class: ["link", "cut"], on: { click: () => onPick(pair) } },
        service(span.service), " ", visible(span.name)),
        h("span", { class: ["soft", "small"] }, explain(pair)));
    }),
    !isWhole && differences.length > shown
      ? h("li", {}, h("button", { type: "button", class: "link", on: { click: () => { isWhole = true; draw(); } } },
      `and ${counted(differences.length - shown, "more", "more")}`)) : null,
    lines.slice(0, isWhole ? 100 : 5).map(line => h("li", {}, levelIcon(line.level), h("span", { class: "cut" }, service(line.service), " ",
      visible(line.message)),
      h("span", { class: ["soft", "small"] }, line.a && line.b ? `${counted(line.a, "line")} in A, ${line.b} in B` : line.b
        ? `${counted(line.b, "line")} only in B` : `${counted(line.a, "line")} only in A`))));
  }
  draw();
  return differences.length + lines.length === 0
    ? h("p", { class: ["soft", "alike"] }, icon("good"),
      "Both have the same spans, states and lines, and no span took notably longer itself.") : list;
}
