// Addresses of the console's pages, as what the tools of the split view show instead.

/** The tabs, and the page that each stands for. */
export const tabPages = [
  { tab: "logs", path: "/logs", name: "Logs" },
  { tab: "traces", path: "/traces", name: "Traces" },
  { tab: "overview", path: "/", name: "Overview" },
];

/** What the address holds of the trace below the tab, beside its id. */
const traceParameters = ["span", "at", "open", "closed", "short", "depth", "lines", "zoom", "only", "find", "path", "clock"];

/** What belongs to the whole view, not to the page in the tab. */
export const shared = ["tab", "view", "from", "to", "trace", ...traceParameters];

/** The changes that show another trace, or none. */
export function toTrace(id, given = {}) {
  return { ...Object.fromEntries(traceParameters.map(name => [name, given[name] ?? null])), trace: id };
}

/** What to change in the present address to show a page in the tools; `null` if they cannot. */
export function inside(address) {
  const url = new URL(address, "http://console");
  const given = Object.fromEntries(url.searchParams);
  const trace = /^\/trace\/([^/]+)$/.exec(url.pathname);
  if (trace) return { ...toTrace(decodeURIComponent(trace[1]), given), view: "tools" };
  const page = tabPages.find(page => page.path === url.pathname);
  return page ? { ...given, tab: page.tab, view: "tools" } : null;
}
