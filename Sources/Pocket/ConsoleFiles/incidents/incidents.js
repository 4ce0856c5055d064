// The list of incidents: what somebody complains of, not what it was.
import { styles } from "/console/shell/styles.js";
import { isAbsent } from "/console/shell/absent.js";
import { addressWith } from "/console/shell/address.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { counted } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";
import { keptRange } from "/console/shell/range.js";
import { exerciseList } from "/console/exercises/list.js";
import { progress } from "./play.js";
import { cannotPlay, score, sentence } from "./score.js";
import { stage } from "./stage.js";

styles("/console/incidents/incidents.css");

export function mount(root, app) {
  app.title("Incidents");
  const now = h("div", { class: "now" });
  const problem = h("p", { class: "notice", role: "alert", hidden: true });
  const cards = h("div", { class: "cards" }, [1, 2, 3].map(() => h("div", { class: "card" }, h("div", { class: "waiting" }))));
  const exercises = exerciseList({ isShort: true });
  let shownCards = "";
  let shownNow = "";
  fill(root, h("div", { class: "incidents" },
    h("div", { class: "incidents-main" },
      h("header", {}, h("h1", {}, "Incidents"),
        h("p", { class: "soft" }, "Something goes wrong and somebody complains. Play it, find out what it was from lines and traces, and be graded.")),
      problem, now, cards),
    exercises.element));

  function draw() {
    const { state, error } = stage;
    if (!state) {
      if (isAbsent(error)) fill(root, cannotPlay());
      else if (error) fill(cards, h("div", { class: "empty" }, h("p", {}, visible(error.message))));
      return;
    }
    drawNow(state.playing);
    const key = JSON.stringify([state.incidents, state.playing?.name]);
    if (key === shownCards) return;
    shownCards = key;
    const focused = cards.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    if (state.incidents.length === 0) {
      fill(cards, h("div", { class: "empty" }, h("p", {}, "No incident file was found in incidents/."),
        h("p", { class: "soft" }, "Start ", h("code", {}, "tailspan up"), " in the folder that holds it, then load this page again.")));
    } else fill(cards, state.incidents.map(incident => card(incident, state.playing?.name === incident.name)));
    if (focused) cards.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  function drawNow(playing) {
    const title = playing && (stage.entry(playing.name)?.title ?? playing.name);
    if (String(title) !== shownNow) {
      shownNow = String(title);
      fill(now, playing && h("div", { class: ["card", "playing"] },
        h("div", { class: ["row", "wrap"] }, icon("play"), h("span", { class: "grow" }, h("a", { href: addressOf(playing.name) }, visible(title)),
          h("span", { class: "soft" }, " is playing. "), h("span", { class: ["clock", "nowrap", "soft"] })),
        h("button", { type: "button", on: { click: stop } }, icon("stop"), "Stop")),
        h("progress", { "aria-label": "How far it is" })));
    }
    if (playing) progress(now, playing);
  }

  async function stop() {
    problem.hidden = true;
    try { await stage.stop(); } catch (error) {
      problem.hidden = false;
      fill(problem, visible(error.message));
    }
  }

  const end = stage.watch(draw);
  return { update() { draw(); }, end() { end(); exercises.end(); } };
}

function addressOf(name) { return addressWith(keptRange(), `/incidents/${encodeURIComponent(name)}`); }

function card(incident, isPlaying) {
  const state = isPlaying ? [icon("play"), "Playing"]
    : incident.played ? [icon("good"), "Played", incident.score && [" · ", score(incident.score, incident.questions * 3)]]
    : !incident.playable ? [icon("lock"), "Not here"] : null;
  return h("article", { class: ["card", "incident-card", !incident.playable && "locked"] },
    h("h2", {}, h("a", { href: addressOf(incident.name) }, visible(incident.title))),
    h("p", { class: "soft" }, visible(incident.story)),
    !incident.playable && incident.why && h("p", { class: ["small", "faint"] }, sentence(incident.why)),
    h("footer", { class: ["row", "wrap", "small"] },
      h("span", { class: "soft" }, `${Math.round(incident.seconds)} s · ${counted(incident.questions, "question")}`),
      state && h("span", { class: ["row", "card-state"] }, state)));
}
