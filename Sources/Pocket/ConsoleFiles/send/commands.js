// The same request for a terminal.
import { copyButton } from "/console/shell/copy.js";
import { h, visible } from "/console/shell/dom.js";
import { openSheet } from "/console/shell/sheet.js";
import { bodyOf, kindOf } from "./kinds.js";

/** A text as one word of a shell. */
export function word(text) { return /^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'"; }

/** A key of its own: with the one that was used, the services would answer as they did before. */
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return "console-" + [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

/** `[[name, command, note]…]` of what is asked; `sent` is the request as it went out, if it did. */
export function commandsOf(asked, gateway, sent) {
  const kind = kindOf(asked.kind);
  const url = sent?.url ?? `${gateway}/v1/tasks${kind.query ?? ""}`;
  const headers = (sent?.headers ?? [["content-type", "application/json"]])
    .filter(([name]) => !["traceparent", "idempotency-key", "content-length", "host"].includes(name));
  const lines = [`curl -i ${word(url)}`, ...headers.map(([name, value]) => name === "authorization"
    ? `-H "authorization: Bearer $GATEWAY_TOKEN"` : `-H ${word(`${name}: ${value}`)}`),
  `-H ${word(`idempotency-key: ${freshKey()}`)}`, `-d ${word(sent?.body ?? bodyOf(asked))}`];
  const curl = ["curl", lines.join(" \\\n  "),
    "It begins a trace of its own, and has a key of its own: with the same key the services answer as before."];
  if (kind.name === "custom") return [curl];
  const workload = kind.takes.includes("workload") && asked.workload ? ` --workload-mix ${word(`${asked.workload}=1`)}` : "";
  return [curl, ["tailspan", `tailspan load --requests 1 --mix ${kind.name}=1${workload}`,
    "Guild, amount and size follow from its seed, which it shows."]];
}

/** Opens the commands below a button. */
export function showCommands(anchor, commands) {
  openSheet(anchor, () => h("div", { class: "send-commands" }, commands.map(([name, command, note]) => {
    const copy = copyButton(() => command, { "aria-label": `Copy the ${name} command` });
    return h("section", {}, h("div", { class: ["row", "apart"] }, h("h2", {}, name), copy),
      h("pre", { tabindex: "0" }, visible(command)), h("p", { class: ["small", "soft"] }, note));
  })), { name: "The same for a terminal" });
}
