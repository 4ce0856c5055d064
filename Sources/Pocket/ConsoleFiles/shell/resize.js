// Calls back when an element's width changes, once a frame.
const observers = new WeakMap();
const observer = new ResizeObserver(entries => {
  requestAnimationFrame(() => {
    for (const entry of entries) {
      const known = observers.get(entry.target);
      if (!known || known.width === entry.contentRect.width) continue;
      known.width = entry.contentRect.width;
      // What was taken away has no width, and nobody sees what is hidden.
      if (known.width > 0 && entry.target.isConnected) known.run();
    }
  });
});

export function whenResized(element, run) {
  observers.set(element, { width: 0, run });
  observer.observe(element);
}
