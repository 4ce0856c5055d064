// The tools' upper part: one of three pages. Each keeps what it had in the address while another one is shown.
import { addressWith, change, parameter, parameters } from "/console/shell/address.js";
import { fill, h } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { shared, tabPages, toTrace } from "./inside.js";

/** A trace opens below the lines. */
function traceAddress(id, span = null) { return addressWith({ ...toTrace(id, { span }), view: "tools" }); }

export function tabs(app, { onCite }) {
  const panel = h("div", { class: "desk-panel", role: "tabpanel", id: "desk-panel", tabindex: "-1" });
  const buttons = tabPages.map(({ tab, name }) => h("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": panel.id,
    on: { click: () => choose(tab), keydown: arrows } }, name));
  const element = h("div", { class: "desk-upper", data: { within: "" } },
    h("div", { class: "desk-tabs" }, h("div", { role: "tablist", "aria-label": "Tools", class: "tabs" }, buttons)), panel);
  const citeLine = line => h("button", { type: "button", on: { click: () => onCite(line.key) } }, icon("pin"), "Cite this line");
  // Reading a page's module takes a while; what it resolves to mounts the page at once.
  const pages = {
    logs: async () => {
      const { mountLogs } = await import("/console/logs/logs.js");
      return (root, app) => mountLogs(root, app, { traceAddress, scroller: panel, isCompact: true, more: citeLine });
    },
    traces: async () => {
      const { mount } = await import("/console/traces/traces.js");
      return (root, app) => mount(root, app, { scroller: panel });
    },
    overview: async () => (await import("/console/overview/overview.js")).mount,
  };
  const kept = new Map();
  let shown = null;
  let mounted = null;
  let number = 0;

  const current = () => tabPages.find(page => page.tab === parameter("tab"))?.tab ?? "logs";

  /** The parameters of the page in the tab, which another tab has no use for. */
  function own() { return Object.fromEntries([...parameters()].filter(([name]) => !shared.includes(name))); }

  /** Changes for another tab: what the present one has goes, what that one had comes, and `changes` win. */
  function completed(changes) {
    const tab = changes.tab ?? current();
    if (tab === current()) return changes;
    const gone = Object.fromEntries(Object.keys(own()).map(name => [name, null]));
    return { ...gone, ...(kept.get(tab) ?? {}), ...changes };
  }
  function choose(tab) { change(completed({ tab })); }
  function arrows(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (buttons.indexOf(event.currentTarget) + step + buttons.length) % buttons.length;
    choose(tabPages[next].tab);
    buttons[next].focus();
  }

  async function mount(tab) {
    const mine = ++number;
    mounted?.end?.();
    mounted = null;
    shown = tab;
    app.box.use(null);
    app.box.set("");
    const root = h("div", { class: ["page", "in-desk"] });
    fill(panel, root);
    // The title and the place of the box are the whole view's.
    const inner = Object.create(app, { title: { value() {} }, placeAsk: { value() {} } });
    try {
      const mountPage = await pages[tab]();
      if (mine !== number) return;
      mounted = mountPage(root, inner) ?? {};
      // The tab is the heading here, and the whole view has a title.
      for (const title of root.querySelectorAll("h1.aloud")) title.remove();
    } catch (error) {
      fill(root, h("div", { class: "empty" }, h("p", {}, error.message)));
    }
  }

  let last = "";
  return {
    element, completed,
    ask(tab, query) {
      change(completed({ tab, query, line: null, view: "tools" }));
      mounted?.update?.("run");
    },
    update(reason) {
      const tab = current();
      kept.set(tab, own());
      buttons.forEach((button, index) => {
        const isShown = tabPages[index].tab === tab;
        button.setAttribute("aria-selected", String(isShown));
        button.tabIndex = isShown ? 0 : -1;
        if (isShown) panel.setAttribute("aria-labelledby", button.id);
      });
      // What is chosen in the trace below does not concern this page; the trace itself does: its row is marked.
      const state = JSON.stringify([own(), parameter("from"), parameter("to"), parameter("trace")]);
      const isSame = state === last;
      last = state;
      if (tab !== shown) mount(tab);
      else if (!isSame || reason === "run") mounted?.update?.(reason);
    },
    end() { number++; mounted?.end?.(); app.box.use(null); },
  };
}
