// Tables of names and values, events, links and raw text: the parts of the panel.
import { copyButton } from "../shell/copy.js";
import { h, visible } from "../shell/dom.js";
import { offsetText } from "./scale.js";

const text = value => Array.isArray(value) ? value.map(text).join(", ") : typeof value === "object" && value ? JSON.stringify(value) : String(value);

/** Names and values; `link(name, value)` is where a value leads to. */
export function table(pairs, link = null) {
  if (pairs.length === 0) return h("p", { class: ["small", "faint"] }, "None.");
  return h("dl", { class: "pairs" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, breakable(visible(name))),
    h("dd", {}, link ? linked(link(name, value), visible(text(value))) : visible(text(value))))));
}

function linked(href, shown) {
  return h("a", { href, title: href === "/faults" ? "Faults" : "Traces with this value" }, shown);
}

/** A long name may break after its dots and underscores. */
function breakable(name) { return name.split(/(?<=[._])/).flatMap((part, index) => (index ? [h("wbr", {}), part] : [part])); }

/** The events of a span. A stack trace is long: it opens on demand. */
export function eventList(events) {
  if (events.length === 0) return h("p", { class: ["small", "faint"] }, "This span has no events.");
  return events.map(event => {
    const isLong = ([, value]) => String(value).length > 240;
    const [long, short] = [event.attributes.filter(isLong), event.attributes.filter(pair => !isLong(pair))];
    return h("div", { class: "event" }, h("p", {}, h("b", {}, visible(event.name)), " ", h("span", { class: ["small", "faint"] }, offsetText(event.time))),
      short.length ? table(short) : null,
      long.map(([name, value]) => h("details", {}, h("summary", {}, visible(name)), h("pre", {}, visible(text(value))))));
  });
}

/** Links to other spans: in this trace they are chosen, in another one they lead there. */
export function linkList(links, trace, choose) {
  return links.map(link => {
    const isHere = link.trace === trace.id && trace.byId.has(link.span);
    return h("div", { class: "event" }, h("p", {}, isHere
      ? ["In this trace: ", h("button", { type: "button", class: "link", on: { click: () => choose(link.span) } },
        visible(trace.byId.get(link.span).name))]
      : ["Trace ", h("a", { href: `/trace/${link.trace}?span=${link.span}` }, h("code", {}, link.trace.slice(0, 8)))],
    h("span", { class: ["small", "faint"] }, ` span ${link.span}`)),
    link.attributes?.length ? table(link.attributes) : null);
  });
}

/** A text as it is, with a button that copies it. */
export function jsonText(value) {
  return h("div", { class: "raw" }, copyButton(() => value, { class: "quiet" }), h("pre", {}, visible(value)));
}
