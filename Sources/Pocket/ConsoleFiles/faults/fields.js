// The fields of the form: each has a name (that of its part in the rule), a label, a hint, and room for its own problem.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { distributions } from "./forms.js";
import { quoted, unquoted } from "./rule.js";

let number = 0;

/** A field around controls. `show(text)` puts a value in, unless somebody types there; `mark(problem)` says what is wrong. */
export function field(name, label, hint, controls, { show, wide = false }) {
  const id = `field-${++number}`;
  const main = controls[0];
  main.id = id;
  const problem = h("span", { class: ["problem", "row"], id: `${id}-problem`, role: "alert", hidden: true });
  const element = h("div", { class: ["field", wide && "wide-field"], data: { field: name } },
    h("span", { class: ["row", "apart"] }, h("label", { class: "label", for: id }, label),
      hint && h("span", { class: ["hint", "small", "faint", "cut"], title: hint }, hint)),
    h("span", { class: "row" }, controls), problem);
  return {
    name, element,
    take(value) { if (!element.contains(document.activeElement)) show(value); },
    mark(text) {
      problem.hidden = !text;
      if (text) fill(problem, icon("error"), h("span", {}, visible(text)));
      for (const control of controls) {
        if (!control.matches("input:not([type=range])")) continue;
        if (text) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
        if (text) control.setAttribute("aria-describedby", problem.id); else control.removeAttribute("aria-describedby");
      }
    },
  };
}

export function textInput(placeholder, typed, properties = {}) {
  return h("input", { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    placeholder: placeholder ?? "", on: { input: event => typed(event.target.value.trim()) }, ...properties });
}

/** `choices` are `[value, text]`. A value that is not among them is shown all the same, as it may be what is wrong. */
export function choice(choices, chosen, label) {
  const select = h("select", { "aria-label": label, on: { change: () => chosen(select.value) } },
    choices.map(([value, text]) => h("option", { value }, visible(text))));
  select.show = value => {
    if (![...select.options].some(option => option.value === value)) select.append(h("option", { value }, visible(value)));
    select.value = value;
  };
  return select;
}

/** The argument of a kind, in controls that fit its form. */
export function argumentField(kind, services, changed) {
  const { form, required, example } = kind.argument;
  const hint = required ? "" : example ? `else ${example}` : "";
  switch (form) {
    case "none": return null;
    case "status": {
      const status = textInput(example ?? "503", write, { inputmode: "numeric", class: "short" });
      const message = textInput("its reason phrase", write, { "aria-label": "message" });
      function write() {
        const text = message.value.trim();
        changed(text ? `${status.value.trim() || example || "503"}:${quoted(text)}` : status.value.trim());
      }
      return field("argument", "status and message", "400 to 599", [status, message], { wide: true, show(value) {
        const colon = value.indexOf(":");
        status.value = colon < 0 ? value : value.slice(0, colon);
        message.value = colon < 0 ? "" : unquoted(value.slice(colon + 1));
      } });
    }
    case "upstream": {
      const select = choice([["", "every one that it calls"], ...services.map(({ name }) => [name, name])], changed);
      return field("argument", "upstream", "", [select], { show: select.show });
    }
    case "distribution": {
      const input = textInput(example, changed);
      const shape = choice(Object.entries(distributions).map(([name, text]) => [text, name]), text => {
        input.value = text;
        changed(text);
      }, "distribution");
      shape.className = "short";
      return field("argument", "delay", "at most 1m", [input, shape], { wide: true, show(value) {
        input.value = value;
        const name = /^\s*(\w+)\s*\(/.exec(value)?.[1] ?? "one delay";
        shape.value = distributions[name] ?? distributions["one delay"];
      } });
    }
    default: {
      const input = textInput(example, changed);
      return field("argument", names[form] ?? "argument", hint, [input], { show(value) { input.value = value; } });
    }
  }
}

const names = { "duration": "how long", "signed-duration": "by how much", "percent": "share", "count": "how many",
  "size": "size", "size-rate": "speed", "name": "name" };

/** The share of requests: a slider, and a field for the exact value. */
export function rateField(option, changed) {
  const slider = h("input", { type: "range", min: 1, max: 100, step: 1, "aria-label": "rate, in per cent",
    on: { input: () => { input.value = `${slider.value}%`; changed(slider.value === "100" ? "" : input.value); } } });
  const input = textInput("100%", text => { follow(text); changed(text); }, { class: "short", "aria-label": "rate" });
  function follow(text) {
    const value = text === "" ? 100 : parseFloat(text) * (text.endsWith("%") ? 1 : 100);
    if (Number.isFinite(value)) slider.value = String(value);
  }
  return field("rate", "rate", "decided by their trace ids", [input, slider], { wide: true, show(value) {
    input.value = value;
    follow(value);
  } });
}

/** One condition on a request: what is compared, and its value. */
export function matchField(index, keys, changed, remove) {
  const key = choice([...keys.map(key => [key, key]), ["baggage.", "baggage"]], write, "what is compared");
  key.className = "short";
  const entry = textInput("name", write, { class: "short", hidden: true, "aria-label": "name in the baggage" });
  const value = textInput("", write, { "aria-label": "value" });
  const away = h("button", { type: "button", class: ["quiet", "only-icon"], "aria-label": "Take this condition away",
    title: "Take this condition away", hidden: !remove, on: { click: () => remove() } }, icon("close"));
  const hints = { guild_id: "g-7 or g-*", workload: "sort", mode: "async", task_id: "id of a task", request_id: "16 digits" };
  function write() {
    look();
    const name = key.value === "baggage." ? `baggage.${entry.value.trim()}` : key.value;
    changed(value.value.trim() === "" ? "" : `${name}:${quoted(value.value.trim())}`);
  }
  function look() {
    entry.hidden = key.value !== "baggage.";
    value.placeholder = hints[key.value] ?? "value";
  }
  look();
  return field(`match ${index}`, index === 0 ? "only where" : "and where", index === 0 ? "else every request" : "",
    [key, entry, value, away], { wide: true, show(text) {
      const colon = text.indexOf(":");
      const name = colon < 0 ? text : text.slice(0, colon);
      if (text !== "") {
        if (name.startsWith("baggage.")) { key.value = "baggage."; entry.value = name.slice(8); } else key.show(name);
      }
      value.value = colon < 0 ? "" : unquoted(text.slice(colon + 1));
      look();
    } });
}
