// What is drawn every other second is made again only if it has changed: so the focus and a selection stay.
const drawn = new WeakMap();

/** Whether an element was drawn with the same values the last time; they are kept. */
export function isSame(element, values) {
  const key = JSON.stringify(values);
  if (drawn.get(element) === key) return true;
  drawn.set(element, key);
  return false;
}
