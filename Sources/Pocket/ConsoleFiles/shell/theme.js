// Light, dark, or as the system has it; kept for the next visit.
const root = document.documentElement;
const order = ["system", "light", "dark"];

export function theme() { return root.dataset.theme ?? "system"; }

/** Goes on to the next theme, and returns its name. */
export function nextTheme() {
  const next = order[(order.indexOf(theme()) + 1) % order.length];
  if (next === "system") delete root.dataset.theme; else root.dataset.theme = next;
  try { localStorage.setItem("theme", next); } catch { /* Storage may be forbidden: then for this page only. */ }
  return next;
}
