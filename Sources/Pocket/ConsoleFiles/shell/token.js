// The admin token, for a console that is not on this machine. It is kept for this tab alone, and asked for when the
// server refuses to act without it.
import { fill, h } from "./dom.js";

const key = "admin-token";
// Where storage is forbidden, it lasts as long as the page.
let memory = null;

export function keptToken() {
  try { return sessionStorage.getItem(key) ?? memory; } catch { return memory; }
}

function keep(token) {
  memory = token;
  try {
    if (token) sessionStorage.setItem(key, token); else sessionStorage.removeItem(key);
  } catch { /* Then in memory only. */ }
}

/** Whether the server would have acted with the token. */
export function needsToken(error) {
  return error?.status === 403 && String(error.type ?? "").endsWith("admin-only");
}

let asking = null;

/** Asks for the token; resolves to `false` if nobody enters one. Who asks at the same time gets the same answer. */
export function askToken(wasRefused) {
  asking ??= open(wasRefused).finally(() => { asking = null; });
  return asking;
}

function open(wasRefused) {
  return new Promise(resolve => {
    const input = h("input", { type: "password", id: "admin-token", autocomplete: "off", spellcheck: "false",
      "aria-describedby": "admin-token-why", "aria-invalid": wasRefused && "true" });
    let isEntered = false;
    const dialog = h("dialog", { "aria-label": "Admin token" },
      h("form", { class: ["stack", "token"], method: "dialog", on: { submit } },
        h("h2", {}, "Admin token"),
        h("p", { id: "admin-token-why" },
          "From another machine the console acts only for those who have the token that it was started with: ADMIN_TOKEN."),
        h("label", { class: "field" }, h("span", { class: "label" }, "token"), input,
          wasRefused && h("span", { class: "problem" }, "The server did not accept this token.")),
        h("p", { class: ["small", "soft"] }, "It is kept in this tab until you close it."),
        h("div", { class: "row" }, h("button", { class: "primary" }, "Use the token"),
          h("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, "Cancel"))));
    function submit(event) {
      event.preventDefault();
      if (!input.value.trim()) return input.focus();
      keep(input.value.trim());
      isEntered = true;
      dialog.close();
    }
    dialog.addEventListener("close", () => { dialog.remove(); resolve(isEntered); });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}

/** In the place of what could not be done without the token: says so, with a button that asks for it. */
export function tokenNotice(again) {
  const notice = h("div", { class: "notice" });
  return fill(notice, h("div", { class: "stack" }, h("p", {}, "The console acts only for those who have its admin token."),
    h("p", {}, h("button", { type: "button", on: { click: async () => { if (await askToken(keptToken() !== null)) again(); } } },
      "Enter the admin token"))));
}
