// The exercises: their list, or one of them beside the tools, with the incident that it plays.
import { styles } from "/console/shell/styles.js";
import { isAbsent } from "/console/shell/absent.js";
import { nameAfter } from "/console/shell/address.js";
import { get, Latest } from "/console/shell/api.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { desk } from "/console/incidents/desk.js";
import { hintsView } from "/console/incidents/hints.js";
import { incidentModel } from "/console/incidents/model.js";
import { playView } from "/console/incidents/play.js";
import { questionsView } from "/console/incidents/questions.js";
import { cannotPlay, score, sentence } from "/console/incidents/score.js";
import { exerciseAddress, exerciseList, numberOf, titleOf } from "./list.js";
import { blocks } from "./markdown.js";
import { render } from "./render.js";

styles("/console/incidents/incidents.css");
styles("/console/exercises/exercises.css");

/** Where the pages are, for links to what the console does not show. */
const folder = "docs/workshop/";

export function mount(root, app) {
  let shown = null;
  let view = null;

  function show(reason) {
    const name = nameAfter("/exercises/");
    if (name === shown) return view.update?.(reason);
    // From one exercise to another the tools stay as they are.
    if (shown && name && view.open) { shown = name; view.open(name); return view.update(reason); }
    view?.end();
    app.placeAsk(null);
    shown = name;
    view = name ? exercise(root, app, name) : all(root, app);
  }
  show();
  return { update: show, run: found => view.run?.(found), end() { view.end(); } };
}

function all(root, app) {
  const list = exerciseList({ isShort: false });
  app.title("Exercises");
  fill(root, h("div", { class: "exercises" }, list.element,
    h("p", {}, h("a", { class: "button", href: "/incidents" }, "All incidents"))));
  return { end: list.end };
}

function exercise(root, app, first) {
  let ends = [];
  let questions = null;
  const split = desk(root, app, { name: "Exercise", onCite: cite => questions?.cite(cite) });
  const loading = new Latest();

  function clear() {
    for (const end of ends) end();
    ends = [];
    questions = null;
  }

  async function open(name) {
    clear();
    fill(split.text, h("div", { class: "waiting" }), h("div", { class: "waiting" }));
    try {
      const [page, list] = await loading.run(signal => Promise.all([
        get(`/console/control/exercises/${encodeURIComponent(name)}`, {}, signal), get("/console/control/exercises", {}, signal)])) ?? [];
      if (!page) return;
      draw(page, list.exercises);
    } catch (error) {
      fill(split.text, isAbsent(error) && !error.type?.endsWith("unknown-exercise") ? cannotPlay()
        : h("div", { class: "empty" }, h("p", {}, sentence(error.message)), h("a", { class: "button", href: "/exercises" }, "All exercises")));
    }
  }

  function draw(page, list) {
    app.title(titleOf(page));
    split.text.scrollTop = 0;
    const points = h("span", {});
    const parts = embedded(page.markdown, points);
    fill(split.text, h("article", { class: "exercise" },
      h("div", { class: ["row", "apart"] }, siblings(list, page.name), points),
      render(blocks(page.markdown), {
        link: target => linkTo(target, list),
        fold: heading => /^In (Grafana|the terminal)\b/.test(heading.text),
        run: block => ({ logql: () => split.ask("logs", block.text.trim()), traceql: () => split.ask("traces", block.text.trim()) })[block.language],
        under: parts.under,
      })));
    parts.start();
  }

  /** The incident that a page plays: it starts below the command that runs it, and is asked below the one that answers. */
  function embedded(markdown, points) {
    const name = /^\s*tailspan incident run ([\w-]+)/m.exec(markdown)?.[1];
    if (!name) return { under: () => null, start() {} };
    const model = incidentModel(name);
    const play = playView(model);
    const hints = hintsView(model);
    questions = questionsView(model, split);
    const problem = h("p", { class: ["notice", "small"], hidden: true });
    const isTold = h("div", { class: "story soft" });
    ends = [play.end, hints.end, questions.end, model.watch(draw), () => model.end()];
    let [runs, asks] = [false, false];
    function draw() {
      problem.hidden = Boolean(model.data);
      if (!model.data) return void fill(problem, visible(model.error?.message ?? ""));
      fill(points, score(model.data.score, model.most));
      fill(isTold, model.data.story.split(/\n\s*\n/).map(part => h("p", {}, visible(part.trim()))));
    }
    return {
      under(block) {
        const line = command => new RegExp(`^\\s*tailspan incident ${command} ${name}\\b`, "m").test(block.text);
        if (!runs && line("run")) { runs = true; return h("div", { class: "embedded" }, isTold, play.element, problem); }
        if (!asks && line("answer")) { asks = true; return h("div", { class: "embedded" }, questions.element, hints.element); }
        return null;
      },
      start() { model.load(); },
    };
  }

  open(first);
  return { open, run: split.run, update: split.update, end() { loading.stop(); clear(); split.end(); } };
}

function linkTo(target, list) {
  const name = /^(?:\.\/)?([\w-]+)\.md(?:#.*)?$/.exec(target)?.[1];
  if (name && list.some(exercise => exercise.name === name)) return { address: exerciseAddress(name) };
  return { path: /^[a-z]+:/.test(target) ? target : new URL(target, `http://console/${folder}`).pathname.slice(1) };
}

function siblings(list, name) {
  const at = list.findIndex(exercise => exercise.name === name);
  const link = (exercise, kind, label) => exercise
    ? h("a", { class: ["button", "quiet", "only-icon"], "aria-label": `${label}: ${visible(titleOf(exercise))}`, title: visible(exercise.title),
      href: exerciseAddress(exercise.name) }, icon(kind))
    : h("span", { class: "no-sibling" });
  return h("span", { class: ["row", "siblings"] }, link(list[at - 1], "left", "Previous exercise"),
    h("a", { href: "/exercises", class: "soft" }, `Exercise ${numberOf(list[at]) || at + 1} of ${list.length}`), link(list[at + 1], "right", "Next exercise"));
}
