// The keys of a trace: for the whole page, or only while the focus is in its pane.
import { bind } from "../shell/keys.js";

/** `does`: what each key does, by name; nothing before `isReady()`. Returns how to take them away. */
export function traceKeys(does, { pane = null, isReady }) {
  const keys = [
    { key: "j", name: "Next row", run: () => does.move(1) },
    { key: "k", name: "Row before", run: () => does.move(-1) },
    { key: "Enter", name: "Open the row", run: () => does.open() },
    { key: "Escape", name: "Close", run: () => does.close() },
    { key: "e", name: "Next error", run: () => does.error(1) },
    { key: "E", name: "Error before", run: () => does.error(-1) },
    { key: "b", name: "Back to its lines", run: () => does.lines() },
    { key: "c", name: "Compare", run: () => does.compare() },
    { key: "f", name: "Find in the trace", run: () => does.find() },
    { key: "l", name: "Lines in the tree", run: () => does.toggleLines() },
    { key: "p", name: "Critical path", run: () => does.togglePath() },
    { key: "z", name: "Fold short healthy calls", run: () => does.toggleShort() },
    { key: "d", name: "Times of day", run: () => does.toggleClock() },
    { key: "r", name: "The whole trace again", run: () => does.whole() },
    ...(pane ? [{ key: "o", name: "Open this trace", run: () => does.openPage() }] : []),
  ];
  const list = keys.map(key => ({ ...key, run: () => { if (isReady()) key.run(); } }));
  if (!pane) return bind(list);
  // What no other tool beside the pane uses works wherever the focus is.
  const unbind = bind(list.filter(({ key }) => ["e", "E", "p", "z"].includes(key)));
  const press = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [role=slider]")) return;
    if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
    const binding = list.find(({ key }) => key === event.key);
    if (!binding || (event.key === "Escape" && !does.isOpen())) return;
    event.preventDefault();
    binding.run();
  };
  pane.addEventListener("keydown", press);
  return () => { unbind(); pane.removeEventListener("keydown", press); };
}
