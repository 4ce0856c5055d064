// Hints: one after the other, each for its price.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { sentence } from "./score.js";

export function hintsView(model) {
  const list = h("ol", {});
  const problem = h("p", { class: ["small", "error-text"], role: "alert" });
  const element = h("section", { class: "hints", hidden: true }, h("h2", {}, "Hints"), list, problem);
  let shown = "";
  let isAsked = false;

  function draw() {
    if (!model.data) return;
    const { shownHints, questions } = model.data;
    // Once all is answered no further hint is of use.
    const hints = questions.length > 0 && !model.nextQuestion() ? shownHints.length : model.data.hints;
    element.hidden = hints === 0;
    const state = JSON.stringify([hints, shownHints]);
    if (state === shown) return;
    shown = state;
    fill(list, Array.from({ length: hints }, (_, index) => h("li", {}, h("span", { class: ["faint", "n"] }, index + 1),
      index < shownHints.length ? h("p", { tabindex: "-1" }, visible(shownHints[index]))
        : index === shownHints.length ? h("p", { class: ["row", "wrap"] },
          h("button", { type: "button", on: { click: show } }, `Show hint ${index + 1}`),
          h("span", { class: ["small", "soft"] }, "costs 1 point"))
        : h("p", { class: ["row", "faint"] }, icon("lock"), `after hint ${index}`))));
    // The new hint is read where its button was.
    if (isAsked) list.children[shownHints.length - 1]?.querySelector("p").focus();
  }
  async function show(event) {
    event.currentTarget.disabled = true;
    fill(problem);
    isAsked = true;
    try { await model.hint(); } catch (error) {
      fill(problem, sentence(error.message));
      shown = "";
      draw();
    }
    isAsked = false;
  }

  const end = model.watch(draw);
  draw();
  return { element, end };
}
