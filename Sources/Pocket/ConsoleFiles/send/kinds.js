// What can be asked of the gateway, and what the answer should be. The words are those of `tailspan load --mix`.
export const kinds = [
  { name: "sync", label: "healthy", expected: [201, 200], takes: ["guild", "workload"] },
  { name: "async", label: "async", expected: [202], takes: ["guild", "workload"], query: "?mode=async" },
  { name: "unknown-guild", label: "unknown guild", expected: [404], takes: ["workload"] },
  { name: "poor", label: "too poor", expected: [402], takes: ["guild", "workload"] },
  { name: "bad-body", label: "bad body", expected: [422, 400], takes: [] },
  { name: "custom", label: "own body", expected: [], takes: ["body"] },
];

export const workloads = ["sha256", "primes", "mandelbrot", "sort"];

export function kindOf(name) { return kinds.find(kind => kind.name === name) ?? kinds[0]; }

/** Whether an answer is the one of a service without faults; `null` if nobody knows. */
export function isExpected(name, status) {
  const { expected } = kindOf(name);
  return expected.length === 0 ? null : expected.includes(status);
}

/** What the server is asked to send: `asked` is `{kind, guild, workload, size, body}`. */
export function requestOf(asked) {
  const kind = kindOf(asked.kind);
  const takes = name => kind.takes.includes(name);
  return { kind: kind.name,
    ...(takes("guild") && asked.guild ? { guild: asked.guild } : {}),
    ...(takes("workload") && asked.workload ? { workload: workloadOf(asked) } : {}),
    ...(takes("body") ? { body: asked.body } : {}) };
}

function workloadOf({ workload, size }) { return { kind: workload, size: Number(size) || usualSizes[workload] }; }

/** What keeps the executor busy for a few milliseconds. */
const usualSizes = { sha256: 1000, primes: 20000, mandelbrot: 1000, sort: 5000 };
export function usualSize(workload) { return usualSizes[workload] ?? 5000; }

/** A body like the one that the server would send. */
export function bodyOf(asked) {
  const kind = kindOf(asked.kind);
  if (kind.name === "custom") return asked.body;
  return JSON.stringify({ guild_id: kind.name === "unknown-guild" ? "g-unknown" : asked.guild || "g-7",
    amount: { "poor": 9_000_000_000_000, "bad-body": -1 }[kind.name] ?? 85,
    workload: workloadOf({ workload: asked.workload || "sort", size: asked.workload ? asked.size : "" }) });
}

/** In a word: "healthy · g-7 · sort 60000". */
export function nameOf(asked) {
  const request = requestOf(asked);
  return [kindOf(asked.kind).label, request.guild, request.workload && `${request.workload.kind} ${request.workload.size}`].filter(Boolean).join(" · ");
}
