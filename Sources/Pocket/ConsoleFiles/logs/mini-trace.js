// A line's trace in small: every span a bar, its own one solid, and the moment of the line on it.
import { h, s, fill, service, serviceClass, visible } from "/console/shell/dom.js";
import { get } from "/console/shell/api.js";
import { counted, count, duration } from "/console/shell/format.js";
import { icon, levelKind } from "/console/shell/icons.js";
import { whenResized } from "/console/shell/resize.js";

const height = 118;
/** More rows than this are thinned out: the line's own span always stays. */
const most = 59;

export function miniTrace(line, { traceAddress, linesOf }) {
  const figures = h("span", { class: ["soft", "cut"] });
  const picture = h("div", { class: "mini-picture" }, h("div", { class: "waiting" }), h("div", { class: "waiting" }));
  const caption = h("p", { class: "mini-caption" });
  const its = h("button", { type: "button", on: { click: () => linesOf(line.trace) } }, icon("lines"), "Its lines");
  const target = { href: traceAddress(line.trace, line.span), data: { trace: line.trace, span: line.span ?? "" } };
  const element = h("section", { class: ["card", "mini-trace"], "aria-label": "Its trace" },
    h("header", {}, h("h3", { class: "strong" }, "Its trace"), figures, h("span", { class: "grow" }),
      h("a", target, h("code", {}, line.trace.slice(0, 8)))),
    picture, caption,
    h("footer", {}, h("a", { class: ["button", "primary"], ...target }, icon("traces"), "Open at this span",
      h("kbd", { class: "key" }, "o")), its));
  let trace = null;

  async function look() {
    try {
      trace = await get(`/console/api/trace/${line.trace}`);
    } catch (error) {
      fill(picture, h("p", { class: ["small", "soft"] }, error.status === 404
        ? `${counted(error.lines ?? 0, "log line names", "log lines name")} it, so its spans were lost, not sampled, or come later.`
        : `It cannot be shown: ${visible(error.message)}.`));
      return;
    }
    fill(figures, `${duration(trace.duration)} · ${counted(trace.spans.length, "span")} · ${counted(trace.lines.length, "line")}`);
    fill(its, icon("lines"), trace.linesCut ? `Its first ${count(trace.lines.length)} lines` : trace.lines.length === 1
      ? "Its line" : `Its ${count(trace.lines.length)} lines`);
    const own = trace.spans.find(span => span.id === line.span);
    fill(caption, own ? [service(own.service), " ", visible(own.name), h("br"),
      h("span", { class: "soft" }, `from +${duration(own.start)}, ${duration(own.duration)}`,
        own.status === "error" ? ", an error" : "")]
      : h("span", { class: "soft" }, "The span of this line is not stored."));
    draw();
  }
  function draw() {
    if (!trace || trace.spans.length === 0) return;
    const width = Math.max(120, picture.clientWidth - 28);
    const stride = Math.ceil(trace.spans.length / most);
    const spans = trace.spans.filter((span, index) => index % stride === 0 || span.id === line.span);
    const pitch = Math.min(8, (height - 8) / spans.length);
    const bar = Math.min(4, pitch * 0.65);
    const length = Math.max(1, trace.duration, ...trace.spans.map(span => span.start + span.duration));
    const x = at => 14 + at / length * (width - 28);
    const at = Number(BigInt(line.time) - BigInt(trace.start));
    const own = spans.findIndex(span => span.id === line.span);
    const isErrorLine = levelKind(line.level) === "error";
    fill(picture, s("svg", { width, height: Math.max(24, pitch * spans.length + 8), role: "img",
      "aria-label": `${counted(trace.spans.length, "span")}; this line was written ${duration(at)} after its begin`
        + (own >= 0 ? ` in ${visible(spans[own].name)}` : "") },
    own >= 0 ? s("rect", { class: "own-row", x: 0, width, y: 4 + own * pitch - 2, height: bar + 4 }) : null,
    spans.map((span, index) => s("rect", { class: ["mini-bar", "fill-service", serviceClass(span.service), index !== own && "pale"],
      x: x(span.start), width: Math.max(1.5, x(span.start + span.duration) - x(span.start)), y: 4 + index * pitch, height: bar, rx: 1 })),
    moment(Math.min(width - 8, Math.max(8, x(at))), own < 0 ? 4 : 4 + own * pitch + bar / 2, isErrorLine)));
  }
  whenResized(picture, draw);
  look();
  return element;
}

/** Where the line was written: an octagon for an error, else a ring. */
function moment(x, y, isError) {
  if (!isError) return s("circle", { class: "line-moment", cx: x, cy: y, r: 4.5 });
  return s("g", { transform: `translate(${x - 7} ${y - 7}) scale(.875)` },
    s("path", { class: "fill-error", d: "M5 1h6l4 4v6l-4 4H5l-4-4V5z", stroke: "var(--bg)" }),
      s("path", { class: "line-cross", d: "m5.5 5.5 5 5m0-5-5 5" }));
}
