// What is asked: a kind of request, and what of it is one's own choice. The address holds it.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { bodyOf, kindOf, kinds, usualSize, workloads } from "./kinds.js";

/** `changed(asked)`: something was chosen or typed. `send()`, `commands(button)`: the buttons. */
export function requestForm({ changed, send, commands }) {
  const radios = kinds.map(kind => h("input", { type: "radio", name: "kind", value: kind.name, on: { change: choose } }));
  const choices = h("div", { class: "send-kinds", role: "radiogroup", "aria-label": "Kind of request" },
    kinds.map((kind, index) => h("label", { class: "choice" }, radios[index], h("span", { class: "grow" }, kind.label),
      h("span", { class: ["small", "faint"] }, kind.expected[0] ?? "any"))));
  const guild = h("input", { type: "text", placeholder: "any of 16", spellcheck: "false", autocomplete: "off", on: { input: write } });
  const workload = h("select", { on: { change: () => { fitSize(); write(); } } }, h("option", { value: "" }, "any"),
    workloads.map(name => h("option", { value: name }, name)));
  const size = h("input", { type: "text", inputmode: "numeric", autocomplete: "off", on: { input: write } });
  const sizeProblem = h("span", { class: "problem", id: "size-problem", role: "alert", hidden: true });
  const body = h("textarea", { rows: 6, spellcheck: "false", autocapitalize: "off", on: { input: write } });
  const bodyProblem = h("span", { class: ["small", "soft"], hidden: true });
  const labelled = (text, control, ...more) => h("label", { class: "field" }, h("span", { class: "label" }, text), control, more);
  const places = { guild: labelled("guild", guild), workload: [labelled("workload", workload), labelled("size", size, sizeProblem)],
    body: labelled("body", body, bodyProblem) };
  const fields = h("div", { class: "send-fields" });
  const button = h("button", { class: "primary" }, icon("send"), "Send", h("kbd", { class: ["key", "wide"] }, "s"));
  const as = h("button", { type: "button", class: "quiet", "aria-haspopup": "dialog", on: { click: () => commands(as) } }, icon("copy"), "As a command");
  const element = h("form", { class: ["card", "send-form"], "aria-label": "Send one task", novalidate: true, on: {
    submit: event => { event.preventDefault(); if (check()) send(); },
    keydown: event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) element.requestSubmit(); } } },
  h("header", {}, h("h2", {}, "Send one task"), h("span", { class: ["small", "soft", "cut"] }, "through the gateway, as a client would")),
  h("div", { class: "body" }, choices, fields, h("div", { class: "row" }, button, as)));
  let asked = null;

  function choose(event) {
    // Who writes a body of their own begins with the one of the kind before.
    if (event.target.value === "custom" && !asked.body) body.value = JSON.stringify(JSON.parse(bodyOf(asked)), null, 2);
    write();
  }
  function fitSize() { size.value = workload.value ? String(usualSize(workload.value)) : ""; }
  function write() {
    asked = { kind: radios.find(radio => radio.checked)?.value ?? kinds[0].name, guild: guild.value.trim(), workload: workload.value,
      size: size.value.trim(), body: body.value };
    draw();
    changed(asked);
  }
  function draw() {
    const { takes } = kindOf(asked.kind);
    const key = takes.join();
    if (fields.dataset.takes !== key) {
      fields.dataset.takes = key;
      fill(fields, takes.map(name => places[name]));
      fields.hidden = takes.length === 0;
    }
    size.disabled = !workload.value;
    check();
  }
  /** Whether it can be sent. */
  function check() {
    const isWrong = kindOf(asked.kind).takes.includes("workload") && asked.workload !== "" && asked.size !== ""
      && !(/^\d+$/.test(asked.size) && Number(asked.size) >= 1 && Number(asked.size) <= 5_000_000);
    sizeProblem.hidden = !isWrong;
    fill(sizeProblem, `“${visible(asked.size)}” is no size. Write 1 to 5000000.`);
    if (isWrong) { size.setAttribute("aria-invalid", "true"); size.setAttribute("aria-describedby", sizeProblem.id); }
    else { size.removeAttribute("aria-invalid"); size.removeAttribute("aria-describedby"); }
    button.disabled = isWrong;
    bodyProblem.hidden = true;
    try { JSON.parse(asked.body || "null"); } catch {
      bodyProblem.hidden = false;
      fill(bodyProblem, "This is no JSON. It is sent as it is.");
    }
    return !isWrong;
  }

  return {
    element,
    get asked() { return asked; },
    show(next) {
      asked = { ...next };
      for (const radio of radios) radio.checked = radio.value === kindOf(asked.kind).name;
      for (const [control, value] of [[guild, asked.guild], [workload, asked.workload], [size, asked.size], [body, asked.body]]) {
        if (control !== document.activeElement && control.value !== value) control.value = value;
      }
      draw();
    },
  };
}
