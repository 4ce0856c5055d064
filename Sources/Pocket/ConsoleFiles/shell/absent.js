// What a page shows that acts, where the console can only read.
import { h } from "./dom.js";

/** `what` names what is missing; `commands` are `[command, what it does]`. */
export function absent(what, commands) {
  return h("div", { class: "empty" }, h("h1", {}, "This console can only read"),
    h("p", {}, `It was started without the services that it would act on, so it cannot ${what}. `
      + "The console of a running environment can: it is the one that tailspan up starts."),
    h("p", {}, "These commands do the same:"),
    h("dl", { class: "commands" }, commands.map(([command, does]) => h("div", {},
      h("dt", {}, h("code", {}, command)), h("dd", { class: ["small", "soft"] }, does)))));
}

/** Whether an error says that the console has no part that acts. */
export function isAbsent(error) { return error?.status === 404; }
