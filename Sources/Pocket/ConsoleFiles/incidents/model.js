// One incident: its story, its questions, what was answered. Several views of it stand on a page, so they share this.
import { act, get, Latest, Offline } from "/console/shell/api.js";

/** What a question is worth at the first try. */
const best = 3;

export function incidentModel(name) {
  const path = `/console/control/incidents/${encodeURIComponent(name)}`;
  const watchers = new Set();
  const loading = new Latest();
  let retry = null;
  let isOver = false;

  return {
    name,
    /** As the server tells it; `null` before the first answer. */
    data: null,
    error: null,

    watch(watcher) { watchers.add(watcher); return () => watchers.delete(watcher); },

    async load() {
      clearTimeout(retry);
      if (isOver) return;
      try {
        const data = await loading.run(signal => get(path, {}, signal));
        if (!data) return;
        this.data = data;
        this.error = null;
      } catch (error) {
        if (isOver) return;
        this.error = error;
        if (error instanceof Offline) retry = setTimeout(() => this.load(), 2000);
      }
      for (const watcher of [...watchers]) watcher();
    },

    /** Grades an answer. What is no answer to the question is a `Refusal` with status 422. */
    async answer(id, answer, cite) {
      await act("POST", `${path}/answers`, { id, answer, ...(cite ? { cite } : {}) });
      await this.load();
    },

    async hint() {
      await act("POST", `${path}/hint`);
      await this.load();
    },

    /** Settles all open questions, and shows what would have been right. */
    async giveUp() {
      await act("POST", `${path}/solutions`);
      await this.load();
    },

    /** The first question that can still be answered; `after` says where to begin. */
    nextQuestion(after = null) {
      const questions = this.data?.questions ?? [];
      const from = questions.findIndex(question => question.id === after) + 1;
      return [...questions.slice(from), ...questions.slice(0, from)].find(question => !isDone(this.data.answers?.[question.id]));
    },

    /** The most points that there are. */
    get most() { return (this.data?.questions.length ?? 0) * best; },

    end() { isOver = true; clearTimeout(retry); loading.stop(); watchers.clear(); },
  };
}

/** Whether nothing more can be answered. */
export function isDone(answer) { return Boolean(answer) && (answer.right || answer.triesLeft === 0); }
