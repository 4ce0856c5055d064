// Reads a trace, and again once a second while more of it may come.
import { get, Latest } from "../shell/api.js";

/** A trace that ended less than this ago may still get spans and lines, even if none is missing (µs). */
const fresh = 8e6;
/** What is missing after this long was lost (µs). */
const patience = 60e6;

/** `took(json)`, `missing(problem)` and `failed(error)` are called with what came. */
export function loader({ took, missing, failed }) {
  const reading = new Latest();
  let timer = null;
  let id = null;
  let isOver = false;

  function again(wait) { if (!isOver) timer = setTimeout(load, wait); }

  async function load() {
    clearTimeout(timer);
    const wanted = id;
    try {
      const json = await reading.run(signal => get(`/console/api/trace/${encodeURIComponent(wanted)}`, {}, signal));
      if (!json) return;
      await took(json);
      const age = Date.now() * 1000 - (Number(BigInt(json.start) / 1000n) + json.duration / 1000);
      if (age < (json.complete ? fresh : patience)) again(1000);
    } catch (error) {
      if (error.status === 404) return missing(error);
      failed(error);
      // A refusal stays one; a server that is gone or in trouble may come back.
      if (!(error.status < 500)) again(2000);
    }
  }
  return {
    read(next) { id = next; return load(); },
    end() { isOver = true; clearTimeout(timer); reading.stop(); },
  };
}
