// The rule as text. What is lit or wrong is drawn in a layer below the field, which breaks its lines in the same places
// and so gives the field its height.
import { fill, h } from "/console/shell/dom.js";

export function ruleText(typed) {
  const under = h("div", { class: "rule-under", "aria-hidden": "true" });
  const input = h("textarea", { class: "rule-input", rows: 1, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    "aria-label": "The rule as text", "aria-describedby": "rule-problem", on: {
      input: () => {
        if (/[\r\n]/.test(input.value)) input.value = input.value.replace(/\s*[\r\n]+\s*/g, " ");
        marks = [];
        draw();
        typed(input.value);
      },
      keydown: event => { if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault(); },
    } });
  let marks = [];

  function draw() {
    const text = input.value;
    const pieces = [];
    let at = 0;
    for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
      if (mark.start < at || mark.end > text.length || mark.start === mark.end) continue;
      pieces.push(text.slice(at, mark.start), h("span", { class: [mark.isWrong && "wrong", mark.isLit && "lit"] }, text.slice(mark.start, mark.end)));
      at = mark.end;
    }
    // A last space would not be drawn, and the lines would differ.
    fill(under, pieces, text.slice(at), "\u200b");
  }

  return {
    element: h("div", { class: "rule-text" }, under, input), input,
    show(text) { if (input.value !== text) { input.value = text; marks = []; draw(); } },
    /** Marks are `{start, end, isWrong, isLit}`. */
    mark(list) {
      marks = list;
      draw();
      if (list.some(mark => mark.isWrong)) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    },
  };
}
