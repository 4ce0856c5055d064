// Live: what arrives is appended at the end that is in view. Who scrolls away, opens a row or selects text holds it back, and
// the strip counts what waits.
import { h, fill } from "/console/shell/dom.js";
import { announce } from "/console/shell/announce.js";
import { counted, exactTime, moment } from "/console/shell/format.js";
import { icon } from "/console/shell/icons.js";
import { live } from "/console/shell/live.js";

/**
 * `page`: `follow()` appends what is new and resolves to how much that was; `newer()` resolves to how many lines wait;
 * `isAtEnd()`, `toEnd()`, `end()` (the end of what is shown, in ns), `isLines()`; `strip` is where the news stand.
 */
export function liveTail(page, strip) {
  let isBusy = false;
  let skip = 0;
  let wasOn = live.isOn;
  let isMoving = false;

  async function tick() {
    if (isBusy || skip-- > 0) return;
    isBusy = true;
    try {
      const begun = performance.now();
      if (live.isPaused) {
        const end = page.isLines() ? page.end() : null;
        const waiting = await page.newer();
        // In the meantime they may have been shown.
        if (live.isPaused && waiting !== null && page.isLines() && end === page.end()) {
          if (waiting > live.waiting) announce(`Paused. ${counted(waiting, "newer line waits", "newer lines wait")}.`);
          live.pause(waiting);
        }
      } else {
        const added = await page.follow();
        if (added > 0) announce(`${counted(added, "new line")}.`);
        if (!live.isPaused) moveToEnd();
      }
      // A query that takes long is asked less often.
      skip = Math.min(9, Math.floor((performance.now() - begun) / 300));
    } catch { /* The line above the page says that the server is gone; the next second tries again. */ } finally {
      isBusy = false;
    }
  }
  function moveToEnd() {
    isMoving = true;
    page.toEnd();
    requestAnimationFrame(() => requestAnimationFrame(() => { isMoving = false; }));
  }
  function watch() {
    const isOn = live.isOn;
    if (isOn && !wasOn) { skip = 0; moveToEnd(); tick(); }
    wasOn = isOn;
    draw();
  }
  function draw() {
    strip.hidden = !live.isPaused || !page.isLines();
    if (strip.hidden) return;
    const at = exactTime(moment(page.end()))[0];
    fill(strip, h("span", { class: "strip-cell", role: "gridcell" }, icon("pause"), h("span", {}, `Paused at ${at}. `, live.waiting
      ? [h("strong", { class: "strong" }, counted(live.waiting, "newer line")), live.waiting === 1 ? " waits." : " wait."]
        : "Nothing newer yet."),
    h("button", { type: "button", disabled: !live.waiting, on: { click: showThem } }, "Show them"),
    h("button", { type: "button", on: { click: goOn } }, "Go on live ", h("kbd", { class: "key" }, "space"))));
  }
  async function showThem() {
    await page.follow().catch(() => {});
    moveToEnd();
    live.pause(0);
    draw();
  }
  function goOn() { skip = 0; moveToEnd(); live.resume(); }
  function hold() { if (live.isOn && !live.isPaused && page.isLines()) live.pause(0); }
  function scrolled() { if (!isMoving && live.isOn && !live.isPaused && !page.isAtEnd()) hold(); }
  function selected() {
    const selection = getSelection();
    if (!selection.isCollapsed && selection.anchorNode && page.element.contains(selection.anchorNode)) hold();
  }

  const ends = [live.watch(watch), live.everySecond(tick)];
  const scroller = page.scroller ?? window;
  scroller.addEventListener("scroll", scrolled, { passive: true });
  document.addEventListener("selectionchange", selected);
  draw();
  return {
    hold, draw,
    end() {
      for (const end of ends) end();
      scroller.removeEventListener("scroll", scrolled);
      document.removeEventListener("selectionchange", selected);
    },
  };
}
