// The part of Markdown that the exercises use, as a tree: headings, paragraphs, lists with blocks inside, fenced code,
// tables; in a line code, emphasis and links. Nothing in a text becomes HTML.

/**
 * Blocks: `{kind: "heading", level, text}`, `{kind: "paragraph", text}`, `{kind: "list", isOrdered, start, items: [[block]]}`,
 * `{kind: "code", language, text}`, `{kind: "table", head: [text], rows: [[text]]}`. Texts are for `inline`.
 */
export function blocks(text) { return read(text.replaceAll("\r\n", "\n").split("\n")); }

function read(lines) {
  const result = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) { at++; continue; }
    const block = fence(lines, at) ?? heading(lines, at) ?? table(lines, at) ?? list(lines, at) ?? paragraph(lines, at);
    result.push(block.value);
    at = block.next;
  }
  return result;
}

function fence(lines, at) {
  const open = /^( {0,3})(`{3,}|~{3,})\s*([\w+-]*)[^`]*$/.exec(lines[at]);
  if (!open) return null;
  const close = new RegExp(`^ {0,3}${open[2][0]}{${open[2].length},}\\s*$`);
  let end = at + 1;
  while (end < lines.length && !close.test(lines[end])) end++;
  const text = lines.slice(at + 1, end).map(line => line.replace(new RegExp(`^ {0,${open[1].length}}`), "")).join("\n");
  return { value: { kind: "code", language: open[3], text }, next: end + 1 };
}

function heading(lines, at) {
  const found = /^(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(lines[at]);
  return found && { value: { kind: "heading", level: found[1].length, text: found[2] }, next: at + 1 };
}

function table(lines, at) {
  if (!lines[at].includes("|") || !/^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[at + 1] ?? "") || !lines[at + 1].includes("|")) return null;
  const head = cells(lines[at]);
  const rows = [];
  let end = at + 2;
  for (; end < lines.length && lines[end].includes("|"); end++) {
    const row = cells(lines[end]);
    rows.push(head.map((_, index) => row[index] ?? ""));
  }
  return { value: { kind: "table", head, rows }, next: end };
}

/** A bar in code or behind a backslash parts no cells. */
function cells(line) {
  const parts = line.trim().replace(/^\|/, "").replace(/\|$/, "").match(/(?:\\.|`[^`]*`|[^|])+|(?<=\|)(?=\|)/g) ?? [];
  return parts.map(part => part.replaceAll("\\|", "|").trim());
}

const item = /^( *)([-*+]|(\d{1,9})[.)])( +)(?=\S)/;

function list(lines, at) {
  const first = item.exec(lines[at]);
  if (!first || first[1].length > 3) return null;
  const isOrdered = first[3] !== undefined;
  const items = [];
  let next = at;
  while (next < lines.length) {
    const found = item.exec(lines[next]);
    if (!found || found[1].length !== first[1].length || (found[3] !== undefined) !== isOrdered) break;
    const indent = found[0].length;
    const inner = [lines[next].slice(indent)];
    let isBlank = false;
    for (next++; next < lines.length; next++) {
      const line = lines[next];
      if (!line.trim()) { inner.push(""); isBlank = true; continue; }
      const depth = line.length - line.trimStart().length;
      // A paragraph may go on without its indent, if nothing parts it.
      if (depth < indent && (isBlank || item.test(line) || fence(lines, next) || heading(lines, next))) break;
      inner.push(line.slice(Math.min(depth, indent)));
      isBlank = false;
    }
    items.push(read(inner));
  }
  return { value: { kind: "list", isOrdered, start: Number(first[3] ?? 1), items }, next };
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !fence(lines, end) && !heading(lines, end) && !item.test(lines[end])) end++;
  return { value: { kind: "paragraph", text: lines.slice(at, end).map(line => line.trim()).join(" ") }, next: end };
}

const spans = [
  [/^(`+)(?!`)([^]*?[^`])\1(?!`)/, found => ({ kind: "code", text: found[2].replace(/^ (.*) $/, "$1") })],
  [/^\[((?:[^\][\\]|\\.|`[^`]*`)*)\]\(\s*<?([^\s)>]*)>?(?:\s+"[^"]*")?\s*\)/, found => ({ kind: "link", target: found[2], parts: inline(found[1]) })],
  [/^<((?:https?:\/\/|mailto:)[^\s<>]+)>/, found => ({ kind: "link", target: found[1], parts: [found[1]] })],
  [/^(\*\*|__)(?=\S)((?:`[^`]*`|[^])*?\S)\1/, found => ({ kind: "strong", parts: inline(found[2]) })],
  [/^\*(?=[^\s*])((?:`[^`]*`|[^*])*?[^\s*])\*(?!\*)/, found => ({ kind: "emphasis", parts: inline(found[1]) })],
  [/^_(?=[^\s_])((?:`[^`]*`|[^_])*?[^\s_])_(?!\w)/, found => ({ kind: "emphasis", parts: inline(found[1]) })],
];

/** The parts of a line: texts, `{kind: "code", text}`, `{kind: "link", target, parts}`, `{kind: "strong" or "emphasis", parts}`. */
export function inline(text) {
  const result = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    if (text[at] === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const rest = text.slice(at);
    // A line under a word within a word is no emphasis.
    const isWithin = rest[0] === "_" && /\w$/.test(text.slice(0, at));
    const [found, make] = isWithin ? [] : spans.map(([pattern, make]) => [pattern.exec(rest), make]).find(([found]) => found) ?? [];
    if (!found) { plain += text[at++]; continue; }
    if (plain) result.push(plain);
    plain = "";
    result.push(make(found));
    at += found[0].length;
  }
  if (plain) result.push(plain);
  return result;
}
