// Live: the page follows what arrives. It goes on by itself once a second while it is on, the range ends now and
// somebody can see the page; whoever reads pauses it.
import { range } from "./range.js";

let on = false;
let paused = false;
let waiting = 0;
const watchers = new Set();
const tickers = new Set();

export const live = {
  get isOn() { return on; },
  get isPaused() { return on && paused; },
  turn(value) { on = value; paused = false; waiting = 0; tell(); },
  toggle() { if (this.isPaused) this.resume(); else this.turn(!on); },
  /** Holds it back, with the number of things that wait. */
  pause(count = 0) {
    if (!on || (paused && waiting === count)) return;
    paused = true;
    waiting = count;
    tell();
  },
  resume() { paused = false; waiting = 0; tell(); for (const ticker of tickers) ticker(); },
  get waiting() { return waiting; },
  /** Calls `watcher` when anything of this changes. */
  watch(watcher) { watchers.add(watcher); return () => watchers.delete(watcher); },
  /** Calls `ticker({isPaused})` once a second while it is on, also while paused, so that what waits can be counted. */
  everySecond(ticker) { tickers.add(ticker); return () => tickers.delete(ticker); },
};

function tell() { for (const watcher of [...watchers]) watcher(); }

setInterval(() => {
  if (!on || document.hidden || !range().isLive) return;
  for (const ticker of [...tickers]) ticker();
}, 1000);
