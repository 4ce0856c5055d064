// The split view: a text on the left, the console's tools on the right. What the tools show is in the address, as on their
// own pages: `tab`, `query`, the range, `trace`, `span`.
import { styles } from "/console/shell/styles.js";
import { addressWith, change, keepWithin, parameter } from "/console/shell/address.js";
import { get, Latest } from "/console/shell/api.js";
import { fill, h } from "/console/shell/dom.js";
import { splitBorder } from "./split.js";
import { inside, toTrace } from "./inside.js";
import { tabs } from "./tabs.js";
import { tracePane } from "./trace-pane.js";

styles("/console/incidents/desk.css");

/** `name` is what the left part is called. `onCite(cite)` is told what is to be pinned. */
export function desk(root, app, { name, onCite }) {
  const text = h("section", { class: "desk-text", "aria-label": name });
  const body = h("div", { class: "desk-body" });
  const tools = h("section", { class: "desk-tools", "aria-label": "The tools" }, body);
  const button = (view, label) => h("button", { type: "button", on: { click: () => change({ view }) } }, label);
  const sides = [button(null, name), button("tools", "Tools")];
  const element = h("div", { class: "desk" }, text,
    splitBorder(root, { name: "desk-text", label: `Width of “${name}”`, usual: 31, least: 22, most: 60, isUpright: true }), tools,
    h("div", { class: ["segments", "desk-switch"], role: "group", "aria-label": "What is shown" }, sides));
  fill(root, element);
  app.placeAsk(tools);
  const finding = new Latest();

  const lower = tracePane(app, { onCite });
  const upper = tabs(app, { onCite });
  const border = splitBorder(body, { name: "desk-lines", label: "Height of the lines", usual: 42 });
  fill(body, upper.element, border, lower.element);

  // What leads to one of the tools' pages stays here, but for the trace that is shown: that opens its own page.
  keepWithin(address => {
    const changes = inside(address);
    const isShown = changes?.trace && changes.trace === parameter("trace");
    return changes && !isShown ? addressWith(upper.completed(changes)) : null;
  });

  function draw(reason) {
    const id = parameter("trace");
    body.classList.toggle("has-trace", Boolean(id));
    border.hidden = !id;
    const isTools = parameter("view") === "tools";
    element.classList.toggle("shows-tools", isTools);
    sides.forEach((side, index) => side.setAttribute("aria-pressed", String(isTools === (index === 1))));
    upper.update(reason);
    lower.update(reason);
  }

  async function run(found) {
    app.box.refuse(null);
    finding.stop();
    if (found.kind === "logql") return upper.ask("logs", found.text);
    if (found.kind === "traceql") return upper.ask("traces", found.text);
    if (found.kind === "trace" && found.text.length === 32) return showTrace(found.text);
    try {
      const answer = await finding.run(signal => get("/console/api/find", { text: found.text }, signal));
      if (!answer) return;
      if (answer.ids.length > 0) showTrace(answer.ids.length === 1 ? answer.ids[0] : found.text);
      else if (found.kind === "trace") showTrace(found.text);
      else upper.ask("logs", `{service=~".+"} |= ${JSON.stringify(found.text)}`);
    } catch (error) {
      app.box.refuse(error);
    }
  }
  function showTrace(id) { change({ ...toTrace(id), view: "tools" }); }

  draw("load");
  return {
    text, run,
    update: draw,
    /** Asks the tools a query. */
    ask: (tab, query) => upper.ask(tab, query),
    /** What can be cited: the trace that is shown, the line that is open. */
    chosen: () => [parameter("trace"), parameter("line")].filter(cite => cite),
    /** Brings what was cited into view. */
    showCited(cite) {
      if (/^[0-9a-f]{32}$/.test(cite)) showTrace(cite);
      else change(upper.completed({ tab: "logs", line: cite, view: "tools" }));
    },
    end() { keepWithin(null); finding.stop(); upper.end(); lower.end(); },
  };
}
