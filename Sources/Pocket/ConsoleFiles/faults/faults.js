// Faults: the kinds there are, a rule in the making, and what is set.
import { change, parameter } from "/console/shell/address.js";
import { get } from "/console/shell/api.js";
import { absent, isAbsent } from "/console/shell/absent.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { bind } from "/console/shell/keys.js";
import { rangeName } from "/console/shell/range.js";
import { styles } from "/console/shell/styles.js";
import { catalogueList } from "./catalogue.js";
import { ruleEditor } from "./rule-editor.js";
import { parseRule, writeRule } from "./rule.js";
import { isSame } from "./same.js";
import { setList } from "./set-list.js";

styles("/console/faults/faults.css");

const commands = [
  ["tailspan fault kinds", "Lists what can go wrong."],
  ["tailspan fault add 'payments.settle:latency=200ms,rate=30%'", "Sets a rule, with the next request."],
  ["tailspan fault list", "Shows what is set, and how often it took effect."],
  ["tailspan fault clear", "Clears all rules."],
];

export function mount(root, app) {
  app.box.use({});
  const page = h("div", { class: "faults" });
  fill(root, h("h1", { class: "aloud" }, "Faults"), page);
  fill(page, h("div", { class: "card" }, h("div", { class: "waiting" }), h("div", { class: "waiting" })));
  let parts = null;
  let isOver = false;
  let unwatch = null;
  let range = rangeName();
  const concealed = { services: null, state: null };
  const unbind = bind([{ key: "f", name: "Find a kind of fault", run: () => { if (parts && !parts.tools.hidden) parts.kinds.focus(); } }]);
  load();

  async function load() {
    let catalogue;
    try {
      catalogue = await get("/console/control/kinds");
    } catch (error) {
      if (isOver) return;
      if (isAbsent(error)) return fill(page, absent("set faults", commands));
      fill(page, h("div", { class: "empty" }, h("h1", {}, "The kinds of faults cannot be shown"), h("p", {}, visible(error.message)),
        h("button", { type: "button", on: { click: load } }, "Try again")));
    }
    if (!isOver) build(catalogue);
  }

  async function build(catalogue) {
    const list = setList({ edit: text => { write(text); editor.focus(); },
      onState: state => { conceal("services", state); editor.know(state.rules); } });
    const editor = ruleEditor(catalogue, { write, set: state => list.take(state) });
    const kinds = catalogueList(catalogue.kinds, kind => { write(ofKind(kind, parseRule(text()), catalogue)); editor.focus(); });
    const tools = h("div", { class: "fault-tools" }, kinds.element, editor.element, list.element);
    const hidden = h("div", { hidden: true });
    parts = { catalogue, list, editor, kinds, tools, hidden };
    // Nothing is shown before it is known whether it may be.
    await list.look();
    if (isOver) return;
    fill(page, hidden, tools);
    unwatch = app.onState(({ faults }) => {
      conceal("state", { hidden: faults.hidden, incident: faults.incident && { title: faults.incident } });
      list.play(faults.hidden ? null : faults.incident);
    });
    show();
  }

  /** While an incident is to be found out, nothing on this page may name a fault. It is enough if one of those who know says so. */
  function conceal(source, { hidden, incident }) {
    concealed[source] = hidden ? incident ?? {} : null;
    const found = concealed.services ?? concealed.state;
    parts.tools.hidden = Boolean(found);
    parts.hidden.hidden = !found;
    if (!found || isSame(parts.hidden, found)) return;
    fill(parts.hidden, h("div", { class: "empty" }, icon("lock"),
      h("h1", {}, found.title ? `The faults of “${visible(found.title)}” are hidden` : "The faults are hidden"),
      h("p", {}, found.title ? "What goes wrong is for you to find: the faults are shown when the incident’s questions are answered, or it is stopped."
        : "The services keep silent about their faults."),
      h("p", {}, h("a", { class: ["button", "primary"], href: found.name ? `/incidents/${encodeURIComponent(found.name)}` : "/incidents" },
        found.title ? "To the incident" : "Incidents"))));
  }

  // MARK: The rule in the address

  function text() { return parameter("rule") ?? usual(); }
  function usual() {
    const { kinds } = parts?.catalogue ?? { kinds: [] };
    return (kinds.find(kind => kind.name === "error") ?? kinds[0])?.example ?? "";
  }
  function write(text) {
    change({ rule: text }, { replace: true });
    show();
  }
  function show() {
    if (!parts) return;
    parts.editor.show(text());
    parts.kinds.mark(parseRule(text()).kind);
  }
  return {
    update() {
      show();
      if (range !== rangeName()) { range = rangeName(); parts?.list.measure(); }
    },
    end() { isOver = true; unbind(); unwatch?.(); parts?.list.end(); parts?.editor.end(); },
  };
}

/** A rule of another kind, with as much of the present one as fits. */
function ofKind(kind, rule, catalogue) {
  const example = parseRule(kind.example);
  const fits = rule.service === "*" || kind.services.includes(rule.service);
  const service = fits && rule.service ? rule.service : example.service;
  const known = catalogue.services.find(({ name }) => name === service)?.operations ?? [];
  const isRequest = kind.scope !== "service";
  const operation = !isRequest ? "" : kind.operation
    ?? (fits && (known.includes(rule.operation) || service === "*") ? rule.operation : fits ? "" : example.operation);
  const hasSameForm = catalogue.kinds.find(({ name }) => name === rule.kind)?.argument.form === kind.argument.form;
  return writeRule({ service, operation, kind: kind.name,
    argument: hasSameForm && rule.argument ? rule.argument : kind.argument.required ? kind.argument.example : "",
    options: rule.options.filter(option => option.name !== "id" && (isRequest || !["rate", "match"].includes(option.name))) });
}
