// How much of what it concerns a rule has hit, from the spans that carry its mark, and where its traces and lines are.
import { get } from "/console/shell/api.js";
import { addressWith } from "/console/shell/address.js";
import { keptRange, range } from "/console/shell/range.js";

// What marks a span and a line (the log's field becomes structured metadata of this name).
const attribute = "span.tailspan.fault.id";
const label = "tailspan_fault_id";

/** Several rules may hit one request: their ids stand in one value, separated by commas. */
function pattern(id) { return JSON.stringify(`(.*,)?${id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(,.*)?`); }

export function tracesOf(rule) {
  return addressWith({ ...keptRange(), query: `{ ${attribute} =~ ${pattern(rule.id)} }` }, "/traces");
}

export function linesOf(rule) {
  const names = rule.services.length ? rule.services.join("|") : ".+";
  const selector = rule.services.length === 1 ? `{service=${JSON.stringify(names)}}` : `{service=~${JSON.stringify(names)}}`;
  return addressWith({ ...keptRange(), query: `${selector} | ${label} =~ ${pattern(rule.id)}` }, "/logs");
}

const buckets = 45;

/**
 * `{hits: [n…], all: [n…], hit, of}` over the range: how many requests carry the mark, of how many at the same places
 * since the first of them; `null` if none does.
 */
export async function effectOf(rule, signal) {
  const { from, to } = range();
  const step = Math.max(1, Math.ceil((to - from) / 1e6 / buckets));
  const served = "(kind = server || kind = consumer)";
  const marked = await series(`{ ${attribute} =~ ${pattern(rule.id)} && ${served} } | count_over_time() by (resource.service.name, name)`);
  const hits = sum(marked);
  if (!hits.some(Boolean)) return null;
  const places = marked.map(({ labels }) => `(resource.service.name = ${JSON.stringify(labels["resource.service.name"])}`
    + ` && name = ${JSON.stringify(labels.name)})`);
  const all = sum(await series(`{ ${served} && (${places.join(" || ")}) } | count_over_time()`));
  const first = hits.findIndex(Boolean);
  const total = values => values.slice(first).reduce((sum, value) => sum + value, 0);
  return { hits, all, hit: total(hits), of: total(all) };

  async function series(query) {
    const answer = await get("/tempo/api/metrics/query_range", {
      q: query, start: Math.floor(from / 1e6), end: Math.ceil(to / 1e6), step: `${step}s` }, signal);
    return (answer.series ?? []).map(({ labels, samples }) => ({
      labels: Object.fromEntries(labels.map(({ key, value }) => [key, value.stringValue])),
      values: samples.map(({ value }) => value ?? 0),
    }));
  }
}

function sum(series) {
  const length = Math.max(0, ...series.map(({ values }) => values.length));
  return Array.from({ length }, (_, index) => series.reduce((total, { values }) => total + (values[index] ?? 0), 0));
}
