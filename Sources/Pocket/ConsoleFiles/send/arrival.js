// Looks how a trace arrives: its lines at once, its spans in batches, and the verdict when both are there. It ends when
// the trace is whole, judged and quiet, or after half a minute.
import { get } from "/console/shell/api.js";
import { nanoseconds } from "/console/shell/format.js";
import { linesQuery } from "/console/trace/links.js";

const patience = 30_000;
/** An asynchronous task goes on after its answer: so long nothing may come before it counts as quiet. */
const quiet = 4_000;

/**
 * Calls `show({trace, lines, verdict, isOver, error})` whenever something has changed: `trace` is the answer of the
 * API or null, `lines` are those that came before any span.
 */
export function watchArrival(id, sentAt, show) {
  const controller = new AbortController();
  const { signal } = controller;
  const begin = performance.now();
  const state = { trace: null, lines: [], verdict: null, isOver: false, error: null };
  let figures = "";
  let changedAt = begin;
  run();

  async function run() {
    while (!signal.aborted && !state.isOver) {
      if (!document.hidden) {
        try { await look(); } catch (error) {
          if (signal.aborted) return;
          state.error = error;
        }
        if (signal.aborted) return;
      }
      const now = performance.now();
      const next = [state.trace?.spans.length, state.trace?.lines.length, state.lines.length, state.trace?.complete, state.verdict?.state,
        state.verdict?.rules.filter(rule => !rule.holds).length].join();
      if (next !== figures) { figures = next; changedAt = now; }
      const isJudged = !state.verdict || ["verified", "broken"].includes(state.verdict.state);
      state.isOver = now - begin > patience || (Boolean(state.trace?.complete) && isJudged && now - changedAt > quiet);
      show({ ...state });
      await new Promise(resolve => setTimeout(resolve, now - begin < 5000 ? 300 : 1000));
    }
  }
  async function look() {
    state.error = null;
    try {
      state.trace = await get(`/console/api/trace/${id}`, {}, signal);
    } catch (error) {
      if (error.status !== 404) throw error;
      if (error.lines > state.lines.length) {
        const answer = await get("/console/api/lines", { query: linesQuery(id), order: "oldest", limit: 200,
          from: nanoseconds((sentAt - 5000) * 1000), to: nanoseconds((Date.now() + 5000) * 1000) }, signal);
        state.lines = answer.lines;
      }
    }
    try {
      state.verdict = await get(`/console/control/verdict/${id}`, {}, signal);
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }
  return () => controller.abort();
}
