// The tree of a Markdown text as elements.
import { copyButton } from "/console/shell/copy.js";
import { h, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { inline } from "./markdown.js";

/**
 * `link(target)` gives the address of a link's target, or `null` for what the console does not have: that is written out.
 * `under(block)` may return elements to stand below a block of code. `fold(heading)` says whether what stands under a
 * heading is folded away. `run(block)` gives what a block's *Run* does, or `null`.
 */
export function render(tree, options) {
  const result = [];
  for (let at = 0; at < tree.length; at++) {
    const block = tree[at];
    if (block.kind !== "heading" || !options.fold?.(block)) { result.push(element(block, options)); continue; }
    let end = at + 1;
    while (end < tree.length && !(tree[end].kind === "heading" && tree[end].level <= block.level)) end++;
    result.push(h("details", {}, h("summary", {}, element(block, options)), render(tree.slice(at + 1, end), options)));
    at = end - 1;
  }
  return result;
}

function element(block, options) {
  switch (block.kind) {
    case "heading": return h(`h${block.level}`, {}, spans(block.text, options));
    case "paragraph": return h("p", {}, spans(block.text, options));
    case "list": return h(block.isOrdered ? "ol" : "ul", { start: block.isOrdered && block.start !== 1 ? block.start : null },
      block.items.map(item => h("li", {}, render(item, options))));
    case "code": return [codeBlock(block, options), options.under?.(block)];
    case "table": return h("div", { class: "table" }, h("table", {},
      h("thead", {}, h("tr", {}, block.head.map(cell => h("th", { scope: "col" }, spans(cell, options))))),
      h("tbody", {}, block.rows.map(row => h("tr", {}, row.map(cell => h("td", {}, spans(cell, options))))))));
  }
}

function codeBlock(block, options) {
  const run = options.run?.(block);
  return h("div", { class: ["code", run && "query"] }, h("pre", { tabindex: "0" }, h("code", {}, visible(block.text))),
    h("div", { class: "code-bar" }, block.language && h("span", { class: ["small", "faint"] }, block.language), h("span", { class: "grow" }),
      run && h("button", { type: "button", class: "quiet", on: { click: run } }, icon("search"), "Ask"),
      copyButton(() => block.text, { class: "quiet" })));
}

function spans(text, options) { return inline(text).map(part => span(part, options)); }

function span(part, options) {
  if (typeof part === "string") return visible(part);
  const inner = () => part.parts.map(part => span(part, options));
  switch (part.kind) {
    case "code": return h("code", {}, visible(part.text));
    case "strong": return h("strong", {}, inner());
    case "emphasis": return h("em", {}, inner());
    case "link": {
      const { address, path } = options.link(part.target);
      if (address) return h("a", { href: address }, inner());
      const isItself = part.parts.length === 1 && part.parts[0] === part.target;
      return [inner(), isItself ? null : [" (", h("code", {}, visible(path)), ")"]];
    }
  }
}
