// A small load: so many requests a second for so long. The server sends it, so it goes on while one looks elsewhere.
import { act, get } from "/console/shell/api.js";
import { announce } from "/console/shell/announce.js";
import { fill, h, visible } from "/console/shell/dom.js";
import { count, counted, duration, share } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";

const path = "/console/control/load";
const rates = [0.5, 1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100];
const mixes = [["", "the usual mix"], ["sync=1", "healthy only"], ["async=1", "async only"],
  ["unknown-guild=1,poor=1,bad-body=1", "clients’ mistakes only"]];
const units = { s: 1, m: 60, h: 3600 };

export function loadCard() {
  const speed = h("strong", {});
  const slider = h("input", { type: "range", min: 0, max: rates.length - 1, step: 1, value: String(rates.indexOf(3)),
    "aria-label": "requests a second", on: { input: drawRate } });
  const length = h("input", { type: "text", value: "60s", autocomplete: "off", "aria-describedby": "load-problem", on: { input: check } });
  const problem = h("span", { class: "problem", id: "load-problem", role: "alert", hidden: true });
  const mix = h("select", {}, mixes.map(([value, text]) => h("option", { value }, text)));
  const start = h("button", { class: "primary" }, icon("play"), "Start");
  const fields = h("div", { class: "stack" }, h("div", { class: "send-fields" },
    h("label", { class: "field" }, h("span", { class: ["row", "apart"] }, h("span", { class: "label" }, "rate"),
      h("span", { class: "small" }, speed, " a second")), slider),
    h("label", { class: "field" }, h("span", { class: "label" }, "for"), length, problem)),
  h("label", { class: "field" }, h("span", { class: "label" }, "requests"), mix), h("div", { class: "row" }, start));
  const figures = h("p", { class: ["row", "wrap", "apart"] });
  const bar = h("progress", { "aria-label": "How much of the load has been sent" });
  const rest = h("span", { class: ["small", "soft"] });
  const stop = h("button", { type: "button", on: { click: end } }, icon("stop"), "Stop");
  const running = h("div", { class: "stack", hidden: true }, bar, h("div", { class: ["row", "apart"] }, stop, rest));
  const refused = h("div", { class: "notice", role: "alert", hidden: true });
  const element = h("form", { class: ["card", "small-load"], "aria-label": "A small load", novalidate: true, on: { submit: begin } },
    h("header", {}, h("h2", {}, "A small load")), h("div", { class: "body" }, fields, figures, running, refused));
  let state = null;
  let total = 0;
  let timer = null;
  let isOver = false;

  function drawRate() {
    const rate = rates[Number(slider.value)];
    fill(speed, String(rate));
    slider.setAttribute("aria-valuetext", `${rate} a second`);
  }
  /** The seconds of the field; `null` if they cannot be read. */
  function seconds() {
    const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(length.value.trim());
    const value = match ? Number(match[1]) * units[match[2]] : 0;
    return value >= 1 && value <= 3600 ? value : null;
  }
  function check() {
    const isWrong = seconds() === null;
    problem.hidden = !isWrong;
    fill(problem, `“${visible(length.value.trim())}” is no duration from 1s to 1h. Write 30s or 5m.`);
    if (isWrong) length.setAttribute("aria-invalid", "true"); else length.removeAttribute("aria-invalid");
    start.disabled = isWrong;
    return !isWrong;
  }
  async function begin(event) {
    event.preventDefault();
    if (!check()) return;
    const rate = rates[Number(slider.value)];
    await change("POST", { rate, seconds: seconds(), ...(mix.value ? { mix: mix.value } : {}) });
    if (state?.running) { total = Math.round(rate * seconds()); stop.focus(); announce("The load has begun"); draw(); }
  }
  async function end() {
    stop.disabled = true;
    await change("DELETE");
    stop.disabled = false;
    if (state && !state.running) start.focus();
  }
  async function change(method, body) {
    refused.hidden = true;
    try { take(await act(method, path, body)); } catch (error) {
      refused.hidden = false;
      fill(refused, icon("error"), h("p", {}, visible(error.message)));
    }
  }
  function take(next) {
    const wasRunning = state?.running;
    state = next;
    // Of a load that was begun elsewhere, only what is left is known.
    if (state.running && !wasRunning) total = 0;
    if (wasRunning && !state.running) announce(`The load is over: ${counted(state.sent, "request")} sent`);
    draw();
  }
  function draw() {
    const whole = total || Math.round(state.sent + state.remaining * state.rate);
    fields.hidden = state.running;
    running.hidden = !state.running;
    figures.hidden = state.sent === 0 && !state.running;
    fill(figures, h("span", {}, h("strong", {}, count(state.sent)), state.running ? ` of ${counted(whole, "request")} sent`
      : ` ${state.sent === 1 ? "request" : "requests"} sent by the last load`),
    state.failed > 0 && h("span", { class: "row" }, icon("error"),
      `${count(state.failed)} unexpected (${share(state.failed, state.answered)})`));
    bar.max = Math.max(1, whole);
    bar.value = Math.min(state.sent, bar.max);
    fill(rest, `${state.rate} a second, ${duration(state.remaining * 1e9)} left`);
  }
  async function look() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        const next = await get(path);
        if (isOver) return;
        take(next);
      } catch { /* The line above the page says that the server is gone; the next look tries again. */ }
    }
    if (!isOver) timer = setTimeout(look, state?.running ? 700 : 3000);
  }
  drawRate();
  look();
  return { element, end() { isOver = true; clearTimeout(timer); } };
}
