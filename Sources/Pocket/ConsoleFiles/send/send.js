// Send: what is asked on the left, what came of it on the right.
import { change, go, parameter } from "/console/shell/address.js";
import { act, get } from "/console/shell/api.js";
import { absent, isAbsent } from "/console/shell/absent.js";
import { announce } from "/console/shell/announce.js";
import { fill, h } from "/console/shell/dom.js";
import { bind } from "/console/shell/keys.js";
import { styles } from "/console/shell/styles.js";
import { answerCard } from "./answer.js";
import { commandsOf, showCommands } from "./commands.js";
import { earlierList } from "./earlier.js";
import { kindOf, requestOf, workloads } from "./kinds.js";
import { loadCard } from "./load.js";
import { requestForm } from "./request-form.js";

styles("/console/send/send.css");

const commands = [
  ["tailspan load --requests 1 --mix sync=1", "Sends one task, and says which trace it became."],
  ["tailspan load --rate 3 --duration 60s", "Sends a small load."],
  ["tailspan trace ID", "Shows a trace as a waterfall, with its log lines."],
  ["tailspan verify", "Sends requests, and checks that their lines and spans link up."],
];

/** What was sent, newest first: as long as the console is open. */
const entries = [];
const most = 12;
let number = 0;

export function mount(root, app) {
  app.box.use({});
  const form = requestForm({ changed: write, send: () => send(form.asked),
    commands: button => showCommands(button, commandsOf(form.asked, gateway())) });
  const answer = answerCard({ commands: entry => commandsOf(entry.asked, gateway(), entry.answer.request) });
  const earlier = earlierList({ show: pick, again: entry => { form.show(entry.asked); write(entry.asked); send(entry.asked); } });
  const load = loadCard();
  const page = h("div", { class: "send" }, h("div", { class: "send-left" }, form.element, load.element, earlier.element), answer.element);
  fill(root, h("h1", { class: "aloud" }, "Send"), page);
  const unbind = bind([
    { key: "s", name: "Send", run: () => form.element.requestSubmit() },
    { key: "o", name: "Open the trace", run: () => { if (answer.entry?.answer) go(`/trace/${answer.entry.answer.trace}`); } },
  ]);
  let isOver = false;

  get("/console/control/load").catch(error => {
    if (!isAbsent(error) || isOver) return;
    end();
    fill(page, absent("send requests", commands));
  });

  function gateway() { return app.state?.services.find(service => service.name === "gateway")?.url ?? "http://127.0.0.1:8080"; }
  function write(asked) {
    change({ kind: asked.kind === "sync" ? null : asked.kind, guild: asked.guild, workload: asked.workload,
      size: asked.workload ? asked.size : null, body: asked.kind === "custom" ? asked.body : null }, { replace: true });
  }
  function read() {
    // An address may come from anywhere: only what the form offers is taken from it.
    const workload = workloads.find(name => name === parameter("workload")) ?? "";
    return { kind: kindOf(parameter("kind") ?? "sync").name, guild: parameter("guild") ?? "", workload,
      size: parameter("size") ?? "", body: parameter("body") ?? "" };
  }

  function send(asked) {
    const entry = { number: ++number, asked: { ...asked }, at: Date.now(), answer: null, error: null };
    entries.unshift(entry);
    entries.length = Math.min(entries.length, most);
    answer.show(entry);
    change({ trace: null }, { replace: true });
    draw();
    // Where the answer stands below the form, it is brought into view.
    if (matchMedia("(max-width: 900px)").matches) answer.element.scrollIntoView({ block: "start" });
    entry.done = act("POST", "/console/control/send", requestOf(entry.asked))
      .then(answer => { entry.answer = answer; }, error => { entry.error = error; });
    settled(entry);
  }
  /** Shows the answer once it is there. The page that waits for it need not be the one that sent the request. */
  async function settled(entry) {
    await entry.done;
    if (isOver) return;
    announce(entry.answer ? `Answered with ${entry.answer.status ?? "nothing"}` : "Not sent");
    if (answer.entry === entry) pick(entry); else draw();
  }
  function pick(entry) {
    answer.show(entry);
    change({ trace: entry.answer?.trace ?? null }, { replace: true });
    draw();
  }
  function draw() { earlier.draw(entries, answer.entry); }

  function show() {
    form.show(read());
    const trace = parameter("trace");
    if (answer.entry && (!trace || answer.entry.answer?.trace === trace)) return draw();
    const entry = trace ? entries.find(entry => entry.answer?.trace === trace) : entries[0];
    if (entry) answer.show(entry);
    else if (/^[0-9a-f]{32}$/.test(trace ?? "")) answer.showTrace(trace);
    else answer.empty();
    draw();
  }
  function end() {
    isOver = true;
    unbind();
    answer.end();
    load.end();
  }
  show();
  for (const entry of entries) if (!entry.answer && !entry.error) settled(entry);
  return { update: () => { if (!isOver) show(); }, end };
}
