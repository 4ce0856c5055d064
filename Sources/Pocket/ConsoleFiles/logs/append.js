// What has arrived is put at the end that is in view, while all that is shown keeps its place.

/**
 * Takes what is new in `source` up to `to`; resolves to the number of new lines, or to null if `isStill()` became false.
 * Lines may arrive late: where the beginning is not what it was, the rows are made again.
 */
export async function appended(source, list, { from, to, buckets }, isStill) {
  const before = source.count;
  if (source.order === "oldest") {
    // The beginning stays where it is, so that places stay true; the last hundred are looked at again.
    const offset = Math.max(0, before - 100);
    const answer = await source.ask({ to, offset, limit: 1000, summary: 1, buckets });
    if (!isStill()) return null;
    source.to = to;
    const changed = answer.lines.filter((line, at) => offset + at < before && source.line(offset + at)
      && source.line(offset + at).key !== line.key).length > 0;
    source.take(answer);
    list.shifted(0, source.count);
    if (changed || before === 0) list.arrived(offset, source.count - 1);
    return Math.max(0, source.count - before);
  }
  const answer = await source.ask({ from, to, offset: 0, limit: 200, summary: 1, buckets });
  if (!isStill()) return null;
  const first = source.line(0);
  const by = first ? answer.lines.findIndex(line => line.key === first.key) : -1;
  const isSame = by >= 0 && answer.lines.slice(by).every((line, at) => !source.line(at) || source.line(at).key === line.key);
  Object.assign(source, { from, to });
  if (!isSame) {
    source.clear();
    source.take(answer);
    list.show(source, { keepOpen: true });
    return Math.max(0, answer.lines.length ? by < 0 ? answer.lines.length : by : 0);
  }
  source.shift(by);
  source.take(answer);
  list.shifted(by, source.count);
  return by;
}
