// What the address of the page asks for.
import { parameter } from "/console/shell/address.js";
import { rangeTexts } from "/console/shell/range.js";
import { everything } from "./edit.js";

export function query() { return parameter("query")?.trim() || everything; }
export function order() { return parameter("order") === "oldest" ? "oldest" : "newest"; }
export function columns() { return (parameter("columns") ?? "").split(",").filter(Boolean); }
export function isWrapped() { return parameter("wrap") === "1"; }
export function chart() { return ["bars", "stacked"].includes(parameter("chart")) ? parameter("chart") : "lines"; }

/** What has to be asked again if it changes, and what only has to be drawn again. */
export function signature() { return JSON.stringify([query(), order(), rangeTexts()]); }
export function looks() { return JSON.stringify([columns(), isWrapped(), chart()]); }
