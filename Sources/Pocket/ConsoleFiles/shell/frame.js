// What surrounds every page: the bar with the pages and the state of the environment, the box, the range, Live.
import { fill, h, visible } from "./dom.js";
import { icon, mark } from "./icons.js";
import { queryBox } from "./box.js";
import { rangeButton } from "./range-sheet.js";
import { live } from "./live.js";
import { announcer } from "./announce.js";
import { nextTheme, theme } from "./theme.js";
import { showKeys } from "./keys.js";
import { addressWith } from "./address.js";
import { keptRange, range, setRange } from "./range.js";
import { onReach } from "./api.js";
import { count, time } from "./format.js";

/** `pages`: `{path, name, icon}`. `run(found)`: what the box was asked. `again()`: draws the page again. */
export function frame(pages, run, again) {
  const links = pages.map(page => h("a", { href: page.path }, icon(page.icon), page.name));
  const ready = h("a", { href: "/" });
  const faults = h("a", { href: "/faults" });
  const themeButton = h("button", { class: ["quiet", "only-icon"], type: "button", on: { click: changeTheme } }, icon("theme"));
  const box = queryBox(run);
  const ranges = rangeButton(again);
  const liveButton = h("button", { type: "button", class: "live", title: "Follow what arrives (space)", on: { click: toggleLive } });
  const ask = h("div", { class: "asking" },
    h("div", { class: "ask" }, box.element, ranges.element, liveButton), box.refusal);
  const offline = h("p", { class: "offline", role: "alert", hidden: true });
  const main = h("main", { id: "main", tabindex: "-1" });
  const element = h("div", { class: "frame" },
    h("a", { class: "skip", href: "#main", on: { click: event => { event.preventDefault(); main.focus(); } } }, "Skip to the content"),
    h("header", { class: "bar" },
      h("a", { class: "brand", href: "/" }, mark(), "Tailspan"),
      h("nav", { class: "pages", "aria-label": "Pages" }, links),
      h("div", { class: "state" }, ready, faults),
      h("span", { class: "row wide" },
        h("button", { class: ["quiet", "only-icon"], type: "button", "aria-label": "Keys", title: "Keys (?)", on: { click: showKeys } }, icon("question")),
        themeButton)),
    offline, ask, main, announcer());

  function changeTheme() { nextTheme(); nameTheme(); }
  function nameTheme() {
    const name = `Colours: ${theme() === "system" ? "as the system has them" : theme()}`;
    themeButton.setAttribute("aria-label", name);
    themeButton.title = `${name} (t)`;
  }
  function toggleLive() {
    if (!live.isOn && !range().isLive) setRange("15m", "now");
    live.toggle();
  }
  function drawLive() {
    liveButton.setAttribute("aria-pressed", String(live.isOn));
    fill(liveButton, live.isPaused ? [icon("pause"), live.waiting ? `Paused · ${count(live.waiting)}` : "Paused"] : [h("span", { class: "dot" }), "Live"]);
    liveButton.title = live.isPaused ? "Go on (space)" : "Follow what arrives (space)";
  }
  live.watch(drawLive);
  drawLive();
  nameTheme();
  onReach(isReached => {
    offline.hidden = isReached;
    if (!isReached) fill(offline, icon("warning"), `The console lost its server at ${time(Date.now() * 1000)}. Trying again in 2 s.`);
  });

  return {
    element, box, main, ask,
    /** The range, and the links to pages, follow the address. */
    refresh(current) {
      ranges.refresh();
      if (live.isOn && !range().isLive) live.turn(false);
      links.forEach((link, index) => {
        link.href = addressWith(keptRange(), pages[index].path);
        if (pages[index] === current || pages[index].path === current?.under) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      });
    },
    /** Shows the services' readiness and the faults in force, from `/console/api/state`. */
    show(state) {
      const up = state.services.filter(service => service.ready).length;
      const down = state.services.filter(service => !service.ready).map(service => service.name);
      fill(ready, icon(down.length ? "error" : "good"), h("span", {}, `${up} of ${state.services.length}`, h("span", { class: "word" }, " ready")));
      ready.title = down.length ? `Not ready: ${down.join(", ")}` : "All services are ready";
      const { count, incident, hidden } = state.faults;
      faults.href = incident ? "/incidents" : "/faults";
      fill(faults, icon(incident ? "incidents" : "faults"), h("span", {}, incident && hidden
        ? [visible(incident), h("span", { class: "word" }, ", faults are hidden")]
        : [`${count} ${count === 1 ? "fault" : "faults"}`, h("span", { class: "word" }, " in force")]));
    },
    /** Puts the box, the range and Live into another place, until `null` puts them back. */
    placeAsk(place) { if (place) place.prepend(ask); else offline.after(ask); },
    changeTheme, toggleLive,
  };
}
