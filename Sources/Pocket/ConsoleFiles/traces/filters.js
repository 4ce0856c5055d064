// The filters: each is one part of the query. Pressing one writes its part anew, its cross takes it away.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { openSheet } from "/console/shell/sheet.js";
import { fieldName, fields, offered, values } from "./fields.js";
import { durationOf, durationText, literal, read, replaced, withCondition, withoutCondition } from "./query.js";

const operatorWords = { "=": "", "!=": "not ", "=~": "like ", "!~": "not like ", ">": "> ", ">=": "≥ ", "<": "< ", "<=": "≤ " };
const isDuration = field => field === "traceDuration" || field === "duration";
/** A duration's condition is told in words: slower or faster than. */
const limitWord = ({ field, operator }) => !isDuration(field) ? null : operator.startsWith(">") ? "slower than" : operator.startsWith("<")
  ? "faster than" : null;

/** The parts of a query for the box: a name each, so that a filter can light its own. */
export function boxParts(text) {
  const found = read(text);
  return found ? found.conditions.map((part, index) => ({ start: part.start, end: part.end, name: `part${index}`, quiet: !part.field }))
    : [];
}

/** `text()` is the present query, `write(text)` runs another one, `light(name)` lights a part of the box. */
export function filters({ text, write, light }) {
  const element = h("div", { class: "filters", role: "group", "aria-label": "Filters: each writes its part of the query above" });

  function show(query) {
    const conditions = read(query)?.conditions ?? [];
    const set = conditions.map((part, index) => part.field ? chip(part, `part${index}`) : null);
    const free = offered.filter(({ field }) => !conditions.some(part => part.field === field));
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.field : null;
    fill(element, set, free.map(({ field, name }) => absent(field, name)),
      h("button", { type: "button", class: ["filter", "absent"], data: { field: "other" },
        on: { click: event => other(event.currentTarget) } }, icon("plus"), "other attribute"));
    if (focused) element.querySelector(`[data-field="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function chip(part, name) {
    const word = limitWord(part);
    const label = word ? (part.field === "duration" ? "span " : "") + word : fieldName(part.field);
    const shown = visible((word ? "" : operatorWords[part.operator]) + part.values.join(" or "));
    const value = h("button", { type: "button", class: "value", data: { field: part.field }, title: "Choose another value",
      on: { click: event => choose(event.currentTarget, part.field, part) } }, h("span", { class: "name" }, label), " ",
        h("span", { class: "cut" }, shown));
    return h("span", { class: ["filter", "set"], data: { part: name },
      on: { pointerenter: () => light(name), pointerleave: () => light(null) } }, value,
      h("button", { type: "button", class: "away", "aria-label": `Take away the filter ${label} ${shown}`,
        on: { click: () => write(withoutCondition(text(), part)) } }, icon("close")));
  }

  function absent(field, name) {
    return h("button", { type: "button", class: ["filter", "absent"], data: { field },
      on: { click: event => choose(event.currentTarget, field) } }, icon("plus"), name);
  }

  /** Writes a condition: in place of `part`, or as one more. */
  function put(condition, part) { write(part ? replaced(text(), part, condition) : withCondition(text(), condition)); }

  function choose(anchor, field, part) {
    openSheet(anchor, close => {
      const done = condition => { close(); put(condition, part); };
      return isDuration(field) ? durations(field, part, done) : valueList(field, part, done);
    }, { name: fieldName(field) });
  }

  function other(anchor) {
    openSheet(anchor, close => {
      const list = h("div", { class: "choices" }, h("p", { class: ["small", "faint"] }, "Reading the fields …"));
      const search = h("input", { type: "search", placeholder: "attribute", "aria-label": "Look for an attribute", autocomplete: "off",
        spellcheck: "false" });
      let all = [];
      const draw = () => {
        const found = all.filter(name => name.includes(search.value.trim()));
        fill(list, found.slice(0, 60).map(name => h("button",
          { type: "button", class: "quiet", on: { click: () => { close(); choose(anchor, name); } } }, h("code", {}, visible(name)))),
          found.length === 0 ? h("p", { class: ["small", "faint"] }, "No attribute has this in its name.") : null);
      };
      search.addEventListener("input", draw);
      fields().then(found => { all = found; draw(); }, error => fill(list, h("p", { class: ["small", "error-text"] }, error.message)));
      return h("div", { class: "chooser" }, search, list);
    }, { name: "Other attribute" });
  }
  return {
    element, show,
    /** Lights the filter whose part is pointed at in the box. */
    light(name) { for (const chip of element.children) chip.classList.toggle("lit", name !== null && chip.dataset.part === name); },
  };
}

/** The values of a field that were seen, and a field for any other. */
function valueList(field, part, done) {
  let isNot = part?.operator === "!=";
  const list = h("div", { class: "choices" }, h("p", { class: ["small", "faint"] }, "Reading the values …"));
  const search = h("input", { type: "search", placeholder: "value", "aria-label": `Value of ${fieldName(field)}`, autocomplete: "off",
    spellcheck: "false" });
  const take = ({ value, type }) => done(`${field} ${isNot ? "!=" : "="} ${literal(field, value, type)}`);
  let all = [];
  const matching = () => all.filter(({ value }) => String(value).toLowerCase().includes(search.value.trim().toLowerCase()));
  const draw = () => {
    const found = matching();
    fill(list, found.slice(0, 60).map(item => h("button",
      { type: "button", class: "quiet", "aria-pressed": String(part?.values.includes(String(item.value)) ?? false),
      on: { click: () => take(item) } }, visible(item.value))),
    found.length === 0 ? h("p", { class: ["small", "faint"] }, search.value.trim() ? "No such value was seen. Press Enter to use it anyway."
      : "No value was seen in this range.") : null);
  };
  const side = (name, value) => h("button", { type: "button", "aria-pressed": String(isNot === value), on: { click: event => {
    isNot = value;
    for (const button of event.currentTarget.parentNode.children) button.setAttribute("aria-pressed",
      String(button === event.currentTarget));
  } } }, name);
  search.addEventListener("input", draw);
  values(field).then(found => { all = found; draw(); }, error => fill(list, h("p", { class: ["small", "error-text"] }, error.message)));
  return h("form", { class: "chooser", on: { submit: event => {
    event.preventDefault();
    const wanted = search.value.trim();
    if (!wanted) return;
    const seen = matching();
    take(seen.find(({ value }) => String(value) === wanted) ?? (seen.length === 1 ? seen[0]
      : { value: wanted, type: all[0]?.type ?? "string" }));
  } } }, search, h("span", { class: "segments", role: "group", "aria-label": "Comparison" }, side("is", false), side("is not", true)),
    list);
}

/** How long it takes at least. */
function durations(field, part, done) {
  const problem = h("p", { class: ["small", "error-text"], role: "alert", hidden: true });
  const operator = part && limitWord(part) ? part.operator : ">";
  const word = limitWord({ field, operator });
  const input = h("input", { type: "text", value: part?.values[0] ?? "", placeholder: "20ms",
    "aria-label": word[0].toUpperCase() + word.slice(1), autocomplete: "off", spellcheck: "false" });
  return h("form", { class: "chooser", on: { submit: event => {
    event.preventDefault();
    const ns = durationOf(input.value);
    input.setAttribute("aria-invalid", String(ns === null));
    problem.hidden = ns !== null;
    if (ns === null) return void fill(problem, `“${input.value}” is no duration. Write 500us, 20ms or 1.5s.`);
    done(`${field} ${operator} ${durationText(ns)}`);
  } } }, h("div", { class: "row" }, input, h("button", { class: "primary" }, "Apply")), problem,
  h("div", { class: ["row", "wrap"] }, ["1ms", "10ms", "50ms", "100ms", "500ms", "1s"].map(text =>
    h("button", { type: "button", on: { click: () => done(`${field} ${operator} ${text}`) } }, text.replace(/(m?s)$/, " $1")))),
  h("p", { class: ["small", "faint"] },
    `The ${field === "traceDuration" ? "whole trace" : "span"} takes ${operator.startsWith(">") ? "longer" : "less"} than this.`));
}
