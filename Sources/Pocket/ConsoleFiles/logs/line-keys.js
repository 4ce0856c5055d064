// The keys of the lines. Those for fields work where a field of an opened row has the focus.

export function lineKeys({ list, bar, acts, traceAddress, go }) {
  const line = () => { const index = list.focusedIndex(); return index === null ? null : list.line(index); };
  const withField = run => () => {
    const field = document.activeElement?.closest?.("[data-field]");
    const of = line();
    const entry = of?.fields.find(([name]) => name === field?.dataset.field);
    if (entry) run(entry[0], entry[1], of);
  };
  const out = withField(acts.filterOut);
  return [
    { key: "j", name: "Next line", run: () => list.step(1) },
    { key: "k", name: "Line before", run: () => list.step(-1) },
    { key: "Enter", name: "Open the line, and close it",
      run: () => { const index = list.focusedIndex();
      if (index !== null && document.activeElement.matches(".line")) list.toggle(index); } },
    { key: "o", name: "Its trace at this span", run: () => { const of = line(); if (of?.trace) go(traceAddress(of.trace, of.span)); } },
    { key: "f", name: "To the filters", run: () => bar.focus() },
    { key: "+", name: "Filter for the field", run: withField(acts.filterFor) },
    { key: "-", name: "Filter out the field", run: out },
    { key: "−", run: out },
    { key: "x", name: "The field as a column", run: withField(name => acts.toggleColumn(name)) },
  ];
}
