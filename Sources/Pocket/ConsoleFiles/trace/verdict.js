// Whether the lines and spans of the trace agree, by the rules of `tailspan verify` that one trace can be judged by.
import { fill, h, visible } from "../shell/dom.js";
import { get, Latest } from "../shell/api.js";
import { icon } from "../shell/icons.js";
import { counted } from "../shell/format.js";
import { openSheet } from "../shell/sheet.js";

/** How often it is judged again while spans arrive, and how long at most: in all 45 s. */
const [again, most] = [1500, 30];

/** The button; hidden where nobody judges. `choose({span, line})` shows what a broken rule means. */
export function verdictButton({ app, choose }) {
  const element = h("button", { type: "button", "aria-haspopup": "dialog", hidden: true, on: { click: open } });
  const asking = new Latest();
  let verdict = null;
  let id = null;
  let timer = null;
  let times = 0;
  const stopState = app.onState?.(() => { if (id && times === 0) judge(); });

  function name() {
    const broken = verdict.rules.filter(rule => !rule.holds).length;
    switch (verdict.state) {
      case "verified": return [icon("good"), "Verified", h("span", { class: ["soft", "for-wide"] },
        h("span", { class: "aloud" }, " · "), counted(verdict.held, "rule holds", "rules hold"))];
      case "broken": return [icon("error"), counted(broken, "rule broken", "rules broken")];
      case "arriving": return [icon("clock"), "Still arriving"];
      default: return null;
    }
  }
  function draw() {
    const content = verdict && name();
    element.hidden = !content;
    if (content) fill(element, content, icon("down"));
  }
  async function judge() {
    clearTimeout(timer);
    if (!app.state?.canAct) return;
    times += 1;
    try {
      const answer = await asking.run(signal => get(`/console/control/verdict/${id}`, {}, signal));
      if (!answer) return;
      verdict = answer;
    } catch {
      // Without a verdict there is no button: the trace itself is complete without it.
      verdict = null;
    }
    draw();
    if (verdict?.state === "arriving" && times < most) timer = setTimeout(judge, again);
  }
  function open() {
    openSheet(element, close => h("div", { class: "verdict-sheet" }, h("h2", {}, title(verdict)),
      h("p", { class: ["small", "soft"] }, note(verdict)),
      h("ol", {}, verdict.rules.toSorted((a, b) => a.holds - b.holds || a.number - b.number).map(rule => h("li", {},
        icon(rule.holds ? "good" : verdict.state === "arriving" ? "clock" : "error", rule.holds ? "holds" : "broken"),
        h("span", { class: "faint" }, rule.number),
        h("div", {}, h("p", { class: !rule.holds && "strong", title: visible(rule.explanation ?? "") }, capital(rule.title)),
          rule.holds ? null : h("p", {}, firstSentence(rule.explanation ?? "")), rule.violations.map(violation =>
          h("p", { class: "violation" }, visible(violation.text), " ", where(violation, close)))))))), { name: "Verdict" });
  }
  function where(violation, close) {
    if (!violation.span && !violation.line) return null;
    return h("button", { type: "button", class: "link", on: { click: () => { close(); choose(violation); } } },
      violation.line ? "Its line" : "Its span");
  }

  return {
    element,
    /** Asks for the verdict of a trace, again whenever it has changed. */
    ask(next) {
      if (next !== id) { verdict = null; draw(); }
      id = next;
      times = 0;
      judge();
    },
    end() { clearTimeout(timer); asking.stop(); stopState?.(); },
  };
}

function capital(text) { const shown = visible(text); return shown.charAt(0).toUpperCase() + shown.slice(1); }
function sentence(text) { return capital(text) + (/[.!?]$/.test(text) ? "" : "."); }
function firstSentence(text) { return visible(/^.*?[.!?](?= |$)/.exec(text)?.[0] ?? text); }

function title(verdict) {
  const broken = verdict.rules.filter(rule => !rule.holds).length;
  switch (verdict.state) {
    case "verified": return "Lines and spans of this trace agree";
    case "broken": return `Lines and spans disagree: ${counted(broken, "rule is broken", "rules are broken")}`;
    default: return "Spans and lines are still arriving";
  }
}

function note(verdict) {
  if (verdict.state === "arriving") {
    return verdict.missing ? sentence(verdict.missing) : "Services send their spans in batches; it is judged again when they have come.";
  }
  return "These are the rules of “tailspan verify” that one trace can be judged by.";
}
