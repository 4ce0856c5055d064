package struct TraceWindowRule: LinkRule {
    package let number = 20
    package let name = "traces open at any age"
    package let explanation = """
        The time in which Grafana looks for a trace (traceQuery) holds the trace, one of now and one of an hour ago, and \
        the trace store gives it back for that time. Broken by a negative spanStartTimeShift: Grafana subtracts it from \
        the beginning, so -1h begins an hour too late. Without timeShiftEnabled no time is named.
        """

    private static let hourNS: UInt64 = 3_600_000_000_000

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        let stores = links.dataSources.filter { $0.type == "tempo" }
        guard !stores.isEmpty else { return findings.skip("\(links.origin) has no data source of the type tempo") }
        for store in stores {
            if let trace = evidence.found.first?.trace { checkWindow(store, trace, &findings) }
            for click in links.clicks?.traces ?? [] where click.source == store.name {
                findings.looked()
                let isReversed = click.window.map { $0.start >= $0.end } == true
                guard click.outcome == .notFound || isReversed else { continue }
                let time = click.window.map { "between \($0.start) and \($0.end)" } ?? "at no named time"
                findings.violate(
                    "\(store.name) does not find a trace \(click.isOld ? "of an hour ago " : "")where Grafana looks for "
                        + "it, \(time)",
                    traceID: click.traceID)
            }
        }
    }

    /// Checks the time range that Grafana queries while Explore shows fifteen minutes on either side of the trace.
    private func checkWindow(_ store: DataSource, _ trace: TraceData, _ findings: inout Findings) {
        let (start, end) = (trace.startNS, trace.endNS)
        for (age, ageNS) in [("now", 0), ("an hour ago", Self.hourNS)] {
            findings.looked()
            do {
                let view = ExploredView.around(start, end, now: end.saturatingSum(ageNS))
                guard let window = try store.traceQuery.window(for: view), !window.holds(trace) else { continue }
                let early = window.start - Int64(start / 1_000_000_000)
                findings.violate(
                    "\(store.name) is not asked for the time of a trace of \(age): with spanStartTimeShift "
                        + "'\(store.traceQuery.startShift)' and spanEndTimeShift '\(store.traceQuery.endShift)' Grafana "
                        + (early > 0 ? "begins \(early) s after it began" : "ends before it ended"),
                    traceID: trace.traceID)
                return
            } catch {
                findings.violate("\(store.name): \(error.reason)")
                return
            }
        }
    }
}
