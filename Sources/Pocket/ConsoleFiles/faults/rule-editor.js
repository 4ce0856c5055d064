// A rule in the making: the form, the same as text, what the server makes of it, and which of the newest requests it
// would have hit.
import { act, Latest } from "/console/shell/api.js";
import { announce } from "/console/shell/announce.js";
import { copyButton } from "/console/shell/copy.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { needsToken, tokenNotice } from "/console/shell/token.js";
import { ruleForm } from "./editor.js";
import { previewStrip } from "./preview.js";
import { parseRule, partAt } from "./rule.js";
import { ruleText } from "./text.js";

const path = "/console/control/faults";

/** `write(text)`: the rule as it is now; `set(state)`: what the services say once it is set. */
export function ruleEditor(catalogue, { write, set }) {
  const title = h("h2", {});
  const summary = h("span", { class: ["small", "soft", "cut"] });
  const form = ruleForm(catalogue, write, light);
  const text = ruleText(write);
  const copy = copyButton(() => current, { class: "quiet" });
  const problem = h("p", { class: ["problem", "row"], id: "rule-problem", role: "alert", hidden: true });
  const said = h("p", { class: ["said", "small", "soft"] });
  const token = h("div", { hidden: true });
  const strip = previewStrip();
  const button = h("button", { class: "primary" });
  const beside = h("span", { class: ["small", "soft"] });
  const refused = h("div", { class: "notice", role: "alert", hidden: true });
  const element = h("form", { class: ["card", "making"], "aria-label": "A rule in the making", on: {
    submit, keydown: event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit(event); } } } },
  h("header", {}, title, summary), h("div", { class: "body" }, form.element,
    h("div", { class: "as-text" }, h("span", { class: ["small", "soft"] }, "the rule"),
      h("div", { class: "text-place" }, text.element, copy), problem, said),
    token, strip.element,
    h("div", { class: ["row", "wrap"] }, button, beside), refused));
  const checking = new Latest();
  let rule = parseRule("");
  let current = "";
  let lit = null;
  let wrong = [];
  /** `{id, valid}` of the text that stands there; `null` until the server has said so. */
  let checked = null;
  let known = [];
  let timer = null;

  function show(next) {
    if (next === current) return;
    const isFirst = current === "";
    current = next;
    rule = parseRule(current);
    text.show(current);
    form.show(rule);
    const kind = catalogue.kinds.find(kind => kind.name === rule.kind);
    fill(title, h("code", {}, visible(rule.kind || "a rule")));
    fill(summary, visible(kind?.summary ?? "no kind has this name"));
    summary.title = summary.textContent;
    checked = null;
    refused.hidden = true;
    const problems = form.problems();
    mark(problems);
    clearTimeout(timer);
    checking.stop();
    drawButton();
    if (problems.size === 0) timer = setTimeout(check, isFirst ? 0 : 250);
    else fill(said);
  }
  function mark(problems) {
    const homeless = form.mark(problems);
    wrong = [...problems.keys()];
    drawMarks();
    problem.hidden = homeless.length === 0;
    if (homeless.length > 0) fill(problem, icon("error"), h("span", {}, visible(homeless[0][1])));
  }
  function drawMarks() {
    text.mark(rule.parts.map(part => ({ ...part, isWrong: wrong.includes(part.name), isLit: part.name === lit })));
  }
  function light(name) { lit = name; drawMarks(); }

  async function check() {
    clearTimeout(timer);
    const asked = current;
    try {
      const answer = await checking.run(signal => act("POST", `${path}/check`, { rule: asked }, signal, { quietly: true }));
      if (!answer || asked !== current) return;
      token.hidden = true;
      take(answer);
    } catch (error) {
      if (asked !== current) return;
      checked = null;
      if (!needsToken(error)) fill(said, visible(error.message));
      else if (token.hidden) fill(token, tokenNotice(check));
      token.hidden = !needsToken(error);
      drawButton();
    }
    // Requests come in: the strip follows.
    timer = setTimeout(again, 4000);
  }
  function again() { if (document.hidden) timer = setTimeout(again, 4000); else check(); }
  function take(answer) {
    checked = { valid: answer.valid, id: answer.id };
    if (answer.valid) {
      mark(new Map());
      fill(said, visible(answer.explanation));
      const kind = catalogue.kinds.find(kind => kind.name === rule.kind);
      strip.draw(answer.preview ?? [], kind?.scope === "service");
    } else {
      const part = answer.column ? partAt(rule, current, answer.column) : null;
      fill(said);
      mark(new Map([[part?.name ?? "", sentence(answer.problem)]]));
    }
    drawButton();
  }
  function replaced() { return checked?.valid ? known.find(rule => rule.id === checked.id) : undefined; }
  function drawButton() {
    const old = replaced();
    const isSame = old?.rule === current;
    button.disabled = !checked?.valid || isSame;
    fill(button, icon("faults"), old && !isSame ? "Replace the rule" : "Set the rule", h("kbd", { class: ["key", "wide"] }, "Ctrl ↵"));
    fill(beside, isSame ? "This rule is set." : old ? `It takes the place of ${visible(old.rule)}` : "Takes effect with the next request.");
  }

  async function submit(event) {
    event.preventDefault();
    if (!checked?.valid || button.disabled) return;
    const old = replaced();
    button.disabled = true;
    refused.hidden = true;
    try {
      if (old) await act("DELETE", `${path}/${encodeURIComponent(old.id)}`);
      try {
        set(await act("POST", path, { rule: current }));
      } catch (error) {
        // The old rule comes back, so that a refusal changes nothing.
        if (old) set(await act("POST", path, { rule: old.rule }));
        throw error;
      }
      announce("The rule is set");
    } catch (error) {
      refused.hidden = false;
      fill(refused, icon("error"), h("p", {}, visible(error.message)));
    }
    drawButton();
  }
  drawButton();

  return {
    element, show,
    /** Which rules are set. */
    know(rules) { known = rules; drawButton(); },
    focus() { form.element.querySelector("[data-field=argument] input, select")?.focus({ preventScroll: matchMedia("(min-width: 641px)").matches }); },
    end() { clearTimeout(timer); checking.stop(); },
  };
}

/** The server's words as a sentence: at its field, a value needs no name. */
function sentence(text) {
  const named = /^[\w-]+=(.+?): (.+)$/.exec(text);
  const words = named ? `“${named[1]}”: ${named[2]}` : text[0].toUpperCase() + text.slice(1);
  return words + (/[.?!]$/.test(words) ? "" : ".");
}
