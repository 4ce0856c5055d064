// The overview before anybody has asked the services for anything: why it is empty, and what to press.
import { fill, h, service, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { counted, dateTime, duration, moment } from "/console/shell/format.js";
import { range, setRange } from "/console/shell/range.js";
import { acting, command, complaint, loadCommand, sendOne, smallLoad, startLoad } from "./send.js";
import { keyedList } from "./keyed.js";

/** `onLoad()` is called once a load was started. */
export function nothing(onLoad) {
  const services = h("ul", { class: "ready" });
  const head = h("h2", {});
  const why = h("p", { class: "soft" });
  const widen = h("button", { type: "button", hidden: true }, "Show all that is stored");
  const problem = complaint();
  const send = acting({ class: "primary" }, [icon("send"), "Send one task"], () => sendOne("sync"), problem);
  const load = acting({}, "Start a small load", async () => { await startLoad(); onLoad(); }, problem);
  const row = (what, text) => h("li", {}, what, h("span", { class: "soft" }, text));
  const actions = [row(send, "then follow it: its answer, its trace, its lines"),
    row(load, `${smallLoad.rate} requests a second for ${smallLoad.seconds} seconds`),
    row(h("a", { class: "button", href: "/incidents" }, "Play an incident"), "then answer its questions")];
  const element = h("div", { class: "nothing", hidden: true }, services, h("section", { class: "empty" }, head, why, widen,
    h("ul", { class: "what-to-do" }, actions, h("li", {}, h("span", { class: "soft" }, "From a terminal"), command(loadCommand))), problem.element));
  const showServices = keyedList(services, {
    key: state => state.name,
    build: state => { const item = h("li", { class: "card" }); drawState(item, state); return item; },
    refresh: drawState,
  });
  widen.addEventListener("click", () => setRange(Number(widen.dataset.first), "now"));

  return {
    element,
    showState(state) {
      showServices(state.services);
      for (const action of actions) action.hidden = !state.canAct;
      const { from, to, isLive, length } = range();
      const down = state.services.filter(({ ready }) => !ready);
      const isNew = state.traces === 0;
      fill(head, down.length ? `${counted(down.length, "service is", "services are")} not ready.`
        : isNew ? "The services are ready. Nobody has asked them for anything yet."
          : `No request in ${isLive ? `the last ${duration(length * 1000)}` : "this range"}.`);
      fill(why, isNew
        ? [`No span and no request line ${isLive ? `arrived in the last ${duration(length * 1000)}` : `lies between ${dateTime(from)} and ${dateTime(to)}`}. `,
          state.canAct ? "Send something, and this page fills within two seconds." : "Send something from a terminal, and this page fills within two seconds."]
        : [counted(state.traces, "trace is stored", "traces are stored"), state.first ? `, since ${dateTime(moment(state.first))}. ` : ". ",
          "Send something, or show more."]);
      widen.hidden = isNew || !state.first || (isLive && moment(state.first) >= from);
      widen.dataset.first = state.first ? moment(state.first) : "";
    },
  };
}

function drawState(item, state) {
  const text = state.url.replace(/^https?:\/\//, "");
  fill(item, service(state.name), h("span", { class: ["row", "soft"] }, icon(state.ready ? "good" : "error"), state.ready ? "ready" : "not ready"),
    h("code", { class: "faint", title: visible(state.detail) }, visible(text)));
}
