// What can be played, and what is playing. It is asked once a second while something plays, and every four seconds else,
// for as long as somebody watches.
import { isAbsent } from "/console/shell/absent.js";
import { act, get, Latest } from "/console/shell/api.js";

const path = "/console/control/incidents";
const watchers = new Set();
const asking = new Latest();
let timer = null;

export const stage = {
  /** `{incidents, playing}` as last told; `null` before the first answer. */
  state: null,
  /** Why there is none. */
  error: null,

  /** Calls `watcher()` whenever one of the two may have changed. */
  watch(watcher) {
    watchers.add(watcher);
    if (watchers.size === 1) ask(); else watcher();
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) { clearTimeout(timer); asking.stop(); }
    };
  },

  /** What is known of an incident without its questions. */
  entry(name) { return this.state?.incidents.find(incident => incident.name === name) ?? null; },

  async play(name, speed) {
    await act("POST", `${path}/${encodeURIComponent(name)}/play`, { speed });
    await ask();
  },
  async stop() {
    await act("DELETE", `${path}/playing`);
    await ask();
  },
};

async function ask() {
  clearTimeout(timer);
  try {
    const state = await asking.run(signal => get(path, {}, signal));
    if (!state) return;
    Object.assign(stage, { state, error: null });
  } catch (error) {
    stage.error = error;
  }
  if (watchers.size === 0) return;
  clearTimeout(timer);
  // A console that has nothing to play will not get anything.
  if (!isAbsent(stage.error)) timer = setTimeout(next, stage.state?.playing ? 1000 : 4000);
  for (const watcher of [...watchers]) watcher();
}

// A page that nobody sees does not ask.
function next() { if (document.hidden) timer = setTimeout(next, 1000); else ask(); }
