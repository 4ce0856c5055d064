// Answers of the server. A refusal is an Error with the server's own words, and where in the query it is, if it said so.

import { askToken, keptToken, needsToken } from "./token.js";

export class Refusal extends Error {
  constructor(message, details) {
    super(message);
    Object.assign(this, details);
  }
}

/** The server could not be reached at all. */
export class Offline extends Error {}

/** GET as JSON. `parameters` without a value are left out. */
export function get(path, parameters = {}, signal) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, value);
  }
  const text = search.toString();
  return request(path + (text ? "?" + text : ""), { signal });
}

/**
 * POST, PUT or DELETE with a body in JSON. Where the server acts only for those who have its token, it is asked for,
 * unless `quietly`: what a page does by itself must not ask.
 */
export async function act(method, path, body, signal, { quietly = false } = {}) {
  for (let wasAsked = false; ; wasAsked = true) {
    const token = keptToken();
    try {
      return await request(path, { method, signal, body: JSON.stringify(body ?? {}),
        headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) } });
    } catch (error) {
      if (quietly || !needsToken(error) || !await askToken(wasAsked || token !== null)) throw error;
    }
  }
}

async function request(url, options) {
  let answer;
  try {
    answer = await fetch(url, { ...options, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reach(false);
    throw new Offline("the console's server does not answer");
  }
  reach(true);
  const text = await answer.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { /* Loki's refusals are lines of text. */ }
  if (answer.ok) return value;
  throw new Refusal(value?.detail ?? value?.title ?? (text.trim() || `the server answered ${answer.status}`),
    { status: answer.status, ...(value ?? {}) });
}

// Whether the server answers, for the line that says so.
let reached = true;
const watchers = new Set();
export function onReach(watcher) { watchers.add(watcher); }
function reach(value) {
  if (value === reached) return;
  reached = value;
  for (const watcher of watchers) watcher(value);
}

/**
 * Runs one request at a time: a newer one ends the older. `run(work)` resolves to the result, or to `undefined` if it
 * was overtaken; `stop()` ends what is under way.
 */
export class Latest {
  #controller = null;

  async run(work) {
    this.#controller?.abort();
    const controller = this.#controller = new AbortController();
    try {
      const result = await work(controller.signal);
      return controller.signal.aborted ? undefined : result;
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#controller === controller) this.#controller = null;
    }
  }

  get isBusy() { return this.#controller !== null; }
  stop() { this.#controller?.abort(); this.#controller = null; }
}
