// The forms that a value in a rule may have: what is surely wrong is said while one types, in words that name the field's
// own text. Whatever passes here, the server still judges.

const decimal = String.raw`(?:\d+\.?\d*|\.\d+)`;
const isDuration = text => new RegExp(`^${decimal}(?:us|µs|ms|s|m|h)$`).test(text) || text === "0";
const isNumber = text => new RegExp(`^${decimal}$`).test(text);
const isShare = text => new RegExp(`^${decimal}%?$`).test(text);
const isSize = text => new RegExp(`^${decimal}(?:KiB|MiB|GiB|kB|MB|B)?$`).test(text);
const distributions = {
  "one delay": "200ms", "uniform": "uniform(50ms,200ms)", "normal": "normal(200ms,50ms)",
  "lognormal": "lognormal(p50=100ms,p99=2s)", "pareto": "pareto(50ms,1.5)",
};

/** What is wrong with a text, as a sentence; `null` if nothing is, or if only the server can tell. */
const problems = {
  "duration": text => isDuration(text) ? null
    : isNumber(text) ? `“${text}” has no unit. Write ${text}s or ${text}ms.`
    : `“${text}” is no duration. Write 30s, 5m or 1h.`,
  "signed-duration": text => /^[+-]/.test(text) && isDuration(text.slice(1)) ? null
    : isDuration(text) ? `“${text}” has no sign. Write +${text} or -${text}.`
    : `“${text}” is no duration with its sign. Write +5s or -200ms.`,
  "distribution": text => isDuration(text) || text.includes("(") ? null
    : isNumber(text) ? `“${text}” has no unit. Write ${text}ms or ${text}s.`
    : `“${text}” is no delay. Write 200ms, or a distribution such as ${distributions.uniform}.`,
  "percent": text => isShare(text) && (text.endsWith("%") ? parseFloat(text) <= 100 : Number(text) <= 1) ? null
    : isNumber(text) && Number(text) <= 100 ? `“${text}” is more than 100 %. Write ${text}%.`
    : `“${text}” is no share. Write 30% or 0.3.`,
  "count": text => /^\d+$/.test(text) ? null : `“${text}” is no whole number.`,
  "status": text => /^[45]\d\d$/.test(text) ? null : `“${text}” is no status. Write a number from 400 to 599.`,
  "size": text => isSize(text) ? null : `“${text}” is no size. Write 512, 64KiB or 1MiB.`,
  "size-rate": text => text.endsWith("/s") && isSize(text.slice(0, -2)) ? null
    : isSize(text) ? `“${text}” is no speed. Write ${isNumber(text) ? text + "B" : text}/s.`
    : `“${text}” is no speed. Write 200B/s or 4KiB/s.`,
  "name": text => /^[A-Za-z0-9._-]{1,64}$/.test(text) ? null
    : `“${text}” is no name. Use letters, digits, “-”, “_” and “.”.`,
};

export function problemOf(form, text) { return text === "" ? null : problems[form]?.(text) ?? null; }

/** Examples of a delay, by the name of its distribution. */
export { distributions };

/** What a required value is, for the sentence that says that it is missing. */
export const needed = {
  "distribution": "a delay", "signed-duration": "a duration with its sign", "size-rate": "a speed",
};
