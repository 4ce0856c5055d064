// Points, and what the server says, as they are written everywhere.
import { absent } from "/console/shell/absent.js";
import { h, visible } from "/console/shell/dom.js";

/** "3 of 12 points" */
export function score(value, most) {
  if (!value || !most) return null;
  return h("span", { class: ["soft", "nowrap"], title: `${value.right} of ${value.of} questions are answered correctly` },
    h("b", { class: "points" }, value.points), ` of ${most} points`);
}

/** A reason of the server as a sentence; a command at its end is one, whose words are not broken at their dashes. */
export function sentence(text) {
  const [said, command] = text.split(/(?=\btailspan [a-z]+ )/, 2);
  const start = visible(said.charAt(0).toUpperCase() + said.slice(1));
  if (!command) return start + (/[.!?]$/.test(start) ? "" : ".");
  return [start, h("code", {}, command.split(" ").map((word, index) => [index > 0 ? " " : null, h("span", { class: "nowrap" }, visible(word))]))];
}

/** What a console shows that has nothing to play. */
export function cannotPlay() {
  return absent("play incidents", [["tailspan incident list", "tells what there is"], ["tailspan incident run NAME --hide", "plays one"],
    ["tailspan incident answer NAME", "asks its questions and grades the answers"]]);
}
