// How an incident is played: how fast, how far it is, and what is left of it.
import { fill, h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { announce } from "/console/shell/announce.js";
import { duration, moment, time } from "/console/shell/format.js";
import { live } from "/console/shell/live.js";
import { setRange } from "/console/shell/range.js";
import { sentence } from "./score.js";
import { stage } from "./stage.js";

const speeds = [[1, "As told"], [5, "5×"], [20, "20×"]];
let speed = Number(stored("incident-speed") ?? 1);

function stored(name) { try { return localStorage.getItem(name); } catch { return null; /* Storage may be forbidden. */ } }

/** Starts, shows and stops the incident of a model. */
export function playView(model) {
  const problem = h("p", { class: ["notice", "small"], role: "alert", hidden: true });
  const place = h("div", {});
  const element = h("div", { class: "play" }, place, problem);
  let shown = "";
  let isStarting = false;
  let wasPlaying = false;

  function draw() {
    const { data } = model;
    const entry = stage.entry(model.name);
    if (!data || !stage.state) return;
    const { playing } = stage.state;
    const isMine = playing?.name === model.name;
    if (wasPlaying && !isMine) {
      announce(`“${data.title}” has been played.`);
      model.load();
    }
    wasPlaying = isMine;
    // Only what has changed is made again: a button that has the focus keeps it.
    const state = isMine ? "playing" : JSON.stringify([playing?.name, entry, data.played, speed, isStarting, stage.state.trouble]);
    if (state !== shown) fill(place, isMine ? running(playing) : playing ? busy(playing) : idle(data, entry));
    shown = state;
    if (isMine) progress(place, playing);
  }

  function idle(data, entry) {
    if (entry && !entry.playable) {
      return h("p", { class: "row" }, icon("lock"), h("span", { class: "soft" }, sentence(entry.why ?? "It cannot be played here")));
    }
    const played = data.played;
    const trouble = stage.state.trouble?.name === model.name ? stage.state.trouble.reason : null;
    return [
      trouble && h("p", { class: "row", role: "alert" }, icon("warning"), h("span", {}, "It was not played to its end. ", sentence(trouble))),
      played && h("p", { class: ["row", "wrap"] }, icon("good"), h("span", { class: "grow" }, "Played ", playedTimes(played)),
        h("button", { type: "button", on: { click: () => showRun(played) } }, "Show this run")),
      h("div", { class: ["row", "wrap"] },
        h("span", { class: "segments", role: "group", "aria-label": "Speed" }, speeds.map(([value, name]) =>
          h("button", { type: "button", "aria-pressed": String(value === speed), on: { click: () => choose(value) } }, name))),
        h("span", { class: ["soft", "grow", "nowrap"] }, `${Math.round(data.seconds / speed)} s`),
        h("button", { type: "button", class: played ? "" : "primary", disabled: isStarting, on: { click: play } },
          icon("play"), isStarting ? "Starting …" : played ? "Again" : "Play")),
      speed > 5 && h("p", { class: ["small", "soft"] }, "Delays are not shortened, so requests crowd: their durations say less."),
    ];
  }

  function choose(value) {
    speed = value;
    try { localStorage.setItem("incident-speed", String(value)); } catch { /* Storage may be forbidden: then for this page only. */ }
    draw();
    place.querySelector("[aria-pressed=true]")?.focus();
  }

  async function attempt(work) {
    problem.hidden = true;
    try { await work(); } catch (error) {
      problem.hidden = false;
      fill(problem, sentence(error.message));
    }
  }
  function play() {
    // Half a second before: the clocks of two programs may differ a little.
    const start = Date.now() * 1000 - 500e3;
    isStarting = true;
    draw();
    attempt(async () => {
      await stage.play(model.name, speed);
      setRange(start, "now");
      live.turn(true);
      announce(`“${model.data.title}” is playing.`);
    }).finally(() => { isStarting = false; draw(); });
  }
  const stop = () => attempt(() => stage.stop());

  function running() {
    return [
      h("div", { class: ["row", "apart"] }, h("span", { class: "row" }, icon("play"), h("span", { class: "clock" })),
        h("button", { type: "button", on: { click: stop } }, icon("stop"), "Stop")),
      h("progress", { "aria-label": "How far it is" }),
    ];
  }
  function busy(playing) {
    const title = stage.entry(playing.name)?.title ?? playing.name;
    return h("div", { class: ["row", "wrap"] }, icon("clock"),
      h("span", { class: "grow" }, "Another one is playing: ", h("a", { href: `/incidents/${encodeURIComponent(playing.name)}` }, visible(title))),
      h("button", { type: "button", on: { click: stop } }, icon("stop"), "Stop it"));
  }

  const ends = [model.watch(draw), stage.watch(draw)];
  return { element, end() { for (const end of ends) end(); } };
}

/** Puts the present figures of a run into what shows it. */
export function progress(place, playing) {
  const bar = place.querySelector("progress");
  const clock = place.querySelector(".clock");
  if (!bar || !clock) return;
  const [elapsed, total] = [Math.min(playing.elapsed, playing.total), playing.total];
  bar.max = total;
  bar.value = elapsed;
  fill(clock, playing.quieting ? "Over. Waiting for its last lines and spans."
    : `${Math.floor(elapsed)} s of ${Math.round(total)} s`);
}

function playedTimes(played) {
  const [start, end] = [moment(played.start), moment(played.end)];
  return [`${time(start)} – ${time(end)}, `, h("span", { class: "nowrap" }, duration((end - start) * 1000))];
}

/** The range becomes that of a run, and stays so. */
export function showRun(played) {
  live.turn(false);
  setRange(moment(played.start), moment(played.end));
}
