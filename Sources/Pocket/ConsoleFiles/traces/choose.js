// Which trace to compare with: others of the same operation, those first that tell most.
import { fill, h, service, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { addressWith, go } from "/console/shell/address.js";
import { get } from "/console/shell/api.js";
import { counted, duration, moment, nanoseconds, time } from "/console/shell/format.js";
import { attribute } from "/console/trace/model.js";
import { keptRange } from "/console/shell/range.js";
import { ownTimes } from "./own.js";

/** How far to look back for others, and how far ahead, in microseconds. */
const [back, ahead] = [1800e6, 60e6];

/** The nearest traces of the same operation: those before, and those of the minute after. */
export async function similar(trace, signal) {
  const query = sameRequests(trace);
  const root = trace.roots[0];
  const moments = [trace.start - back, trace.start, trace.start + ahead].map(nanoseconds);
  const parts = await Promise.all([[moments[1], moments[2]], [moments[0], moments[1]]].map(([from, to]) =>
    get("/console/api/traces", { query, from, to, order: "newest", limit: 60 }, signal)));
  const traces = parts.flatMap(part => part.traces);
  const beginsAlike = other => !root || (other.service === root.service && other.name === root.name);
  return { query, traces: traces.filter(other => other.id !== trace.id && beginsAlike(other)) };
}

/**
 * The requests that asked for the same. A condition on one span is found much faster than one on whole traces; which of
 * them begin alike is seen in the answer.
 */
function sameRequests(trace) {
  const span = trace.spans.find(({ kind }) => kind === "server") ?? trace.roots[0];
  if (!span) return "{ }";
  const search = attribute(span, "url.query");
  // Whether the answer is waited for, for example, is asked for in the address.
  const address = attribute(span, "http.request.method") === undefined ? []
    : [`span.url.query = ${search === undefined ? "nil" : JSON.stringify(String(search))}`];
  return `{ ${[`resource.service.name = ${JSON.stringify(span.service)}`, `name = ${JSON.stringify(span.name)}`, `kind = ${span.kind}`,
    ...address].join(" && ")} }`;
}

/** The few that are worth a look: `[{name, trace}]`, each trace once. */
export function proposals(trace, traces) {
  const start = other => moment(other.start);
  const healthy = traces.filter(other => !other.error).sort((a, b) => a.duration - b.duration);
  const isFailed = trace.errors.length > 0;
  const nearest = list => list.toSorted((a, b) => Math.abs(start(a) - trace.start) - Math.abs(start(b) - trace.start))[0];
  const wanted = [
    ["The nearest in time that " + (isFailed ? "went well" : "failed"), nearest(traces.filter(other => other.error !== isFailed))],
    ["The fastest without errors", healthy[0]],
    ["The median of those without errors", healthy[Math.floor(healthy.length / 2)]],
    ["The one before", traces.filter(other => start(other) < trace.start).toSorted((a, b) => start(b) - start(a))[0]],
    ["The slowest", traces.toSorted((a, b) => b.duration - a.duration)[0]],
  ];
  const seen = new Set();
  return wanted.filter(([, other]) => other && !seen.has(other.id) && seen.add(other.id)).map(([name, other]) => ({ name, trace: other }));
}

/** `side` is the one that is chosen: `a` or `b`. */
export function chooser(trace, found, side) {
  const best = proposals(trace, found.traces);
  const longest = Math.max(trace.duration, ...found.traces.slice(0, 20).map(other => other.duration),
    ...best.map(other => other.trace.duration));
  const address = other => addressWith({ [side]: other.id });
  const problem = h("p", { class: ["small", "error-text"], role: "alert", hidden: true });
  const input = h("input", { type: "text", placeholder: "Trace id or its beginning", "aria-label": "Trace to compare with",
    autocomplete: "off", spellcheck: "false" });
  const row = (other, name) => h("li", {}, h("a", { class: "choice-row", href: address(other) },
    name ? h("b", { class: "why" }, name) : null,
    h("code", {}, other.id.slice(0, 8)), h("span", { class: "soft" }, time(moment(other.start))),
    h("span", { class: "row" }, other.error ? icon("error", "with errors") : icon("good", "without errors"), other.status ?? ""),
    h("span", { class: "split" }, ownTimes(other, longest)), h("span", { class: "number" }, duration(other.duration))));
  async function find(event) {
    event.preventDefault();
    problem.hidden = true;
    try {
      const { ids } = await get("/console/api/find", { text: input.value.trim() });
      if (ids.length === 1) return go(addressWith({ [side]: ids[0] }));
      problem.hidden = false;
      fill(problem, ids.length ? `${counted(ids.length, "trace")} begin with that. Write more of the id.`
        : `No trace begins with “${visible(input.value.trim())}”.`);
    } catch (error) { problem.hidden = false; fill(problem, error.message); }
  }
  return h("section", { class: "card", "aria-label": "Compare with" },
    h("header", {}, h("h2", {}, "Compare it with"),
    h("span", { class: ["small", "faint"] }, "one of the same operation, sent shortly before or after")),
    h("div", { class: "choose" }, best.length ? h("ul", { class: "proposals" }, best.map(({ trace, name }) => row(trace, name)))
      : h("p", { class: "soft" }, "No other trace of this operation is stored. Send one more, or name one."),
      h("form", { class: "row", on: { submit: find } }, input, h("button", {}, "Compare")), problem,
      found.traces.length ? h("details", {}, h("summary", {}, `The last ${Math.min(20, found.traces.length)} of the same operation`),
        h("ul", {}, found.traces.slice(0, 20).map(other => row(other)))) : null,
      h("p", { class: "small" }, h("a", { href: addressWith({ ...keptRange(), query: found.query, ticked: trace.id }, "/traces") },
        "Choose among all traces"))));
}

/** What one trace is, for the time that the other one is not chosen. */
export function oneTrace(trace) {
  const root = trace.roots[0];
  return h("section", { class: ["card", "one"], "aria-label": "Chosen trace" },
    h("header", {}, h("h2", {}, "Chosen"), h("a", { href: `/trace/${trace.id}` }, h("code", {}, trace.id.slice(0, 8)))),
    h("div", { class: ["row", "wrap"] }, root ? [service(root.service), h("span", {}, visible(root.name))] : null,
      h("span", { class: "row" }, trace.errors.length ? icon("error", "with errors") : icon("good", "without errors"), root?.answer ?? ""),
        h("span", {}, duration(trace.duration)),
      h("span", { class: "soft" }, `${time(trace.start)} · ${counted(trace.spans.length, "span")}`)));
}
