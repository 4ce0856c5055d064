// One question: its choices or a field, what is cited for it, and how it was graded.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { counted } from "/console/shell/format.js";
import { citeButton, citedLink } from "./cite.js";
import { isDone } from "./model.js";
import { sentence } from "./score.js";

export function questionView(question, number, { model, chosen, showCited, toggle, answered }) {
  const name = `question-${question.id}`;
  const element = h("section", { class: "question" });
  const problem = h("p", { class: ["small", "error-text"], role: "alert", id: `${name}-problem` });
  let answer = null;
  let isOpen = false;
  let shown = "";
  let draft = "";
  let cite = null;
  let isSending = false;

  const canAnswer = () => !isDone(answer);

  function draw() {
    const hadFocus = element.contains(document.activeElement);
    const form = isOpen && canAnswer();
    fill(element, heading(), h("div", { class: "body" }, answer && graded(), form && entry()));
    if (hadFocus && !element.contains(document.activeElement)) focus();
  }

  function heading() {
    const state = !answer ? h("span", { class: "icon" }) : answer.right ? icon("good", "right")
      : answer.answer === null ? icon("info", "not answered") : icon("error", isDone(answer) ? "wrong" : "not yet");
    const text = [h("span", { class: "n" }, number), h("span", {}, visible(question.text))];
    return h("h3", { class: [!isOpen && !answer && "soft"] }, state, canAnswer()
      ? h("button", { type: "button", class: "opener", "aria-expanded": String(isOpen), on: { click: toggle } }, text)
      : h("span", { class: "opener", tabindex: "-1" }, text));
  }

  function graded() {
    const tries = answer.triesLeft ?? 0;
    const verdict = answer.right ? "right" : tries > 0 ? `not yet, ${tries === 1 ? "one try" : counted(tries, "try", "tries")} left` : "wrong";
    return [
      h("div", { class: ["row", "wrap", "given"] },
        h("span", { class: "grow" }, answer.answer === null ? h("span", { class: "soft" }, "not answered")
          : [visible(answer.answer), h("span", { class: "soft" }, ` · ${verdict}`)]),
        answer.right && answer.points !== undefined && h("span", { class: ["soft", "nowrap"] }, counted(answer.points, "point")),
        canAnswer() && !isOpen && h("button", { type: "button", on: { click: toggle } }, "Try again")),
      answer.cite && h("p", { class: ["row", "small"] }, icon("pin"), citedLink(answer.cite, showCited),
        h("span", { class: "soft" }, answer.right ? "proves it" : "was cited")),
      answer.solution && h("p", {}, "The right answer: ", h("span", { class: "strong" }, visible(answer.solution))),
      answer.explanation && h("p", { class: ["small", "soft"] }, visible(answer.explanation)),
      !answer.right && answer.hint && h("p", { class: ["small", "soft"] }, visible(answer.hint)),
    ];
  }

  function entry() {
    const send = h("button", { class: "primary", disabled: isSending || !draft.trim() }, "Answer");
    const take = event => {
      draft = event.target.value;
      send.disabled = isSending || !draft.trim();
      fill(problem);
    };
    const field = question.choices.length > 0
      ? h("fieldset", { class: "choices" }, h("legend", { class: "aloud" }, visible(question.text)), question.choices.map(choice =>
        h("label", { class: "choice" }, h("input", { type: "radio", name, value: choice, checked: draft === choice, on: { change: take } }),
          h("span", {}, visible(choice)))))
      : h("input", { type: "text", value: draft, "aria-label": visible(question.text), autocomplete: "off", spellcheck: "false",
        "aria-describedby": problem.id, placeholder: "Your answer", on: { input: take } });
    return h("form", { class: "stack", on: { submit } }, field, problem,
      h("div", { class: ["row", "wrap", "apart"] },
        cite ? h("span", { class: "row" }, icon("pin"), citedLink(cite, showCited),
          h("button", { type: "button", class: ["quiet", "only-icon"], "aria-label": "Take the citation away", on: { click: () => setCite(null) } },
            icon("close")))
          : citeButton(chosen, setCite),
        send));
  }
  function setCite(next) {
    cite = next;
    draw();
  }

  async function submit(event) {
    event.preventDefault();
    if (isSending || !draft.trim()) return;
    isSending = true;
    fill(problem);
    try {
      await model.answer(question.id, draft.trim(), cite);
      draft = "";
      cite = null;
      isSending = false;
      answered(question.id);
    } catch (error) {
      isSending = false;
      fill(problem, sentence(error.message));
      draw();
    }
  }

  function focus() {
    (element.querySelector("form input:checked, form input") ?? element.querySelector(".opener, .given button"))
      ?.focus({ preventScroll: false });
  }

  return {
    id: question.id, element,
    /** Shows how it was answered, and whether it is open. What somebody is writing stays. */
    show(next, open) {
      const state = JSON.stringify([next, open]);
      if (state === shown) return;
      shown = state;
      [answer, isOpen] = [next, open];
      draw();
    },
    cite(next) { if (!isOpen) toggle(); setCite(next); },
    focus,
  };
}
