// What a query can ask for: the fields that traces have, and the values that were seen in them.
import { get } from "/console/shell/api.js";
import { range } from "/console/shell/range.js";
import { attributePath } from "/console/shell/traceql.js";

/** The filters that are always offered. */
export const offered = [
  { field: "resource.service.name", name: "service" },
  { field: "name", name: "operation" },
  { field: "kind", name: "kind" },
  { field: "status", name: "status" },
  { field: "traceDuration", name: "slower than" },
  { field: "span.http.response.status_code", name: "HTTP status" },
];

/** What intrinsic fields mean, for completion. */
export const meanings = {
  name: "operation of a span", status: "error, ok or unset", kind: "server, client, internal, producer or consumer",
  duration: "of a span, such as 20ms", traceDuration: "of the whole trace, such as 20ms", rootName: "operation that began the trace",
  rootServiceName: "service that began the trace", statusMessage: "what the error says", "trace:id": "32 digits",
  "span:id": "16 digits", "event:name": "such as exception",
};

/** The short name of a field, as a filter shows it. */
export function fieldName(field) {
  return offered.find(other => other.field === field)?.name ?? field.replace(/^(?:resource|span)?\./, "");
}

/** The newest five minutes of the range: they have all names that matter, and are read at once. */
function seconds() {
  const { from, to } = range();
  return { start: Math.floor(Math.max(from, to - 300e6) / 1e6), end: Math.ceil(to / 1e6) };
}

/** The names of all fields of the range: intrinsic ones first, then those of spans and of resources. */
export async function fields(signal) {
  const { scopes } = await get("/tempo/api/v2/search/tags", seconds(), signal);
  const of = scope => scopes.find(({ name }) => name === scope)?.tags ?? [];
  return [
    ...of("intrinsic").filter(name => !name.startsWith("span:") || !of("intrinsic").includes(name.slice(5))),
    ...["span", "resource", "event"].flatMap(scope => of(scope).map(name => attributePath(scope, name))),
  ];
}

/** The values of a field: `[{type, value}]`. */
export async function values(field, signal) {
  const { tagValues } = await get(`/tempo/api/v2/search/tag/${encodeURIComponent(field)}/values`, seconds(), signal);
  return tagValues;
}
