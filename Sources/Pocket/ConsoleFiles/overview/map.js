// Who calls whom, from the spans of the last minute: callers stand above those whom they call.
import { fill, h, s, serviceClass, visible } from "/console/shell/dom.js";
import { counted, duration, rate, share } from "/console/shell/format.js";
import { whenResized } from "/console/shell/resize.js";
import { calls, minuteBefore, requestsOf } from "./links.js";

const nodeWidth = 140;
const nodeHeight = 44;

export function callMap() {
  const place = h("div", { class: "map" });
  let data = null;
  whenResized(place, () => { if (data) draw(); });

  function draw() {
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const { layers, edges } = layered(data);
    if (!edges.length) return void fill(place, h("p", { class: ["soft", "nobody"] }, "No service called another in the last minute."));
    const width = Math.max(280, place.clientWidth);
    const tallest = layers.map(layer => layer.some(node => node.minute) ? nodeHeight : 26);
    const free = place.clientHeight - 24 - tallest.reduce((sum, tall) => sum + tall, 0);
    const gap = Math.min(64, Math.max(40, free / Math.max(1, layers.length - 1)));
    const places = new Map();
    let y = 4;
    for (const [level, layer] of layers.entries()) {
      const tall = tallest[level];
      const wide = Math.min(nodeWidth, (width - 12 * (layer.length - 1)) / layer.length);
      layer.forEach((node, index) => places.set(node.name, { node, y, wide, tall,
        x: width * (index + 0.5) / layer.length - wide / 2 }));
      y += tall + gap;
    }
    const height = y - gap + 4;
    const within = minuteBefore(data.to);
    fill(place, s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Who calls whom, in the last minute" },
      s("defs", {}, s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9,
        markerUnits: "userSpaceOnUse", orient: "auto" }, s("path", { class: "fill-soft", d: "M0 0 8 4 0 8z" }))),
      edges.map(edge => drawEdge(edge, places, edges, width, within)),
      [...places.values()].map(place => drawNode(place, within))));
    if (focused) [...place.querySelectorAll("a")].find(link => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
  }

  return { element: place, show(overview) { data = overview; draw(); } };
}

function drawNode({ node, x, y, wide, tall }, within) {
  const p95 = node.minute?.p95;
  return s("a", { href: requestsOf(node.name, within), "aria-label": `${visible(node.name)}${p95 ? `, p95 ${duration(p95)}` : ""}` },
    s("rect", { class: "node", x: x + 0.5, y: y + 0.5, width: wide - 1, height: tall - 1, rx: 6 }),
    s("rect", { class: ["fill-service", serviceClass(node.name)], x: x + 12, y: y + (p95 ? 10 : 8.5), width: 9, height: 9, rx: 2 }),
    s("text", { class: "name", x: x + 28, y: y + (p95 ? 19 : 17.5) }, short(node.name)),
    p95 ? s("text", { x: x + 12, y: y + 36 }, `p95 ${duration(p95)}`) : null);
}

function short(name) { const text = visible(name); return text.length > 14 ? text.slice(0, 13) + "…" : text; }

function drawEdge(edge, places, edges, width, within) {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  const most = Math.max(...edges.map(edge => edge.calls));
  const thick = 1.25 + 2 * edge.calls / most;
  const isDown = to.y > from.y;
  // Calls leave side by side, in the order of those whom they reach.
  const share_ = (list, self) => (list.indexOf(self) + 1) / (list.length + 1);
  const side = (a, b) => places.get(a).x - places.get(b).x;
  const out = edges.filter(other => other.from === edge.from).sort((a, b) => side(a.to, b.to));
  const into = edges.filter(other => other.to === edge.to).sort((a, b) => side(a.from, b.from));
  const x1 = from.x + from.wide * share_(out, edge);
  const x2 = to.x + to.wide * share_(into, edge);
  const [y1, y2] = isDown ? [from.y + from.tall, to.y - 2] : [from.y, to.y + to.tall + 2];
  const bend = (y2 - y1) * 0.55;
  const middle = (y1 + y2) / 2;
  // Above the middle, where a bent arrow is still near its beginning.
  const offset = Math.abs(x1 - x2) < 2 ? (edge.errors ? -4 : 4) : edge.errors ? -9 : 0;
  // Words stand beside the arrow, on the side where no other one leaves.
  const isLeft = x2 < x1 - 4;
  const beside = curveAt(middle + offset + (edge.errors ? 17 : 1), x1, y1, x2, y2, bend);
  const words = { x: Math.min(width - 4, Math.max(4, isLeft ? beside - 10 : beside + 12)),
    "text-anchor": isLeft ? "end" : "start" };
  const failed = edge.errors ? `, ${share(edge.errors, edge.calls)} failed` : "";
  return s("g", {},
    s("path", { class: ["edge", edge.errors && "failed"], "stroke-width": thick, "marker-end": "url(#arrow)",
      d: Math.abs(x1 - x2) < 2 ? `M${x1} ${y1}V${y2}` : `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}` }),
    s("a", { href: calls(edge.from, edge.to, within, false),
      "aria-label": `${visible(edge.from)} calls ${visible(edge.to)}: ${rate(edge.calls / 60)}${failed}` },
    s("title", {}, `${counted(edge.calls, "call")} in the last minute, p95 ${duration(edge.p95 ?? 0)}`),
    s("text", { ...words, y: middle + offset }, s("tspan", { class: "name" }, rate(edge.calls / 60).replace(" /s", "")), " /s")),
    edge.errors ? s("a", { href: calls(edge.from, edge.to, within, true),
      "aria-label": `${share(edge.errors, edge.calls)} of them failed` },
      failure(words, middle + offset + 16, share(edge.errors, edge.calls))) : null);
}

/** Where a bent arrow is at a height. */
function curveAt(y, x1, y1, x2, y2, bend) {
  for (let t = 0; t <= 1; t += 0.02) {
    const u = 1 - t;
    const at = u ** 3 * y1 + 3 * u * u * t * (y1 + bend) + 3 * u * t * t * (y2 - bend) + t ** 3 * y2;
    if (y2 > y1 ? at >= y : at <= y) return (u ** 3 + 3 * u * u * t) * x1 + (3 * u * t * t + t ** 3) * x2;
  }
  return x2;
}

/** The share of failed calls, with the octagon before it. */
function failure(words, y, text) {
  const wide = text.length * 7.2;
  const left = words["text-anchor"] === "end" ? words.x - wide - 17 : words.x;
  return [s("svg", { x: left, y: y - 11, width: 13, height: 13, viewBox: "0 0 16 16" },
    s("path", { class: "fill-error", d: "M5 1h6l4 4v6l-4 4H5l-4-4V5z" }), s("path", { class: "cross", d: "m5.5 5.5 5 5m0-5-5 5" })),
  s("text", { class: "name", x: words["text-anchor"] === "end" ? words.x : left + 17, y, "text-anchor": words["text-anchor"] }, text)];
}

/** Services by how far they are from where requests come in. Cycles do no harm: each step goes at most as far as there are services. */
function layered({ services, edges }) {
  const names = [...new Set([...services.map(service => service.name), ...edges.flatMap(edge => [edge.from, edge.to])])];
  const others = edges.filter(edge => edge.from !== edge.to);
  const depth = new Map(names.map(name => [name, 0]));
  for (let step = 0; step < names.length; step++) {
    for (const { from, to } of others) {
      if (depth.get(to) < depth.get(from) + 1 && depth.get(from) + 1 < names.length) depth.set(to, depth.get(from) + 1);
    }
  }
  const connected = names.filter(name => others.some(edge => edge.from === name || edge.to === name));
  const layers = [];
  for (const name of connected) {
    (layers[depth.get(name)] ??= []).push({ name, minute: services.find(service => service.name === name)?.minute });
  }
  return { layers: layers.filter(Boolean), edges: others };
}
