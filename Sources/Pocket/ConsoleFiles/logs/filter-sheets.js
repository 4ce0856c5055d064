// The forms in which a filter is chosen. Each ends in a changed query, which is asked at once.
import { h, fill, serviceClass, visible } from "/console/shell/dom.js";
import { levelIcon } from "/console/shell/icons.js";
import { openSheet } from "/console/shell/sheet.js";
import { alternatives, rewritten, without } from "./edit.js";
import { choose, isSimple, kinds, levelField, write, writeText } from "./kinds.js";
import { quoted, tokens } from "./tokens.js";

/** Opens the form of a filter below `anchor`: of one that is there (`filter`), or of a new one. */
export function openFilter(anchor, { kind, filter = null, text, run, fields }) {
  const name = kinds.find(one => one.kind === kind)?.name ?? (kind === "by" ? "count by" : "every");
  openSheet(anchor, close => {
    const context = { kind, filter, text, fields, done: changed => { close(); run(changed); } };
    if (filter && !isSimple(filter)) return written(context);
    switch (kind) {
      case "service": case "level": case "guild": return choices(context, kinds.find(one => one.kind === kind).field);
      case "text": return contained(context);
      case "status": return single(context, "status", "200, 5xx or >= 400", statusSource);
      case "slower": return single(context, "duration_ms", "30 ms, 1.5 s or 2 min", durationSource, ["10 ms", "100 ms", "1 s"]);
      case "trace": return single(context, "trace_id", "the 32 digits of a trace id", traceSource);
      case "other": return otherField(context);
      case "by": return labels(context);
      default: return written(context);
    }
  }, { name });
}

/** A form with its fields, a place for what is wrong, and its end. */
function form(submit, ...content) {
  const problem = h("p", { class: ["small", "error-text"], role: "alert", hidden: true });
  return h("form", { class: ["stack", "filter-form"], on: { submit: event => {
    event.preventDefault();
    const wrong = submit();
    problem.hidden = !wrong;
    if (wrong) fill(problem, wrong);
  } } }, content, problem, h("div", { class: ["row", "apart"] }, h("span"), h("button", { class: "primary" }, "Apply")));
}

function field(label, input, extra) { return h("label", { class: "field" }, h("span", { class: "label" }, label), input, extra); }

function input(value, properties) { return h("input", { type: "text", spellcheck: "false", autocomplete: "off", value, ...properties }); }

let lists = 0;
/** A list of what the data holds, offered below an input. */
function offered(input, values) {
  const id = `offered-${++lists}`;
  input.setAttribute("list", id);
  return h("datalist", { id }, values.map(value => h("option", { value })));
}

// MARK: Kinds

function choices({ filter, text, fields, done }, name) {
  const chosen = new Set(filter ? alternatives(filter) : []);
  const list = h("div", { class: "choices" }, h("span", { class: ["small", "faint"] }, "Looking for values …"));
  const negated = h("input", { type: "checkbox", checked: Boolean(filter?.op.startsWith("!")) });
  const more = input("", { "aria-label": `Another ${name}`, placeholder: "another" });
  const showValues = values => fill(list, values.map(value => h("label", { class: "choice" },
    h("input", { type: "checkbox", checked: chosen.has(value),
      on: { change: event => { if (event.target.checked) chosen.add(value); else chosen.delete(value); } } }),
    name === "level" ? levelIcon(value) : null,
    h("span", { class: name === "service" ? ["service", serviceClass(value)] : null }, visible(value)))));
  let asked = name;
  fields().then(all => {
    if (name === "level") asked = levelField(all);
    const examples = all.filter(field => [name, asked].includes(field.name)).flatMap(field => field.examples);
    showValues([...new Set([...examples].sort((a, b) => a.localeCompare(b, "en", { numeric: true })).concat([...chosen]))]);
  }).catch(() => showValues([...chosen]));
  return form(() => {
    if (more.value.trim()) chosen.add(more.value.trim());
    done(choose(text, asked, [...chosen], negated.checked, filter));
  }, list, field("another value", more), h("label", { class: ["row", "small"] }, negated, "all but these"));
}

function contained({ filter, text, done }) {
  const op = h("select", { "aria-label": "How" }, [["|=", "contains"], ["!=", "does not contain"], ["|~", "matches"],
    ["!~", "does not match"]]
    .map(([value, name]) => h("option", { value, selected: value === (filter?.op ?? "|=") }, name)));
  const value = input(filter?.value ?? "", { "aria-label": "Text" });
  return form(() => {
    if (value.value === "") return done(filter ? without(text, filter) : text);
    if (op.value.endsWith("~") && !isExpression(value.value)) return `“${value.value}” is no regular expression.`;
    return void done(writeText(text, op.value, value.value, filter));
  }, field("The line", h("div", { class: "row" }, op)), value);
}

function isExpression(text) { try { return Boolean(new RegExp(text)); } catch { return /\(\?/.test(text); } }

/** One value, of which `source(name, text)` makes a condition, or null if it is none. */
function single({ kind, filter, text, fields, done }, name, expected, source, buttons = []) {
  const value = input(filter ? shownValue(kind, filter) : "", { "aria-label": name, placeholder: expected });
  const place = h("span");
  if (kind === "status") fields().then(all => fill(place,
    offered(value, all.find(field => field.name === name)?.examples ?? []))).catch(() => {});
  return form(() => {
    if (!value.value.trim()) return done(filter ? without(text, filter) : text);
    const condition = source(name, value.value.trim());
    if (condition) return void done(write(text, name, condition, filter));
    return `“${value.value}” is no ${kind === "slower" ? "duration" : kind}. Write ${expected}.`;
  }, field(kinds.find(one => one.kind === kind).name, value, place),
  buttons.length ? h("div", { class: "row" }, buttons.map(label => h("button", { type: "button",
    on: { click: () => done(write(text, name, source(name, label), filter)) } }, label))) : null);
}

function shownValue(kind, filter) {
  if (kind === "slower") return `${filter.value} ms`;
  if (filter.kind === "number" || filter.op !== "=") return filter.op === "=~" ? filter.value.replace(/^(\d)\.\.$/, "$1xx")
    : `${filter.op} ${filter.value}`;
  return filter.value;
}

function statusSource(name, text) {
  const compared = /^(>=?|<=?|!=|=)\s*(\d+)$/.exec(text);
  if (compared) return ["=", "!="].includes(compared[1]) ? `${name}${compared[1]}"${compared[2]}"`
    : `${name} ${compared[1]} ${compared[2]}`;
  if (/^\dxx$/i.test(text)) return `${name}=~"${text[0]}.."`;
  return /^\d{3}$/.test(text) ? `${name}="${text}"` : null;
}

const milliseconds = { "µs": 1e-3, us: 1e-3, ms: 1, s: 1e3, min: 60e3, m: 60e3 };

function durationSource(name, text) {
  const parts = /^(\d+(?:[.,]\d+)?)\s*(µs|us|ms|s|min|m)$/.exec(text);
  return parts ? `${name} > ${Number((Number(parts[1].replace(",", ".")) * milliseconds[parts[2]]).toPrecision(12))}` : null;
}

function traceSource(name, text) { return /^[0-9a-f]{32}$/i.test(text) ? `${name}="${text.toLowerCase()}"`
  : /^[0-9a-f]{4,31}$/i.test(text) ? `${name}=~"${text.toLowerCase()}.*"` : null; }

function otherField({ filter, text, fields, done }) {
  const name = input(filter?.name ?? "", { "aria-label": "Field", placeholder: "guild_id" });
  const op = h("select", { "aria-label": "How" }, [["=", "is"], ["!=", "is not"], ["=~", "matches"], ["!~", "does not match"],
    [">", "is over"], [">=", "is at least"], ["<", "is under"], ["<=", "is at most"]]
    .map(([value, label]) => h("option", { value, selected: value === (filter?.op ?? "=") }, label)));
  const value = input(filter?.value ?? "", { "aria-label": "Value" });
  const places = [h("span"), h("span")];
  let known = [];
  const offerValues = () => fill(places[1], offered(value, known.find(field => field.name === name.value)?.examples ?? []));
  fields().then(all => { known = all; fill(places[0], offered(name, all.map(field => field.name))); offerValues(); }).catch(() => {});
  name.addEventListener("change", offerValues);
  return form(() => {
    if (!/^[a-z_]\w*$/i.test(name.value)) return `“${name.value}” is no field. A name has letters, digits and _.`;
    const isOrder = /^[<>]/.test(op.value);
    if (isOrder && !/^-?\d+(\.\d+)?([a-zµ]+)?$/i.test(value.value.trim()))
      return `“${value.value}” is no number. Write 100, 1.5 or 20ms.`;
    const source = isOrder ? `${name.value} ${op.value} ${value.value.trim()}` : `${name.value}${op.value}${quoted(value.value)}`;
    return void done(write(text, name.value, source, filter));
  }, field("Field", name, places[0]), field("How", op), field("Value", value, places[1]));
}

/** The labels that a metric query counts by. */
function labels({ filter, text, fields, done }) {
  const value = input(filter.value, { "aria-label": "Labels", placeholder: "service, status" });
  const place = h("span");
  fields().then(all => fill(place, offered(value, all.map(field => field.name)))).catch(() => {});
  return form(() => {
    const names = value.value.split(/[\s,]+/).filter(Boolean);
    if (!names.every(name => /^[a-z_]\w*$/i.test(name))) return "Write names of fields with commas between them.";
    return void done(rewritten(text, filter, `${filter.name} (${names.join(", ")})`));
  }, field("Count by", value, place));
}

/** What no form can express is changed as text. */
function written({ filter, text, done }) {
  const start = filter.from ?? filter.start;
  const end = filter.to ?? filter.end;
  const value = input(text.slice(start, end), { "aria-label": "LogQL", class: "mono" });
  return form(() => {
    if (!tokens(value.value).every(token => token.kind !== "bad")) return "A quote or a bracket has no end.";
    done(rewritten(text, filter, value.value));
  }, field("This part of the query", value));
}
