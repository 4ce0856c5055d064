// The form of a rule, generated from what the server says of the grammar. It and the text are one: the form writes the
// text, and follows it when somebody types there.
import { fill, h, visible } from "/console/shell/dom.js";
import { needed, problemOf } from "./forms.js";
import { argumentField, choice, field, matchField, rateField, textInput } from "./fields.js";
import { writeRule } from "./rule.js";

/** `catalogue` is `{kinds, options, services}`. `changed(text)`: the rule as the form has it now. `lit(name)`: a field has the focus. */
export function ruleForm(catalogue, changed, lit) {
  const element = h("div", { class: "fields", on: {
    focusin: event => lit(event.target.closest("[data-field]")?.dataset.field ?? null), focusout: () => lit(null) } });
  let rule = null;
  let kind = null;
  let shape = "";
  let fields = [];
  let another = null;
  /** The conditions, also those that have no value yet and so no place in the text. */
  let rows = [""];

  function value(name) { return rule.options.find(option => option.name === name)?.value ?? ""; }
  function write() { changed(writeRule(rule)); }
  function setOption(name, text) {
    rule.options = [...rule.options.filter(option => option.name !== name), { name, value: text }];
    write();
  }
  function setRow(index, text) {
    rows[index] = text;
    rule.options = [...rule.options.filter(option => option.name !== "match"), ...filled().map(value => ({ name: "match", value }))];
    write();
  }
  function filled() { return rows.filter(Boolean); }
  function removeRow(index) {
    const [gone] = rows.splice(index, 1);
    if (rows.length === 0) rows = [""];
    build();
    if (gone) setRow(0, rows[0]);
    element.querySelector('[data-field^="match"] input:not([hidden])').focus();
  }
  function addRow() {
    rows.push("");
    build();
    element.querySelector(`[data-field="match ${rows.length - 1}"] select`).focus();
  }

  function build() {
    const isRequest = kind?.scope !== "service";
    const able = kind?.services ?? catalogue.services.map(service => service.name);
    const service = choice([...able.map(name => [name, name]), ["*", able.length > 1 ? "every service that can" : "*"]], name => {
      rule.service = name;
      if (rule.operation && !operations(name).includes(rule.operation)) rule.operation = "";
      build();
      write();
    });
    fields = [field("service", "service", "", [service], { show: service.show })];
    if (isRequest) {
      const operation = choice([["", "every operation"], ...operations(rule.service).map(name => [name, name])],
        name => { rule.operation = name; write(); });
      fields.push(field("operation", "operation", "", [operation], { show: operation.show }));
    }
    const argument = kind && argumentField(kind, catalogue.services.filter(service => service.name !== rule.service), text => {
      rule.argument = text;
      write();
    });
    if (argument) fields.push(argument);
    for (const option of catalogue.options) {
      if (option.name === "rate" && isRequest) fields.push(rateField(option, text => setOption("rate", text)));
      else if (option.name === "match" && isRequest) fields.push(...matchFields(option));
      else if (option.name !== "rate" && option.name !== "match") {
        const input = textInput(option.example, text => setOption(option.name, text));
        fields.push(field(option.name, option.name, hints[option.name] ?? option.summary, [input],
          { show(text) { input.value = text; } }));
      }
    }
    const rare = fields.filter(field => ["id", "seed"].includes(field.name));
    const more = h("details", { class: "wide-field", open: rare.some(field => value(field.name)) },
      h("summary", { class: ["small", "soft"] }, "name and seed"), h("div", { class: "fields" }, rare.map(field => field.element)));
    fill(element, fields.filter(field => !rare.includes(field)).map(field => field.element), rare.length > 0 && more);
    shape = shapeOf();
    take();
  }
  function matchFields(option) {
    const list = rows.map((_, index) => matchField(index, option.keys ?? ["guild_id"], text => setRow(index, text),
      rows.length > 1 && (() => removeRow(index))));
    another = h("span", { hidden: true }, h("button", { type: "button", class: ["link", "small"], on: { click: addRow } }, "and another condition"));
    list.at(-1).element.append(another);
    return list;
  }
  function operations(service) {
    const able = kind?.services ?? catalogue.services.map(service => service.name);
    const of = catalogue.services.filter(({ name }) => service === name || (service === "*" && able.includes(name)));
    const names = [...new Set(of.flatMap(service => service.operations))];
    return kind?.operation ? names.filter(name => name === kind.operation) : names;
  }
  /** What the form is made of: it is made again only if this changes, so that the focus stays. */
  function shapeOf() {
    return [kind?.name, rule.service, rows.length].join(" ");
  }
  function take() {
    if (another) another.hidden = rows.includes("");
    for (const field of fields) {
      const match = /^match (\d+)$/.exec(field.name);
      field.take(match ? rows[match[1]] ?? "" : rule[field.name] ?? value(field.name));
    }
  }

  return {
    element,
    show(next) {
      rule = { ...next, options: next.options.map(option => ({ ...option })) };
      kind = catalogue.kinds.find(kind => kind.name === rule.kind) ?? null;
      const matches = rule.options.filter(option => option.name === "match").map(option => option.value);
      if (matches.join("\n") !== filled().join("\n")) rows = matches.length ? matches : [""];
      if (shapeOf() !== shape) build(); else take();
    },
    /** What is surely wrong, by the names of parts. */
    problems() {
      const found = new Map();
      if (kind?.argument.required && rule.argument === "") {
        found.set("argument", `${capital(needed[kind.argument.form] ?? "A value")} is needed, such as ${kind.argument.example}.`);
      } else if (kind) {
        const text = kind.argument.form === "status" ? rule.argument.split(":")[0] : rule.argument;
        const problem = problemOf(kind.argument.form, text);
        if (problem) found.set("argument", problem);
      }
      for (const { name, value } of rule.options) {
        const option = catalogue.options.find(option => option.name === name);
        const problem = option && problemOf(option.form, value);
        if (problem) found.set(name, problem);
      }
      return found;
    },
    /** Shows problems at their fields; returns those that no field has. */
    mark(problems) {
      for (const field of fields) field.mark(problems.get(field.name) ?? null);
      return [...problems].filter(([name]) => !fields.some(field => field.name === name));
    },
  };
}

const hints = { from: "after it is set, else at once", for: "at most a day, else for ever",
  id: "else made of where and what", seed: "else the services’ own" };

function capital(text) { return visible(text[0].toUpperCase() + text.slice(1)); }
