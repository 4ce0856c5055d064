// The one box: it takes a trace id, a task id, LogQL or TraceQL, and holds what the page shows.
import { fill, h, visible } from "./dom.js";
import { icon } from "./icons.js";
import { classify, kindNames, withoutTexts } from "./classify.js";
import { copyButton } from "./copy.js";
import { openSheet } from "./sheet.js";
import { suggestionList } from "./suggestions.js";

/**
 * `run(found)` is called on Enter, with what `classify` says. The page in view sets the rest:
 * - `set(text, parts)`: what is shown; a part is `{start, end, name, wrong, quiet}`, to be lit by `light(name)`;
 * - `use({suggest, typed, language, pointed})`: completion, and what to do while somebody types.
 */
export function queryBox(run) {
  const language = h("span", { class: "language" }, kindNames.nothing);
  const under = h("div", { class: "under", "aria-hidden": "true" });
  // A query may have several lines, and a long one wraps: the field is as high as the text that lies under it.
  const input = h("textarea", { rows: 1, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    "aria-label": "Trace id, task id, LogQL or TraceQL", placeholder: "Trace id, task id, LogQL or TraceQL",
    role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list" });
  const refusal = h("div", { class: "refused", role: "alert", hidden: true });
  const history = h("button", { type: "button", class: ["quiet", "wide"], on: { click: showHistory } }, "History");
  const copy = copyButton(() => input.value.trim(), { class: ["quiet", "wide"], hidden: true });
  const element = h("form", { class: "box", role: "search", on: { submit } }, language,
    h("div", { class: "field-place" }, under, input),
    h("span", { class: "end" }, copy, history, h("button", { class: ["quiet", "wide"] }, "Run ", h("kbd", { class: "key" }, "↵"))));
  let parts = [];
  let page = {};
  let isTyped = false;
  const suggestions = suggestionList(input, element);

  function submit(event) {
    event.preventDefault();
    suggestions.close();
    const found = classified();
    if (found.kind === "nothing") return;
    isTyped = false;
    remember(input.value.trim());
    run(found);
  }
  function classified() {
    const found = classify(input.value);
    // `{ name = "x" }` may be either: the page that is in view decides.
    const isEither = found.kind === "logql" && /^\{[^{}]*\}$/.test(withoutTexts(found.text));
    return isEither && page.language === "traceql" ? { ...found, kind: "traceql" } : found;
  }
  function draw() {
    fill(language, kindNames[classified().kind]);
    copy.hidden = classified().kind !== "trace";
    history.hidden = !copy.hidden;
    const text = input.value;
    let at = 0;
    const pieces = [];
    for (const part of parts) {
      if (part.start < at || part.end > text.length) continue;
      pieces.push(text.slice(at, part.start), h("span", { data: { name: part.name ?? "" },
        class: ["part", part.lit && "lit", part.wrong && "wrong", part.quiet && "quiet"] }, text.slice(part.start, part.end)));
      at = part.end;
    }
    // The last line has its height also while it is empty.
    fill(under, pieces, text.slice(at), text.endsWith("\n") || text === "" ? "\u200b" : "");
    under.scrollTop = input.scrollTop;
  }
  input.addEventListener("input", () => {
    isTyped = true;
    parts = page.typed?.(input.value) ?? [];
    draw();
    if (page.suggest) suggestions.ask(page.suggest);
  });
  input.addEventListener("scroll", () => { under.scrollTop = input.scrollTop; });
  input.addEventListener("keydown", event => {
    if (event.key === "Escape" && !suggestions.isOpen) input.blur();
    else if (event.key === " " && event.ctrlKey && page.suggest) { event.preventDefault(); suggestions.ask(page.suggest, true); }
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented) submit(event);
  });
  input.addEventListener("blur", () => setTimeout(() => suggestions.close(), 150));
  input.addEventListener("mousemove", event => {
    if (!page.pointed) return;
    const part = [...under.querySelectorAll(".part")].find(part => [...part.getClientRects()].some(place =>
      place.left <= event.clientX && event.clientX < place.right && place.top <= event.clientY && event.clientY < place.bottom));
    page.pointed(part?.dataset.name || null);
  });
  input.addEventListener("mouseleave", () => page.pointed?.(null));

  // MARK: What was asked before

  function earlier() { try { return JSON.parse(localStorage.getItem("queries") ?? "[]"); } catch { return []; } }
  function remember(text) {
    const list = [text, ...earlier().filter(old => old !== text)].slice(0, 20);
    try { localStorage.setItem("queries", JSON.stringify(list)); } catch { /* Storage may be forbidden. */ }
  }
  function showHistory() {
    const list = earlier();
    openSheet(history, close => h("div", {}, list.length === 0
      ? h("p", { class: ["small", "soft"] }, "What you ask is listed here.")
      : list.map(text => h("button", { type: "button", role: "menuitem", class: "cut", title: text,
        on: { click: () => { close(); input.value = text; draw(); run(classified()); } } }, h("code", { class: "cut" }, text)))),
    { name: "Earlier queries", menu: list.length > 0 });
  }

  return {
    element, refusal,
    set(text, newParts = []) {
      // A page that is still loading does not overwrite what somebody is writing.
      if (isTyped && document.activeElement === input) return;
      if (document.activeElement === input && input.value.trim() === text.trim()) {
        // What stands before a query would move its parts; the caret stays where it is in the words.
        input.setRangeText("", 0, input.value.length - input.value.trimStart().length);
        parts = newParts;
        return draw();
      }
      input.value = text;
      parts = newParts;
      draw();
    },
    get text() { return input.value; },
    light(name) { parts = parts.map(part => ({ ...part, lit: part.name === name })); draw(); },
    use(next) { page = next ?? {}; if (!next) isTyped = false; suggestions.close(); this.refuse(null); draw(); },
    focus() { input.focus(); input.select(); },
    /** Says why a query was refused, where, and offers the mended one; `null` takes it back. */
    refuse(error) {
      refusal.hidden = !error;
      if (!error) return;
      const place = error.line && error.column ? `Line ${error.line}, column ${error.column}: ` : "";
      if (error.column) {
        const before = input.value.split("\n").slice(0, (error.line ?? 1) - 1).reduce((sum, line) => sum + line.length + 1, 0);
        const start = Math.min(before + error.column - 1, Math.max(0, input.value.length - 1));
        parts = [{ start, end: Math.max(start + 1, wordEnd(input.value, start)), wrong: true }];
        draw();
      }
      fill(refusal, icon("error"), h("div", {}, h("p", {}, place + visible(error.message)),
        h("p", { class: "soft" }, error.suggestion ? ["Did you mean ",
          h("button", { type: "button", class: "link", on: { click: () => { input.value = error.suggestion; draw(); run(classified()); } } },
            h("code", {}, error.suggestion)), "? "] : null, "The last result stays below.")));
    },
  };
}

function wordEnd(text, start) {
  const rest = /^\w+/.exec(text.slice(start));
  return start + (rest?.[0].length ?? 1);
}
