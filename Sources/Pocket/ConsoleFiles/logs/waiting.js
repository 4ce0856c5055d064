// While a query runs: the last result stays for 300 ms, then grey bars stand in its place. No spinner.
import { h, fill } from "/console/shell/dom.js";
import { counted, duration } from "/console/shell/format.js";

/** `begin(length, stored, stop)` starts to wait; `end()` ends it. `place` shows the bars, `hide(isHidden)` the last result. */
export function waitingPlace(hide) {
  const place = h("section", { class: "searching", hidden: true, "aria-busy": "true" });
  let timer = null;
  let ticking = null;

  function end() {
    clearTimeout(timer);
    clearInterval(ticking);
    timer = ticking = null;
    place.hidden = true;
    hide(false);
  }
  return {
    element: place, end,
    begin(length, stored, stop) {
      end();
      const begun = performance.now();
      timer = setTimeout(() => {
        const figures = h("span", { class: "soft" });
        const tell = () => fill(figures, [`Searching ${duration(length * 1000)}`, stored ? counted(stored, "line") : null,
          `${((performance.now() - begun) / 1000).toFixed(1)} s`].filter(Boolean).join(" · "));
        tell();
        ticking = setInterval(tell, 100);
        fill(place, h("div", { class: "row" }, figures, h("button", { type: "button", on: { click: stop } }, "Stop")),
          h("div", { class: "grey-chart", "aria-hidden": "true" }, Array.from({ length: 60 }, () => h("span"))),
          h("div", { class: "grey-rows", "aria-hidden": "true" },
            Array.from({ length: 10 }, () => h("div", {}, h("span", { class: "waiting" }), h("span", { class: "waiting" }),
            h("span", { class: "waiting" })))));
        place.hidden = false;
        hide(true);
      }, 300);
    },
  };
}
