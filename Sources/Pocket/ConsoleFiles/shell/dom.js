// Elements without markup in strings: every text is text, wherever it comes from.

/**
 * An element. `properties` are attributes, but `class` may be a list with gaps, `on` has listeners by event, `data` has
 * data attributes, `value` and `checked` are properties. `false`, `null` and `undefined` leave an attribute out.
 */
export function h(tag, properties, ...children) {
  return build(document.createElement(tag), properties, children);
}

/** An SVG element. */
export function s(tag, properties, ...children) {
  return build(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function build(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") element.setAttribute("class", [value].flat().filter(Boolean).join(" "));
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") for (const [key, text] of Object.entries(value)) element.dataset[key] = text;
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * A text from telemetry as it may be shown: what would move the cursor, turn the direction of writing or stay invisible
 * is written as U+XXXX.
 */
export function visible(text) {
  return String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    character => "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0"));
}

/** A service: the square of its colour, and its name. */
export function service(name, ...more) {
  return h("span", { class: ["service", serviceClass(name)] }, visible(name), ...more);
}

const known = ["gateway", "tasks", "executor", "payments"];

/** The class that gives a service its colour. */
export function serviceClass(name) { return "is-" + (known.includes(name) ? name : "other"); }
