// The address holds what a page shows: its path and its parameters. Everything that changes what is seen goes through
// here, so that a copied link shows the same, and Back goes back.
const listeners = new Set();

/** The present path, and a copy of the present parameters. */
export function path() { return location.pathname; }
export function parameters() { return new URLSearchParams(location.search); }
export function parameter(name) { return parameters().get(name); }

/** What the path says after its beginning. What is no text in an address stands as it is: it names nothing. */
export function nameAfter(beginning) {
  const text = location.pathname.slice(beginning.length);
  try { return decodeURIComponent(text); } catch { return text; }
}

/** An address with some parameters changed; `null` takes one away. */
export function addressWith(changes, base = location.pathname + location.search) {
  const url = new URL(base, location.origin);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  // Spaces as %20, and what a query is made of as it is: so an address can be read.
  const search = url.searchParams.toString().replaceAll("+", "%20").replaceAll("%3A", ":").replaceAll("%2C", ",");
  return url.pathname + (search ? "?" + search : "");
}

/** Changes parameters of this page. Typing replaces the entry of the history, a click makes a new one. */
export function change(changes, { replace = false } = {}) { go(addressWith(changes), { replace }); }

let within = null;

/**
 * A page that shows others within itself says where their addresses lead: `map(address)` returns another address, or `null`
 * for those that leave the page. `null` takes the map away.
 */
export function keepWithin(map) { within = map; }

/** Goes to an address of the console; with `leaves` even if the present page could show it within itself. */
export function go(address, { replace = false, leaves = false } = {}) {
  if (!leaves) address = within?.(address) ?? address;
  if (address === location.pathname + location.search + location.hash) return;
  keepScroll();
  history[replace ? "replaceState" : "pushState"](replace ? history.state : {}, "", address);
  tell("go");
}

/** Calls `listener(reason)` after each change; reason is `go` or `back`. */
export function onAddress(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The scroll position that was kept with this entry of the history. */
export function keptScroll() { return history.state?.scroll ?? 0; }

function keepScroll() { history.replaceState({ ...history.state, scroll: scrollY }, ""); }
function tell(reason) { for (const listener of [...listeners]) listener(reason); }

/** Follows links within the console without loading the page again. Call once. */
export function followLinks() {
  history.scrollRestoration = "manual";
  addEventListener("popstate", () => tell("back"));
  addEventListener("pagehide", keepScroll);
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    // A link in a drawing has no parts of an address as properties: they are read from its attributes.
    const url = new URL(link.getAttribute("href"), location.href);
    if (link.getAttribute("target") || link.hasAttribute("download") || url.origin !== location.origin) return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    go(url.pathname + url.search + url.hash, { leaves: !link.closest("[data-within]") });
  });
}
