// The exercises of the workshop, as a list.
import { styles } from "/console/shell/styles.js";
import { isAbsent } from "/console/shell/absent.js";
import { addressWith } from "/console/shell/address.js";
import { get, Latest } from "/console/shell/api.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { keptRange } from "/console/shell/range.js";
import { cannotPlay, sentence } from "/console/incidents/score.js";

styles("/console/exercises/exercises.css");

/** The list with its heading; `isShort` is the form beside the incidents. */
export function exerciseList({ isShort }) {
  const list = h("ol", {}, h("li", { class: "waiting" }), h("li", { class: "waiting" }));
  const intro = h("p", { class: "soft" }, "Each takes an incident and leads through it step by step.");
  const heading = isShort ? h("h2", {}, h("a", { href: "/exercises" }, "Exercises")) : h("h1", {}, "Exercises");
  const element = h("section", { class: ["exercise-list", isShort && "short"], "aria-label": "Exercises" }, h("header", {}, heading, intro), list);
  const asking = new Latest();

  asking.run(signal => get("/console/control/exercises", {}, signal)).then(answer => {
    if (!answer) return;
    const { exercises } = answer;
    if (exercises.length === 0) return void fill(list, h("li", { class: "soft" }, "No exercise was found in docs/workshop/."));
    const minutes = exercises.reduce((sum, exercise) => sum + (exercise.minutes ?? 0), 0);
    fill(intro, `Each takes an incident and leads through it, ${minutes} min in all.`);
    fill(list, exercises.map(exercise => h("li", {},
      h("a", { href: exerciseAddress(exercise.name) }, h("span", { class: ["faint", "n"] }, numberOf(exercise)), h("span", { class: "title" }, visible(titleOf(exercise))),
        exercise.minutes && h("span", { class: ["soft", "small", "nowrap"] }, `${exercise.minutes} min`)))));
  }).catch(error => {
    if (isAbsent(error) && !isShort) fill(element, cannotPlay());
    else fill(list, h("li", { class: "soft" }, isAbsent(error) ? "This console has none." : sentence(error.message)));
  });

  return { element, end() { asking.stop(); } };
}

export function exerciseAddress(name) { return addressWith(keptRange(), `/exercises/${encodeURIComponent(name)}`); }

/** The number that a title begins with, and the title without it. */
export function numberOf(exercise) { return /^\d+/.exec(exercise.title)?.[0] ?? ""; }
export function titleOf(exercise) { return exercise.title.replace(/^\d+\s+/, ""); }
