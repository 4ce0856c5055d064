// One incident: on the left what happened and what is asked, on the right the tools to find it out.
import { styles } from "/console/shell/styles.js";
import { isAbsent } from "/console/shell/absent.js";
import { addressWith, nameAfter } from "/console/shell/address.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { keptRange } from "/console/shell/range.js";
import { desk } from "./desk.js";
import { hintsView } from "./hints.js";
import { incidentModel } from "./model.js";
import { playView } from "./play.js";
import { questionsView } from "./questions.js";
import { cannotPlay, score, sentence } from "./score.js";
import { stage } from "./stage.js";

styles("/console/incidents/incidents.css");

export function mount(root, app) {
  let parts = null;
  const split = desk(root, app, { name: "Incident", onCite: cite => parts?.questions.cite(cite) });
  let name = null;

  function show() {
    const next = nameAfter("/incidents/");
    if (next === name) return;
    name = next;
    parts?.end();
    split.text.scrollTop = 0;
    parts = incidentParts(split.text, name, app, split);
  }
  show();
  return {
    update(reason) { show(); split.update(reason); },
    run: split.run,
    end() { parts?.end(); split.end(); },
  };
}

function incidentParts(place, name, app, split) {
  const model = incidentModel(name);
  const head = h("header", { class: "incident-head" });
  const story = h("div", { class: "story" }, h("div", { class: "waiting" }), h("div", { class: "waiting" }));
  const play = playView(model);
  const questions = questionsView(model, split);
  const hints = hintsView(model);
  const rest = h("div", { class: "incident-rest", hidden: true }, play.element, questions.element, hints.element);
  fill(place, h("div", { class: "incident" }, head, story, rest));
  let shown = "";

  function draw() {
    const { data, error } = model;
    if (error && !data) return void fill(story, refusal(error));
    if (!data) return;
    rest.hidden = false;
    const all = stage.state?.incidents ?? [];
    const state = JSON.stringify([data.title, data.story, data.score, model.most, all.map(incident => incident.name)]);
    if (state === shown) return;
    shown = state;
    app.title(data.title);
    fill(head, h("h1", {}, visible(data.title)), h("div", { class: ["row", "apart"] },
      siblings(all, name), score(data.score, model.most)));
    fill(story, data.story.split(/\n\s*\n/).map(part => h("p", {}, visible(part.trim()))));
  }

  const ends = [model.watch(draw), stage.watch(draw), play.end, questions.end, hints.end, () => model.end()];
  model.load();
  return { questions, end() { for (const end of ends) end(); } };
}

/** The incidents before and after this one. */
function siblings(all, name) {
  const at = all.findIndex(incident => incident.name === name);
  if (at < 0) return h("a", { href: "/incidents" }, "All incidents");
  const link = (incident, kind, label) => incident
    ? h("a", { class: ["button", "quiet", "only-icon"], "aria-label": `${label}: ${visible(incident.title)}`, title: visible(incident.title),
      href: addressWith(keptRange(), `/incidents/${encodeURIComponent(incident.name)}`) }, icon(kind))
    : h("span", { class: "no-sibling" });
  return h("span", { class: ["row", "siblings"] }, link(all[at - 1], "left", "Previous incident"),
    h("a", { href: "/incidents", class: "soft" }, `${at + 1} of ${all.length}`), link(all[at + 1], "right", "Next incident"));
}

function refusal(error) {
  if (isAbsent(error) && !error.type?.endsWith("unknown-incident")) return cannotPlay();
  return h("div", { class: "empty" }, h("p", {}, sentence(error.message)), h("a", { class: "button", href: "/incidents" }, "All incidents"));
}
