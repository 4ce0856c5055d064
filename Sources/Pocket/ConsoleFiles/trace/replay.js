// Sends the request of this trace again and says whether the same happened.
import { fill, h, visible } from "../shell/dom.js";
import { act, Latest } from "../shell/api.js";
import { icon } from "../shell/icons.js";
import { duration } from "../shell/format.js";
import { openSheet } from "../shell/sheet.js";
import { statusName } from "./status.js";

/** The button. `id()` is the trace that is shown. */
export function replayButton({ app, id }) {
  const element = h("button", { type: "button", class: "primary", "aria-haspopup": "dialog", title: "Send this request again, and compare", hidden: true,
    on: { click: replay } });
  const asking = new Latest();

  function draw() {
    element.setAttribute("aria-busy", String(asking.isBusy));
    fill(element, icon("replay"), asking.isBusy ? "Sending …" : "Replay");
  }
  draw();
  const stopState = app.onState?.(state => { element.hidden = !state.canAct; });

  async function replay() {
    if (asking.isBusy) return;
    const before = id();
    let content;
    try {
      const answering = asking.run(signal => act("POST", `/console/control/replay/${before}`, {}, signal));
      draw();
      const answer = await answering;
      // Another trace is shown by now.
      if (!answer) return;
      content = () => comparison(before, answer);
    } catch (error) {
      content = () => h("div", { class: "replay-sheet" },
        h("h2", { class: "row" }, icon("error"), "It could not be sent again"), h("p", {}, capital(visible(error.message))));
    }
    draw();
    // A link leads away from what the sheet belongs to.
    openSheet(element, close => {
      const sheet = content();
      sheet.addEventListener("click", event => { if (event.target.closest("a")) close(); });
      return sheet;
    }, { name: "Replay" });
  }

  return {
    element,
    /** Another trace is shown: what was sent for this one no longer matters. */
    stop() { asking.stop(); draw(); },
    end() { asking.stop(); stopState?.(); },
  };
}

function capital(text) { return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : "."); }

function comparison(before, { trace, same, before: first, after: second, differences, warnings }) {
  const side = (name, link, { status, duration: took, faults }) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: link }, name)),
    h("td", {}, status === null || status === undefined ? "no answer" : statusName(status)),
    h("td", { class: "number" }, took === null || took === undefined ? "–" : duration(took)),
    h("td", {}, faults.length ? faults.map(fault => h("code", {}, visible(fault))) : h("span", { class: "faint" }, "none")));
  return h("div", { class: "replay-sheet" },
    h("h2", { class: "row" }, icon(same ? "good" : "warning"), same ? "The same happened again" : "Something else happened this time"),
    h("table", {}, h("thead", {}, h("tr", {}, ["", "answer", "duration", "faults"].map(name => h("th", { scope: "col" }, name)))),
      h("tbody", {}, side("before", `/trace/${before}`, first), side("again", `/trace/${trace}`, second))),
    differences.length ? [h("h3", {}, same ? "In detail it differed" : "What differs"),
      h("ul", {}, differences.slice(0, 12).map(text => h("li", {}, capital(visible(text)))))] : null,
    warnings.map(text => h("p", { class: ["row", "small"] }, icon("warning"), capital(visible(text)))),
    h("div", { class: "row" }, h("a", { class: ["button", "primary"], href: `/trace/${trace}` }, "Open the new trace"),
      h("a", { class: "button", href: `/compare?a=${before}&b=${trace}` }, icon("compare"), "Compare")));
}
