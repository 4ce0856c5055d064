// The lines before and after one, by their distance in time.
import { h, fill, service, visible } from "/console/shell/dom.js";
import { get } from "/console/shell/api.js";
import { duration } from "/console/shell/format.js";
import { levelIcon } from "/console/shell/icons.js";
import { telling } from "./telling.js";

const step = 5;

export function around(line, { traceAddress }) {
  let [before, after, isOwn] = [step, step, true];
  const rows = h("div", { class: "around-rows" }, h("div", { class: "waiting" }), h("div", { class: "waiting" }));
  const place = h("button", { type: "button", class: ["quiet", "small"], title: "Lines of this service, or of all",
    on: { click: () => { isOwn = !isOwn; look(); } } });
  const earlier = h("button", { type: "button", class: ["quiet", "small"], title: `${step} more before it`,
    on: { click: () => { before += step; look(); } } });
  const later = h("button", { type: "button", class: ["quiet", "small"], title: `${step} more after it`,
    on: { click: () => { after += step; look(); } } });
  const element = h("section", { class: ["card", "around"], "aria-label": "The lines before and after" },
    h("header", {}, h("h3", { class: "strong" }, "Around it"), place, h("span", { class: "grow" }), earlier, later), rows);

  async function look() {
    fill(place, isOwn ? `in ${visible(line.service)}, any trace` : "in all services");
    fill(earlier, `${before} before`);
    fill(later, `${after} after`);
    try {
      const { lines } = await get("/console/api/around",
        { time: line.time, key: line.key, service: isOwn ? line.service : null, before, after });
      fill(rows, lines.map(other => row(other)));
    } catch (error) {
      fill(rows, h("p", { class: ["small", "soft", "around-note"] }, `They cannot be shown: ${visible(error.message)}.`));
    }
  }
  function row(other) {
    const isThis = other.key === line.key;
    const distance = Number(BigInt(other.time) - BigInt(line.time));
    return h("div", { class: ["around-row", isThis && "this"], "aria-current": isThis ? "true" : null },
      h("span", { class: ["number", "soft"] }, distance === 0 ? "0" : (distance > 0 ? "+" : "") + duration(distance)),
      h("span", { class: ["faint", "this-line"] }, isThis ? "this line" : ""),
      levelIcon(other.level),
      isOwn ? null : service(other.service),
      h("span", { class: "message" }, h("span", { class: "said" }, visible(other.message)),
        h("code", { class: ["tells", "cut"] }, telling(other))),
      other.trace ? h("a", { href: traceAddress(other.trace, other.span), data: { trace: other.trace, span: other.span ?? "" } },
        h("code", {}, other.trace.slice(0, 8))) : h("span"));
  }
  look();
  return element;
}
