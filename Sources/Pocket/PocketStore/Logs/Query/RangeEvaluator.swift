import LogQL
import QuerySupport

/// Aggregates the lines in the windows that end at each step.
struct RangeEvaluator {
    let aggregation: RangeAggregation
    let range: QueryRange
    /// The groups to sum into directly, or `nil` for one series per label set.
    let grouping: Grouping?

    /// In nanoseconds: the window begins after `step - window - offset` and ends at `step - offset`.
    private var window: Int64 { aggregation.window }

    func run(_ reader: LogReader, _ statistics: inout QueryStatistics) throws -> [MetricSeries] {
        // Sorted and unique, so that the labels of a group come out sorted.
        let grouping = grouping.map { Grouping(isWithout: $0.isWithout, labels: Set($0.labels).sorted()) }
        let pipeline = aggregation.pipeline
        let budget = reader.budget
        let first = range.start.minus(aggregation.offset).minus(window).plus(1)
        let last = range.time(ofStep: range.stepCount - 1).minus(aggregation.offset)
        let streams = try reader.streams(pipeline.matchers, from: first, to: last)
        let needed = grouping.flatMap { $0.isWithout ? nil : $0.labels }
        let compiled = CompiledPipeline(pipeline, unwrap: aggregation.unwrap, needed: needed, budget: budget)
        let stepCount = range.stepCount
        var keys: [[Label]] = []
        var accumulators: [WindowAccumulator] = []
        var index: [[Label]: Int] = [:]
        var streamSeries: [Int64: Int] = [:]
        var samples = 0
        var local = statistics

        func series(_ key: [Label]) throws -> Int {
            if let known = index[key] { return known }
            guard (keys.count + 1) * stepCount <= MetricQuery.maximumCells else {
                throw LogQueryError.tooManySeries(keys.count)
            }
            // Covers the numbers while counting, and the results.
            try budget.hold(256 + 2 * key.size + stepCount * (WindowAccumulator.sizeOfStep + MetricSeries.valueSize))
            index[key] = keys.count
            keys.append(key)
            accumulators.append(WindowAccumulator(aggregation, steps: stepCount))
            return keys.count - 1
        }

        try reader.forEachLine(
            of: streams, from: first, to: last.plus(1), newestFirst: false, traceKey: pipeline.traceKey
        ) { line in
            local.lines += 1
            local.bytes += line.text.count
            local.metadataBytes += line.metadataBytes.count
            guard compiled.admits(line.text) else { return try budget.goesOn() }
            let place: Int
            var number = 0.0
            var size = line.text.count
            if compiled.endsWithLineFilters, let known = streamSeries[line.stream.id],
                dependsOnStreamOnly(line.metadataBytes)
            {
                place = known
            } else {
                guard let processed = compiled.process(line) else { return try budget.goesOn() }
                let labels = processed.labels
                if let error = labels.value(LineLabels.error), !error.isEmpty {
                    throw LogQueryError.pipeline(error: error, labels: labels.merged.selector)
                }
                number = processed.number
                size = processed.rewritten?.utf8.count ?? size
                place = try series(key(of: labels, grouping))
                if compiled.endsWithLineFilters, dependsOnStreamOnly(line.metadataBytes) {
                    streamSeries[line.stream.id] = place
                }
            }
            local.linesAfterFilter += 1
            guard let covered = steps(covering: line.time) else { return true }
            samples += 1
            if aggregation.function == .quantileOverTime, samples > MetricQuery.maximumSamples {
                throw LogQueryError.tooManySamples(MetricQuery.maximumSamples)
            }
            try budget.charge(covered.count)
            if aggregation.function == .quantileOverTime { try budget.hold(24) }
            accumulators[place].add(covered, bytes: size, number: number)
            return true
        }
        statistics = local
        return try zip(keys, accumulators).map { key, accumulator in
            MetricSeries(
                labels: key, values: try accumulator.values(seconds: Double(window) / 1e9, budget))
        }
    }

    /// The labels of a line's series, without the unwrapped label.
    private func key(of labels: LineLabels, _ grouping: Grouping?) -> [Label] {
        guard let grouping else {
            let unwrapped = aggregation.unwrap?.label
            return labels.merged.filter { $0.name != unwrapped }
        }
        return grouping.key(of: labels, except: aggregation.unwrap?.label)
    }

    /// Whether the series of a line without parsed labels follows from its stream alone: it is grouped by names that
    /// its metadata does not contain.
    private func dependsOnStreamOnly(_ metadata: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let grouping, !grouping.isWithout,
            // Metadata may get such a name.
            !grouping.labels.contains(where: { $0.hasSuffix(LineLabels.duplicateSuffix) })
        else { return false }
        return grouping.labels.isEmpty || !LogMetadata.contains(anyOf: grouping.labels, metadata)
    }

    /// The steps whose windows contain `time`.
    private func steps(covering time: Int64) -> Range<Int>? {
        guard range.step > 0 else { return 0..<1 }
        let count = Int64(range.stepCount)
        let offset = time.plus(aggregation.offset).minus(range.start)
        let first = offset <= 0 ? 0 : offset.plus(range.step - 1) / range.step
        // The last step before `time + window`.
        let reach = offset.plus(window).minus(1)
        guard reach >= 0, first < count else { return nil }
        let last = min(reach / range.step, count - 1)
        return first <= last ? Int(first)..<Int(last) + 1 : nil
    }
}

extension Grouping {
    /// The labels of the group for a series with `labels`, which are sorted.
    func key(of all: [Label]) -> [Label] {
        all.filter { labels.contains($0.name) != isWithout && !$0.value.isEmpty }
    }

    fileprivate func key(of line: LineLabels, except unwrapped: String?) -> [Label] {
        if isWithout { return key(of: line.merged).filter { $0.name != unwrapped } }
        return labels.compactMap { name in
            line.value(name).flatMap { $0.isEmpty ? nil : Label(name, $0) }
        }
    }
}
