// The status of an answer in words.
import { h, visible } from "../shell/dom.js";
import { icon } from "../shell/icons.js";

const reasons = { 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
  401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
  409: "Conflict", 410: "Gone", 412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type",
  422: "Unprocessable Content", 429: "Too Many Requests", 499: "Client Closed Request", 500: "Internal Server Error",
  501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout" };

/** "502 Bad Gateway" */
export function statusName(status) { return reasons[status] ? `${status} ${reasons[status]}` : String(status); }

/** The tag beside the name of a trace. */
export function statusTag(span, { isShort = false } = {}) {
  if (!span?.answer) return null;
  return h("span", { class: ["tag", span.isError && "error"] }, span.isError ? icon("error", "error") : null,
    visible(isShort ? span.answer : statusName(span.answer)));
}
