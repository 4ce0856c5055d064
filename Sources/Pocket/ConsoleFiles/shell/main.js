// Starts the console: the frame, and in it the page that the address names.
import { addressWith, change, followLinks, go, keptScroll, onAddress, path } from "./address.js";
import { get, Latest, onReach } from "./api.js";
import { fill, h, visible } from "./dom.js";
import { frame } from "./frame.js";
import { icon } from "./icons.js";
import { bind, listenToKeys, showKeys } from "./keys.js";
import { live } from "./live.js";
import { canGoBack, keptRange, rangeBack } from "./range.js";
import { closeSheet } from "./sheet.js";

/** `under` names the page in the bar that another one belongs to. */
const pages = [
  { path: "/", name: "Overview", icon: "overview", key: "o", load: () => import("/console/overview/overview.js") },
  { path: "/logs", name: "Logs", icon: "logs", key: "l", load: () => import("/console/logs/logs.js") },
  { path: "/traces", name: "Traces", icon: "traces", key: "t", load: () => import("/console/traces/traces.js") },
  { path: "/send", name: "Send", icon: "send", key: "s", load: () => import("/console/send/send.js") },
  { path: "/faults", name: "Faults", icon: "faults", key: "f", load: () => import("/console/faults/faults.js") },
  { path: "/incidents", name: "Incidents", icon: "incidents", key: "i", load: () => import("/console/incidents/incidents.js") },
];
const others = [
  { begins: "/trace/", under: "/traces", name: "Trace", load: () => import("/console/trace/trace.js") },
  { begins: "/compare", under: "/traces", name: "Compare", load: () => import("/console/traces/compare.js") },
  { begins: "/incidents/", under: "/incidents", name: "Incident", load: () => import("/console/incidents/incident.js") },
  { begins: "/exercises", under: "/incidents", name: "Exercises", load: () => import("/console/exercises/exercises.js") },
];

const shell = frame(pages, run, () => show("zone"));
const finding = new Latest();
document.getElementById("app").append(shell.element);
followLinks();
listenToKeys();
onAddress(show);

bind([
  { key: "/", name: "To the box", run: () => shell.box.focus() },
  ...pages.map(page => ({ key: `g ${page.key}`, name: page.name, run: () => go(addressWith(keptRange(), page.path), { leaves: true }) })),
  { key: "r", name: "Back to the range before", run: () => { if (canGoBack()) rangeBack(); } },
  { key: " ", name: "Live, and pause", run: () => shell.toggleLive() },
  { key: "t", name: "Light, dark, as the system", run: () => shell.changeTheme() },
  { key: "?", name: "These keys", run: showKeys },
]);

/** What a page gets: the box, and where the box stands. */
const app = {
  box: shell.box,
  placeAsk: place => shell.placeAsk(place),
  title(text) { document.title = `${visible(text)} · Tailspan`; },
  state: null,
  onState(watcher) { stateWatchers.add(watcher); if (app.state) watcher(app.state); return () => stateWatchers.delete(watcher); },
};
const stateWatchers = new Set();

// MARK: The page in view

let current = null;
let mounted = null;
let number = 0;

function pageOf(path) {
  return pages.find(page => page.path === path) ?? others.find(page => path.startsWith(page.begins));
}

/**
 * A page's module exports `mount(root, app)`, which returns `{update(reason), end()}`: `update` is called when only the
 * parameters (or what follows a beginning such as `/trace/`) have changed.
 */
async function show(reason) {
  // Whoever went elsewhere is not taken away by what was looked for before.
  finding.stop();
  const page = pageOf(path());
  shell.refresh(page);
  // Also where nothing is loaded: what another address is loading must not come after it.
  const mine = ++number;
  if (page && page === current && mounted && reason !== "zone") return mounted.update?.(reason);
  const module = page ? await page.load().catch(error => ({ error })) : { error: new Error(`There is no page ${path()}.`) };
  if (mine !== number) return;
  closeSheet();
  mounted?.end?.();
  // What was read on the page before holds nothing back on this one.
  if (page !== current && live.isPaused) live.resume();
  shell.placeAsk(null);
  shell.box.use(null);
  shell.box.set("");
  current = page;
  mounted = null;
  const root = h("div", { class: "page" });
  fill(shell.main, root);
  app.title(page?.name ?? "No such page");
  if (module.error) {
    fill(root, h("div", { class: "empty" }, h("h1", {}, "This page cannot be shown"), h("p", {}, module.error.message),
      h("a", { class: "button", href: "/" }, "Overview")));
    return;
  }
  mounted = module.mount(root, app) ?? {};
  if (reason === "go") { scrollTo(0, 0); shell.main.focus({ preventScroll: true }); }
  // What stood there comes back once the page has its rows.
  if (reason === "back") for (const wait of [0, 150, 500]) setTimeout(() => { if (mine === number) scrollTo(0, keptScroll()); }, wait);
}

// MARK: The box

async function run(found) {
  shell.box.refuse(null);
  finding.stop();
  if (/^\/(incidents|exercises)\//.test(path()) && mounted?.run) return mounted.run(found);
  switch (found.kind) {
    case "logql": return goOrChange("/logs", found.text);
    case "traceql": return goOrChange("/traces", found.text);
    case "trace": case "words": return find(found);
  }
}

function goOrChange(page, query) {
  const changes = { query, line: null };
  if (path() === page) { change(changes); mounted?.update?.("run"); } else go(addressWith({ ...keptRange(), ...changes }, page));
}

async function find(found) {
  if (found.kind === "trace" && found.text.length === 32) return go(`/trace/${found.text}`);
  try {
    const answer = await finding.run(signal => get("/console/api/find", { text: found.text }, signal));
    if (!answer) return;
    if (answer.ids.length === 1) return go(`/trace/${answer.ids[0]}`);
    if (answer.ids.length > 1) return go(`/trace/${found.text}`);
    if (found.kind === "words") return goOrChange("/logs", `{service=~".+"} |= ${JSON.stringify(found.text)}`);
    go(`/trace/${found.text}`);
  } catch (error) {
    shell.box.refuse(error);
  }
}

// MARK: The state of the environment

async function look() {
  try {
    app.state = await get("/console/api/state");
    shell.show(app.state);
    for (const watcher of [...stateWatchers]) watcher(app.state);
  } catch { /* The line above the page says that the server is gone. */ }
  // After the answer, so that slow ones do not pile up.
  setTimeout(next, 2000);
}
function next() { if (document.hidden) setTimeout(next, 2000); else look(); }
look();
// What a page asked for while the server was gone, it asks for again.
onReach(isReached => { if (isReached) mounted?.update?.("run"); });

show("load");
