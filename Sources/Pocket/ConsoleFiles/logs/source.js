// The lines of a query by their place in the result: what is in view is fetched, the rest only counted. The range is fixed
// while somebody reads, so that places stay true.
import { get } from "/console/shell/api.js";

const page = 200;
/** So many lines are kept; those farthest from what is in view go first. */
const most = 8000;

export class LineSource {
  /** `from`, `to`: texts of nanoseconds. `onLines(first, last)` is called when lines have come. */
  constructor({ query, from, to, order }, onLines, onError) {
    Object.assign(this, { query, from, to, order, onLines, onError });
    this.lines = new Map();
    this.summary = null;
    /** How often lines got other places: what was asked for before is not stored at the old ones. */
    this.moves = 0;
    this.controller = new AbortController();
  }

  get count() { return this.summary?.matched ?? 0; }
  line(index) { return this.lines.get(index); }
  indexOf(key) { for (const [index, line] of this.lines) if (line.key === key) return index; return -1; }

  ask(more, signal = this.controller.signal) {
    return get("/console/api/lines", { query: this.query, from: this.from, to: this.to, order: this.order, ...more }, signal);
  }

  /** The first lines and the figures of all. */
  async begin(buckets, signal) {
    const answer = await this.ask({ offset: 0, limit: page, summary: 1, buckets }, signal);
    this.take(answer);
    return answer;
  }

  take({ lines, offset, summary }) {
    lines.forEach((line, at) => this.lines.set(offset + at, line));
    if (summary) this.summary = summary;
  }

  /** Sees to it that the lines in view are fetched. */
  want(first, last) {
    this.wanted = [first, last];
    if (!this.isFetching) this.fetchWanted();
  }

  async fetchWanted() {
    this.isFetching = true;
    try {
      for (let missing = this.missing(); missing !== null && !this.controller.signal.aborted; missing = this.missing()) {
        const offset = Math.floor(missing / page) * page;
        const { moves } = this;
        const answer = { ...await this.ask({ ...this.near(offset), limit: page }), offset };
        if (moves !== this.moves) continue;
        // Lines that were deleted in the meantime leave a gap: it must not be asked for again and again.
        for (let at = answer.lines.length; at < page && offset + at < this.count; at++) this.lines.set(offset + at, gone);
        this.take(answer);
        this.forget();
        this.onLines(offset, offset + page - 1);
      }
    } catch (error) {
      if (!this.controller.signal.aborted) this.onError(error);
    } finally {
      this.isFetching = false;
    }
  }

  /**
   * Where to ask for the lines from `offset` on: the bars of the histogram say how many lines are before each of them, so
   * that the server need not read all of those again.
   */
  near(offset) {
    const { start, step, buckets } = this.summary;
    const counts = buckets.map(bucket => Object.values(bucket).reduce((sum, lines) => sum + lines, 0));
    const isNewest = this.order === "newest";
    let passed = 0;
    for (let at = 0; at < counts.length; at++) {
      const index = isNewest ? counts.length - 1 - at : at;
      if (passed + counts[index] > offset) {
        const edge = BigInt(start) + BigInt(step) * BigInt(isNewest ? index + 1 : index);
        if (isNewest) return { to: edge < BigInt(this.to) ? edge.toString() : this.to, offset: offset - passed };
        return { from: edge > BigInt(this.from) ? edge.toString() : this.from, offset: offset - passed };
      }
      passed += counts[index];
    }
    return { offset };
  }

  missing() {
    const [first, last] = this.wanted;
    for (let index = first; index <= Math.min(last, this.count - 1); index++) if (!this.lines.has(index)) return index;
    return null;
  }

  forget() {
    if (this.lines.size <= most) return;
    const middle = (this.wanted[0] + this.wanted[1]) / 2;
    for (const index of [...this.lines.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle)).slice(0,
      this.lines.size - most)) {
      this.lines.delete(index);
    }
  }

  /** `by` lines came to the front. */
  shift(by) {
    if (by === 0) return;
    this.lines = new Map([...this.lines].map(([index, line]) => [index + by, line]));
    this.moves += 1;
  }

  /** No line is where it was. */
  clear() {
    this.lines = new Map();
    this.moves += 1;
  }

  /** The place of a line that may not have been fetched, or -1: `time` in nanoseconds as text. */
  async find(key, time) {
    const known = this.indexOf(key);
    if (known >= 0) return known;
    const isNewest = this.order === "newest";
    const before = isNewest ? { from: (BigInt(time) + 1n).toString() } : { to: time };
    if (BigInt(time) < BigInt(this.from) || BigInt(time) >= BigInt(this.to)) return -1;
    if (isNewest ? BigInt(before.from) >= BigInt(this.to) : BigInt(time) <= BigInt(this.from)) return this.fetchAround(0, key);
    const { summary } = await this.ask({ ...before, limit: 0, summary: 1, buckets: 1 });
    return this.fetchAround(summary.matched, key);
  }

  async fetchAround(place, key) {
    const offset = Math.max(0, Math.floor(place / page) * page);
    const { moves } = this;
    const answer = { ...await this.ask({ ...this.near(offset), limit: 2 * page }), offset };
    if (moves !== this.moves) return this.fetchAround(place, key);
    this.take(answer);
    return this.indexOf(key);
  }

  end() { this.controller.abort(); }
}

const gone = { time: "0", level: "", service: "", message: "", trace: null, span: null, fields: [], line: "", key: "", isGone: true };
