// What a span or a line is, beside the tree: 344 px, on a phone a sheet at the bottom.
import { fill, h, service, visible } from "../shell/dom.js";
import { icon, levelIcon } from "../shell/icons.js";
import { duration, exactTime } from "../shell/format.js";
import { alikeLink, aroundLink, linesLink } from "./links.js";
import { attribute } from "./model.js";
import { iconButton } from "./icon-button.js";
import { offsetText } from "./scale.js";
import { eventList, jsonText, linkList, table } from "./panel-parts.js";
import { tabs } from "./tabs.js";

/** `select(row)`: a span or a line was chosen here; `close()`; `zoom(span)`. */
export function panel({ select, close, zoom }) {
  const inner = h("div", { class: "inside", tabindex: "-1" });
  const element = h("aside", { class: "span-panel", "aria-label": "Details", hidden: true }, inner);
  const chosen = { tab: "Attributes" };

  function header(first, title, isBad) {
    return h("header", {}, h("div", { class: "row" }, first,
      iconButton("close", "Close (Escape)", close, "close")),
    h("h2", {}, isBad ? icon("error", "error") : null, h("span", {}, title)));
  }
  const figure = (name, value, title) => h("div", { title }, name, h("b", {}, value));

  function drawSpan(trace, span, { showsClock }) {
    const says = span.message || errorOf(span);
    const kind = [span.kind, attribute(span, "db.system.name") ?? attribute(span, "messaging.system") ?? attribute(span, "rpc.system.name") ?? null]
      .filter(Boolean).join(" · ");
    const at = showsClock ? exactTime(trace.start + span.start / 1000).join("") : offsetText(span.start);
    fill(inner,
      header([service(span.service), h("span", { class: ["faint", "cut"] }, visible(kind))], visible(span.name), span.isError),
      says ? h("section", {}, h("p", { class: "what-it-says" }, visible(says))) : null,
      h("section", {}, h("div", { class: "three" },
        figure("start", at), figure("duration", duration(span.duration)),
        figure("own time", duration(span.own ?? 0), "In which none of its children ran")),
      h("div", { class: ["row", "wrap"] },
        span.lines.length > 0 ? h("a", { class: "button", href: linesLink(trace, span.lines[0]) }, icon("lines"),
          span.lines.length === 1 ? "Its line" : "Its lines") : null,
        h("a", { class: "button", href: aroundLink(trace, span.start, span.end) }, "Around it, ± 1 s"),
        iconButton("include", "Zoom to it", () => zoom(span)))),
      tabs([
        { name: "Attributes", build: () => table(span.attributes, (name, value) => attributeLink(name, value)) },
        { name: "Resource", build: () => table(Object.entries(trace.resources[span.resource] ?? {}),
          (name, value) => alikeLink(name, value, "resource")) },
        { name: "Events", count: span.events.length, build: () => eventList(span.events) },
        ...(span.links.length ? [{ name: "Links", count: span.links.length,
          build: () => linkList(span.links, trace, id => select({ span: trace.byId.get(id) })) }] : []),
        { name: "JSON", build: () => jsonText(plain(span)) },
      ], chosen),
      span.lines.length > 0 ? h("section", {}, h("h3", {}, "Written in this span"), h("ul", { class: "written" }, span.lines.map(line =>
        h("li", {}, levelIcon(line.level), h("div", {},
          h("button", { type: "button", class: "link", on: { click: () => select({ line }) } }, visible(line.message)),
          h("p", { class: ["small", "faint"] }, `${offsetText(line.offset)} · ${visible(line.service)}`)))))) : null);
  }

  function drawLine(trace, line) {
    const fields = line.fields.filter(([name]) => name !== "message");
    fill(inner,
      header([service(line.service), h("span", { class: "faint" }, visible(line.level))], visible(line.message), line.kind === "error"),
      h("section", {}, h("div", { class: ["three", "two"] },
        figure("at", offsetText(line.offset)), figure("time", exactTime(trace.start + line.offset / 1000).join(""))),
      h("div", { class: ["row", "wrap"] },
        h("a", { class: "button", href: linesLink(trace, line) }, icon("lines"), "In Logs"),
        line.on ? h("button", { type: "button", on: { click: () => select({ span: line.on }) } }, "Its span") : null,
        h("a", { class: ["button", "quiet"], href: aroundLink(trace, line.offset, line.offset) }, "Around it, ± 1 s"))),
      tabs([{ name: "Fields", build: () => table(fields) }, { name: "Text", build: () => jsonText(line.line) }], { tab: "Fields" }));
  }

  return {
    element,
    /** Shows a span or a line; `null` hides the panel. */
    show(trace, { span, line } = {}, settings = {}) {
      element.hidden = !span && !line;
      const scroll = inner.scrollTop;
      if (span) drawSpan(trace, span, settings);
      else if (line) drawLine(trace, line);
      inner.scrollTop = scroll;
    },
    focus() { inner.focus({ preventScroll: true }); },
  };
}

/** What an exception among the events says. */
function errorOf(span) {
  const event = span.events.find(event => event.name === "exception");
  return event && new Map(event.attributes).get("exception.message");
}

function attributeLink(name, value) { return name === "tailspan.fault.id" ? "/faults" : alikeLink(name, value); }

/** A span as it came, with its attributes as members. */
function plain(span) {
  const names = ["id", "parent", "service", "name", "kind", "start", "duration", "own", "status", "message", "scope",
    "attributes", "events", "links"];
  return JSON.stringify(Object.fromEntries(names.map(name => [name, span[name]])),
    (name, value) => (name === "attributes" ? Object.fromEntries(value) : value), 2);
}
