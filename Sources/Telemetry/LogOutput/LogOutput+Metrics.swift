import Metrics

extension LogOutput {
    /// Publishes in `factory` how many lines were written and dropped, by destination.
    func observe(in factory: any MetricsFactory) {
        for (sink, counters) in counters {
            factory.observe(
                label: "tailspan.log.lines.written", description: "Log lines written.", unit: "{line}", kind: .counter,
                dimensions: [("sink", sink)], read: { Double(counters.linesWritten) })
            factory.observe(
                label: "tailspan.log.lines.dropped",
                description: "Log lines given up because the destination took no more.", unit: "{line}",
                kind: .counter, dimensions: [("sink", sink)], read: { Double(counters.linesDropped) })
        }
    }
}
