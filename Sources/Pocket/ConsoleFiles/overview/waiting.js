// Grey bars in the place of what is not there yet. What was shown before stays for 300 ms, so that quick answers do not
// flicker.
import { h } from "/console/shell/dom.js";

/** `start()` when something is asked, `stop()` once it is there: the bars show only where nothing was shown before. */
export function waiting(names) {
  const element = h("div", { class: "loading", hidden: true, "aria-hidden": "true" },
    names.map(name => h("div", { class: "card" }, h("header", {}, h("span", { class: "soft" }, `Reading the ${name} …`)),
      h("div", { class: "bars" }, [80, 60, 72].map(() => h("div", { class: "waiting" }))))));
  let timer = null;
  let wasShown = false;
  return {
    element,
    start() { if (!wasShown && timer === null) timer = setTimeout(() => { element.hidden = false; }, 300); },
    stop() { clearTimeout(timer); timer = null; wasShown = true; element.hidden = true; },
  };
}
