// Addresses of the console's pages, as what the tools of the split view show instead.

/** The tabs: the page that each stands for, and what it holds in the address beside its query and the range. */
export const tabPages = [
  { tab: "logs", path: "/logs", name: "Logs" },
  { tab: "traces", path: "/traces", name: "Traces" },
  { tab: "overview", path: "/", name: "Overview" },
];

/** What to change in the present address to show a page in the tools; `null` if they cannot. */
export function inside(address) {
  const url = new URL(address, "http://console");
  const given = Object.fromEntries(url.searchParams);
  const trace = /^\/trace\/([^/]+)$/.exec(url.pathname);
  if (trace) return { trace: decodeURIComponent(trace[1]), span: given.span ?? null, view: "tools" };
  const page = tabPages.find(page => page.path === url.pathname);
  return page ? { ...given, tab: page.tab, view: "tools" } : null;
}
