// While traces are searched for: what was shown before stays for 300 ms, then it is said that and how long one searches,
// with a way to stop.
import { fill, h } from "/console/shell/dom.js";
import { duration } from "/console/shell/format.js";

export function progress(onStop) {
  const text = h("span", { class: "soft" });
  const element = h("div", { class: "progress", hidden: true, role: "status" },
    h("div", { class: "row" }, text, h("button", { type: "button", class: "quiet", on: { click: onStop } }, "Stop")),
    [1, 2, 3].map(() => h("div", { class: "waiting" })));
  let timer = null;
  return {
    element,
    /** `length` is that of the range, in microseconds. */
    start(length) {
      clearInterval(timer);
      const began = performance.now();
      timer = setInterval(() => {
        const elapsed = performance.now() - began;
        if (elapsed < 300) return;
        element.hidden = false;
        element.parentElement?.classList.add("searching");
        fill(text, `Searching ${duration(length * 1000)} · ${(elapsed / 1000).toFixed(1)} s`);
      }, 100);
    },
    stop() { clearInterval(timer); timer = null; element.hidden = true; element.parentElement?.classList.remove("searching"); },
  };
}
