// The questions about an incident. One is open at a time, or all are; each is graded as soon as it is answered.
import { fill, h } from "/console/shell/dom.js";
import { announce } from "/console/shell/announce.js";
import { bind } from "/console/shell/keys.js";
import { icon } from "/console/shell/icons.js";
import { isDone } from "./model.js";
import { questionView } from "./question.js";
import { score } from "./score.js";

/** `chosen()` tells what can be cited, as `cited` names it; `showCited(cite)` brings it into view. */
export function questionsView(model, { chosen, showCited }) {
  const list = h("div", {});
  const all = h("button", { type: "button", on: { click: () => openAll(true) } }, "All");
  const one = h("button", { type: "button", on: { click: () => openAll(false) } }, "One at a time");
  const done = h("p", { class: ["row", "done"], hidden: true });
  const giveUp = h("button", { type: "button", class: "quiet", hidden: true, on: { click: surrender } }, "Give up, show the solutions");
  const problem = h("p", { class: ["small", "error-text"], role: "alert" });
  const element = h("section", { class: "questions", "aria-label": "Questions" },
    h("div", { class: ["row", "apart"] }, h("h2", {}, "Questions"),
      h("span", { class: "segments", role: "group", "aria-label": "Open questions" }, one, all)), list, done, giveUp, problem);
  let views = new Map();
  let open = null;
  let isAll = false;

  function draw() {
    if (!model.data) return;
    const { questions, answers = {} } = model.data;
    if (questions.length !== views.size || questions.some(question => !views.has(question.id))) {
      views = new Map(questions.map((question, index) => [question.id,
        questionView(question, index + 1, { model, chosen, showCited, toggle: () => toggle(question.id), answered })]));
      fill(list, [...views.values()].map(view => view.element));
    }
    // The first time, the first one that waits for an answer is open.
    if (open === null) open = model.nextQuestion()?.id ?? "";
    for (const [id, view] of views) view.show(answers[id] ?? null, isAll || id === open);
    done.hidden = questions.length === 0 || Boolean(model.nextQuestion());
    const isGivenUp = Object.values(answers).some(answer => answer.answer === null);
    fill(done, icon(isGivenUp ? "info" : "good"),
      h("span", {}, isGivenUp ? "Given up: " : "All are answered: ", score(model.data.score, model.most), "."));
    giveUp.hidden = !done.hidden || !model.data.played;
    one.setAttribute("aria-pressed", String(!isAll));
    all.setAttribute("aria-pressed", String(isAll));
  }
  /** The second press does it: nothing of it can be taken back. */
  async function surrender() {
    if (!giveUp.dataset.sure) {
      giveUp.dataset.sure = "yes";
      fill(giveUp, "Sure? Open questions will score nothing.");
      return;
    }
    giveUp.disabled = true;
    fill(problem);
    try { await model.giveUp(); } catch (error) { fill(problem, error.message); }
    delete giveUp.dataset.sure;
    fill(giveUp, "Give up, show the solutions");
    giveUp.disabled = false;
  }
  function openAll(value) {
    isAll = value;
    if (!value) open = model.nextQuestion()?.id ?? "";
    draw();
  }
  function toggle(id) {
    if (isAll) { isAll = false; open = id; } else open = open === id ? "" : id;
    draw();
  }
  /** After a right answer, or the last try, the next question opens. */
  function answered(id) {
    const answer = model.data?.answers?.[id];
    if (!answer) return;
    open = isDone(answer) ? model.nextQuestion(id)?.id ?? "" : "";
    draw();
    views.get(id)?.focus();
    announce(answer.right ? "Right." : answer.triesLeft > 0 ? "Not yet." : "Wrong.");
  }
  function openView() { return views.get(open) ?? (isAll ? views.get(model.nextQuestion()?.id) : null); }

  const unbind = bind([{ key: "q", name: "To the open question", run: () => openView()?.focus() }]);
  const end = model.watch(draw);
  draw();
  return {
    element,
    /** Pins something to the open question; says whether there is one. */
    cite(cite) {
      const view = openView();
      if (view && !isDone(model.data.answers?.[view.id])) view.cite(cite);
      else announce("Open a question first.");
      return Boolean(view);
    },
    end() { unbind(); end(); },
  };
}
