// The answer of one request, and what came of it: its verdict, its tree and its lines, while they arrive.
import { addressWith, go } from "/console/shell/address.js";
import { announce } from "/console/shell/announce.js";
import { fill, h, service, visible } from "/console/shell/dom.js";
import { counted, duration, exactTime, moment } from "/console/shell/format.js";
import { icon, levelIcon } from "/console/shell/icons.js";
import { linesLink, linesQuery } from "/console/trace/links.js";
import { drawTree } from "/console/trace/draw.js";
import { readTrace } from "/console/trace/model.js";
import { statusName } from "/console/trace/status.js";
import { arrivalSentence } from "./arrival-sentence.js";
import { watchArrival } from "./arrival.js";
import { showCommands } from "./commands.js";
import { isExpected, kindOf, nameOf } from "./kinds.js";

/** `commands(entry)`: the commands that ask the same. */
export function answerCard({ commands }) {
  const element = h("section", { class: ["card", "answer"], "aria-label": "The answer" });
  let stop = null;
  let tree = null;
  let waiting = null;
  let shown = null;

  function end() {
    stop?.();
    tree?.end();
    clearInterval(waiting);
    stop = tree = shown = null;
  }

  function empty() {
    end();
    fill(element, h("div", { class: "empty" }, h("h2", {}, "Nothing has been sent yet"),
      h("p", {}, "Choose a kind of request and send it. The answer stands here, and below it the trace, as it arrives.")));
  }

  /** An entry is `{asked, at, answer, error}`; without an answer and an error it is under way. */
  function show(entry) {
    end();
    shown = entry;
    if (entry.error) return fill(element, header(icon("error"), "Not sent", nameOf(entry.asked)),
      h("div", { class: "about" }, h("div", { class: "notice", role: "alert" }, h("p", {}, visible(entry.error.message)))));
    if (!entry.answer) {
      const since = h("span", {});
      const tick = () => fill(since, duration((Date.now() - entry.at) * 1e6));
      tick();
      waiting = setInterval(tick, 100);
      return fill(element, header(icon("clock"), "Waiting for the answer", since));
    }
    showAnswer(entry);
  }

  function header(sign, title, note, ...buttons) {
    return h("header", {}, sign, h("h2", {}, title), h("span", { class: ["small", "soft", "grow", "note"] }, note), buttons);
  }

  function showAnswer(entry) {
    const { answer, asked } = entry;
    const right = isExpected(asked.kind, answer.status);
    const isBad = right === false || answer.status === null || answer.status >= 500;
    const said = answer.status === null ? answer.error ?? "no answer" : detailOf(answer.response.body) ?? answer.response.body;
    const note = [right === false && `${kindOf(asked.kind).expected[0]} was expected`,
      `${answer.status === null ? "ended" : "answered"} after ${duration(answer.milliseconds * 1e6)}`];
    build(entry, icon(isBad ? "error" : right === null ? "info" : "good"), answer.status === null ? "No answer" : statusName(answer.status),
      note.filter(Boolean).join(" · "), said && h("p", { class: ["said", "mono", isBad && "bad"] }, visible(said)), facts(answer),
      h("div", { class: ["row", "wrap", "wires"] }, details("Answer", answer.response),
        details("Request", answer.request, `${answer.request.method} ${answer.request.url}`, commandsButton(entry))));
  }

  /** A request of which only the trace is known: it was sent before the console was loaded. */
  function showTrace(trace) {
    end();
    const entry = shown = { answer: { trace }, at: Date.now(), isOld: true };
    build(entry, icon("info"), "Sent before", "its answer was not kept", null, [["trace_id", traceLink(trace)]], null);
  }

  function build(entry, sign, title, note, said, known, wires) {
    const { trace } = entry.answer;
    const lines = h("a", { class: "button", href: addressWith({ query: linesQuery(trace) }, "/logs") }, icon("lines"), "Lines");
    const open = h("a", { class: ["button", "primary"], href: `/trace/${trace}` }, "Open the trace", h("kbd", { class: ["key", "wide"] }, "o"));
    const arrival = h("dd", {}, h("div", {}, icon("clock"), "arriving"));
    const place = h("div", { class: "tree-place" });
    fill(element, header(sign, title, note, lines, open), h("div", { class: "about" }, said,
      h("dl", {}, known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
        h("div", { class: "whole" }, h("dt", {}, "trace"), arrival)),
      wires), place);
    // How long it took is known only of a trace that was watched from its beginning.
    const isFirst = !entry.wasShown && !entry.isOld;
    entry.wasShown = true;
    stop = watchArrival(trace, entry.at, state => {
      if (shown !== entry) return;
      if (isFirst && state.trace?.complete) entry.wholeAfter ??= Date.now() - entry.at;
      drawTrace(place, state);
      // What has not changed stays, so that the focus does.
      const sentence = h("div", {}, arrivalSentence(state, entry));
      if (sentence.textContent !== arrival.textContent) fill(arrival, sentence);
      const number = state.trace?.lines.length ?? state.lines.length;
      fill(lines, icon("lines"), number ? counted(number, "line") : "Lines");
      if (state.trace) lines.href = linesLink(state.trace.read);
      if (state.isOver) announce(arrival.textContent);
    });
  }
  function commandsButton(entry) {
    const button = h("button", { type: "button", class: "quiet", "aria-haspopup": "dialog",
      on: { click: () => showCommands(button, commands(entry)) } }, icon("copy"), "As a command");
    return button;
  }

  function drawTrace(place, state) {
    if (state.trace) {
      const key = [state.trace.spans.length, state.trace.lines.length, state.trace.duration].join();
      const trace = state.trace.read = readTrace(state.trace);
      if (!tree) tree = drawTree(place, trace, { onPick: span => go(addressWith({ span: span?.id }, `/trace/${trace.id}`)), name: "44%" });
      else if (place.dataset.key !== key) tree.draw(trace);
      place.dataset.key = key;
    } else if (place.dataset.key !== String(state.lines.length)) {
      place.dataset.key = String(state.lines.length);
      fill(place, h("ol", { class: "first-lines", "aria-label": "Lines that have arrived" }, state.lines.map(line =>
        h("li", {}, levelIcon(line.level), h("span", { class: ["mono", "soft"] }, exactTime(moment(line.time))[0]),
          service(line.service), h("span", { class: "cut" }, visible(line.message))))));
    }
  }
  return { element, show, showTrace, empty, end, get entry() { return shown; } };
}

function traceLink(trace) { return h("a", { class: "mono", href: `/trace/${trace}` }, visible(trace)); }

/** The words of a problem (RFC 9457), if the body is one. */
function detailOf(body) {
  try {
    const { detail, title } = JSON.parse(body);
    return typeof (detail ?? title) === "string" ? detail ?? title : null;
  } catch { return null; }
}

function facts({ trace, request, response }) {
  const header = (list, name) => list?.find(([key]) => key === name)?.[1];
  const task = /"task_id"\s*:\s*"([^"\\]+)"/.exec(response?.body ?? "")?.[1];
  return [
    ["trace_id", traceLink(trace)],
    ["request_id", header(response?.headers, "x-request-id")],
    ["task_id", task],
    ["idempotency key", header(request.headers, "idempotency-key")],
  ].filter(([, value]) => value).map(([name, value]) => [name, typeof value === "string" ? h("code", {}, visible(value)) : value]);
}

/** Fields and body as they went over the wire, folded. */
function details(name, message, first, ...more) {
  if (!message) return null;
  return h("details", {}, h("summary", { class: "small" }, name, h("span", { class: "faint" },
    ` · ${counted(message.headers.length, "field")}, body of ${counted(new TextEncoder().encode(message.body).length, "byte")}`)),
  h("div", { class: "wire" }, more.length > 0 && h("div", { class: ["row"] }, more),
    h("pre", { tabindex: "0", "aria-label": `${name} as it went over the wire` }, first && visible(first) + "\n", message.headers.map(([key, value]) =>
      [h("span", { class: "faint" }, visible(key) + ": "), visible(value), "\n"]), "\n", visible(pretty(message.body)))));
}

function pretty(body) {
  try { return JSON.stringify(JSON.parse(body), null, 2); } catch { return body; }
}
