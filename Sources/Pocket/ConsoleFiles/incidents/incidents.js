import { h, fill } from "/console/shell/dom.js";

export function mount(root) { fill(root, h("p", {}, "…")); return {}; }
