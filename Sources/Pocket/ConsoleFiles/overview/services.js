// One row a service: how much it is asked, how much of it fails, and how long it takes, on one axis of time.
import { fill, h, service, serviceClass, visible } from "/console/shell/dom.js";
import { icon } from "/console/shell/icons.js";
import { curveGroup, curves, roundTop } from "/console/shell/curves.js";
import { count, counted, duration, rate, share, time } from "/console/shell/format.js";
import { keptRange } from "/console/shell/range.js";
import { keyedList } from "./keyed.js";
import { linesOf, minuteBefore, requestsOf, slowerThan } from "./links.js";

export function serviceRows() {
  const element = h("div", { class: "services" },
    h("div", { class: ["heads", "small", "faint"], "aria-hidden": "true" },
      h("span", {}), h("span", {}, "requests"), h("span", {}, "errors"), h("span", {}, "duration: p95 in the band from p50 to p99")));
  const list = h("ul", {});
  element.append(list);
  const group = curveGroup();
  // The axis that all rows share stands once, below them.
  const axes = [0, 1, 2].map(() => curves({ height: 20, group, hasTicks: true }));
  element.append(h("div", { class: ["service-row", "axes"], "aria-hidden": "true" }, h("span", {}), axes.map(axis => axis.element)));
  const rows = new Map();
  let states = new Map();
  const show = keyedList(list, {
    key: item => item.name,
    build: item => {
      const row = serviceRow(item.name, group);
      rows.set(item.name, row);
      row.showState(states.get(item.name));
      row.show(item);
      return row.element;
    },
    refresh: (_, item) => rows.get(item.name).show(item),
  });
  return {
    element,
    /** `overview` as the server answers it, with `from`, `to`, `step` as moments. */
    show(overview) {
      // One scale for all services where values may be compared, so that a taller curve means more.
      const perSecond = count => count === null ? null : count / (overview.step / 1e6);
      const mostRequests = roundTop(overview.services.flatMap(service => service.requests).map(perSecond));
      const mostErrors = roundTop(overview.services.flatMap(service => service.errors));
      for (const axis of axes) axis.draw({ from: overview.from, to: overview.to, step: overview.step, top: 1, name: "Time" });
      const order = [...states.keys()];
      const place = ({ name }) => order.includes(name) ? order.indexOf(name) : order.length;
      show([...overview.services].sort((a, b) => place(a) - place(b))
        .map(service => ({ ...service, overview, mostRequests, mostErrors, perSecond })));
    },
    showStates(services) {
      states = new Map(services.map(service => [service.name, service]));
      for (const [name, row] of rows) row.showState(states.get(name));
    },
  };
}

function serviceRow(name, group) {
  const readiness = h("span", { class: ["readiness", "small"] });
  const [requests, errors, p50, p95, p99] = ["requests", "errors", "p50", "p95", "p99"].map(() => h("a", { class: "figure" }));
  const charts = ["requests", "errors", "duration"].map(() => curves({ height: 30, group }));
  const logs = h("a", { class: "to-logs", title: `The log lines of ${visible(name)}` }, service(name));
  const table = h("table", {});
  const element = h("li", { class: ["service-row", serviceClass(name)] },
    h("div", { class: "who" }, logs, readiness),
    h("div", { class: "cell" }, h("div", { class: "figures" }, requests), charts[0].element),
    h("div", { class: "cell" }, h("div", { class: "figures" }, errors), charts[1].element),
    h("div", { class: ["cell", "times"] }, h("div", { class: "figures" }, p50, p95, p99), charts[2].element),
    h("div", { class: "aloud" }, table));

  function showFigures({ minute }, end) {
    const within = minuteBefore(end);
    logs.href = linesOf(name, keptRange());
    fill(requests, h("b", {}, rate(minute.requests / 60).replace(" /s", "")), h("span", { class: "unit" }, " /s"));
    requests.href = requestsOf(name, within);
    requests.title = `${counted(minute.requests, "request")} in the last minute`;
    fill(errors, minute.errors ? icon("error", "errors") : null,
      h("b", { class: !minute.errors && "none" }, share(minute.errors, minute.requests).replace(" %", "")),
      h("span", { class: "unit" }, minute.errors ? ` % ${count(minute.errors)} in 1 min` : " %"));
    errors.href = requestsOf(name, within, "status = error");
    errors.title = `${counted(minute.errors, "error")} in the last minute`;
    for (const [rank, link] of [["p50", p50], ["p95", p95], ["p99", p99]]) {
      link.hidden = minute[rank] === null;
      if (minute[rank] === null) continue;
      fill(link, h("span", { class: "unit" }, rank + " "), h("b", { class: rank === "p95" ? "main" : "side" }, duration(minute[rank])));
      link.href = requestsOf(name, within, slowerThan(minute[rank]));
      link.title = `The requests of the last minute that took ${duration(minute[rank])} or longer`;
    }
  }

  function showCurves(item) {
    const { overview: { from, to, step, marks }, perSecond } = item;
    const base = { from, to, step, marks };
    charts[0].draw({ ...base, curve: known(item.requests.map(perSecond), item.overview), top: item.mostRequests,
      name: `Requests to ${visible(name)} from ${time(from)} to ${time(to)}: at most ${rate(Math.max(0, ...item.requests.map(perSecond)))}`,
      describe: index => item.requests[index] === undefined ? null
        : `${rate(perSecond(item.requests[index]))} · ${counted(item.requests[index], "request")}` });
    charts[1].draw({ ...base, bars: item.errors, top: item.mostErrors,
      name: `Errors of ${visible(name)} from ${time(from)} to ${time(to)}: ${counted(item.errors.reduce((sum, value) => sum + value, 0), "error")}`,
      describe: index => item.errors[index] === undefined ? null
        : `${counted(item.errors[index], "error")} · ${share(item.errors[index], item.requests[index])}` });
    charts[2].draw({ ...base, band: { low: item.p50, high: item.p99 }, curve: item.p95, top: roundTop(item.p99),
      name: `Duration of the requests to ${visible(name)} from ${time(from)} to ${time(to)}: p95 at most ${duration(Math.max(0, ...item.p95.map(value => value ?? 0)))}`,
      describe: index => item.p95[index]
        ? `p50 ${duration(item.p50[index])} · p95 ${duration(item.p95[index])} · p99 ${duration(item.p99[index])}` : null });
    fill(table, h("caption", {}, `${visible(name)} over time`),
      h("thead", {}, h("tr", {}, ["time", "requests", "errors", "p50", "p95", "p99"].map(head => h("th", { scope: "col" }, head)))),
      h("tbody", {}, item.requests.map((value, index) => value ? h("tr", {}, h("th", { scope: "row" }, time(from + index * step)),
        h("td", {}, value), h("td", {}, item.errors[index]), ["p50", "p95", "p99"].map(rank => h("td", {}, duration(item[rank][index]))))
          : null)));
  }

  return {
    element,
    show(item) { showFigures(item, item.overview.to); showCurves(item); },
    showState(state) {
      fill(readiness, !state ? null : state.ready ? [icon("good"), "ready"] : [icon("error"), "not ready"]);
      readiness.title = state ? `${state.url}/readyz: ${visible(state.detail)}` : "";
    },
  };
}

/**
 * The last step of a range that ends now is not over yet: a rate of it would look like a fall. And before anything was
 * stored nothing is known.
 */
function known(values, { from, step, isLive, first }) {
  return values.map((value, index) => (isLive && index === values.length - 1) || from + (index + 1) * step < first ? null : value);
}
