/// Counts lines or bytes in a window that ends at each step.
struct RangeEvaluator {
    let function: RangeFunction
    let pipeline: LogPipeline
    /// The window's length in nanoseconds; it begins after `step - window` and ends with the step.
    let window: Int64
    let range: QueryRange
    /// Groups to sum into at once, or `nil` for a series a label set.
    let grouping: Grouping?

    /// Sums as differences between steps: a line that is in many windows costs two additions all the same.
    private struct Accumulator {
        var counts: [Int]
        var bytes: [Int]
    }

    func run(_ reader: LogReader, _ statistics: inout QueryStatistics) throws -> [MetricSeries] {
        // Sorted and each once, so that the labels of a group come out that way.
        let grouping = grouping.map { Grouping(isWithout: $0.isWithout, labels: Set($0.labels).sorted()) }
        let first = range.start - window + 1
        let last = range.time(ofStep: range.stepCount - 1)
        let streams = try reader.streams(pipeline.matchers, from: first, to: last)
        let needed = grouping.flatMap { $0.isWithout ? nil : $0.labels }
        let compiled = CompiledPipeline(pipeline, needed: needed)
        let stepCount = range.stepCount
        let needsBytes = function == .bytesOverTime || function == .bytesRate
        var keys: [[Label]] = []
        var sums: [Accumulator] = []
        var index: [[Label]: Int] = [:]
        var streamSeries: [Int64: Int] = [:]
        var local = statistics

        func series(_ key: [Label]) throws -> Int {
            if let known = index[key] { return known }
            guard (keys.count + 1) * stepCount <= MetricQuery.maximumCells else {
                throw LogQueryError.tooManySeries(keys.count)
            }
            index[key] = keys.count
            keys.append(key)
            sums.append(
                Accumulator(
                    counts: Array(repeating: 0, count: stepCount + 1),
                    bytes: needsBytes ? Array(repeating: 0, count: stepCount + 1) : []))
            return keys.count - 1
        }

        try reader.forEachLine(
            of: streams, from: first, to: last + 1, newestFirst: false, traceKey: pipeline.traceKey
        ) { line in
            local.lines += 1
            local.bytes += line.text.count
            local.metadataBytes += line.metadataBytes.count
            guard compiled.admits(line.text) else { return true }
            let place: Int
            if compiled.endsWithLineFilters, let known = streamSeries[line.stream.id],
                dependsOnStreamOnly(line.metadataBytes)
            {
                place = known
            } else {
                guard let labels = compiled.process(line) else { return true }
                if let error = labels.value(LineLabels.error), !error.isEmpty {
                    throw LogQueryError.pipeline(error: error, labels: labels.merged.selector)
                }
                place = try series(grouping.map { $0.key(of: labels) } ?? labels.merged)
                if compiled.endsWithLineFilters, dependsOnStreamOnly(line.metadataBytes) {
                    streamSeries[line.stream.id] = place
                }
            }
            local.linesAfterFilter += 1
            guard let covered = steps(covering: line.time) else { return true }
            sums[place].counts[covered.lowerBound] += 1
            sums[place].counts[covered.upperBound] -= 1
            if needsBytes {
                sums[place].bytes[covered.lowerBound] += line.text.count
                sums[place].bytes[covered.upperBound] -= line.text.count
            }
            return true
        }
        statistics = local
        return zip(keys, sums).map { MetricSeries(labels: $0, values: values(of: $1)) }
    }

    /// Whether the series of a line without parsed labels follows from its stream: grouped by names that its metadata
    /// does not have.
    private func dependsOnStreamOnly(_ metadata: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let grouping, !grouping.isWithout else { return false }
        return grouping.labels.isEmpty || !LogMetadata.contains(anyOf: grouping.labels, metadata)
    }

    /// The steps whose window holds `time`, from the first to the one after the last.
    private func steps(covering time: Int64) -> Range<Int>? {
        guard range.step > 0 else { return 0..<1 }
        let count = Int64(range.stepCount)
        let offset = time - range.start
        let first = offset <= 0 ? 0 : (offset + range.step - 1) / range.step
        // The last step before `time + window`.
        let reach = offset + window - 1
        guard reach >= 0, first < count else { return nil }
        let last = min(reach / range.step, count - 1)
        return first <= last ? Int(first)..<Int(last) + 1 : nil
    }

    private func values(of sums: Accumulator) -> [Double?] {
        let seconds = Double(window) / 1e9
        var (count, bytes) = (0, 0)
        return (0..<range.stepCount).map { step in
            count += sums.counts[step]
            if !sums.bytes.isEmpty { bytes += sums.bytes[step] }
            guard count > 0 else { return nil }
            return switch function {
            case .countOverTime: Double(count)
            case .rate: Double(count) / seconds
            case .bytesOverTime: Double(bytes)
            case .bytesRate: Double(bytes) / seconds
            }
        }
    }
}

extension Grouping {
    /// The labels that name the group of a series with `labels`, which are sorted.
    func key(of all: [Label]) -> [Label] {
        all.filter { labels.contains($0.name) != isWithout && !$0.value.isEmpty }
    }

    fileprivate func key(of line: LineLabels) -> [Label] {
        if isWithout { return key(of: line.merged) }
        return labels.compactMap { name in
            line.value(name).flatMap { $0.isEmpty ? nil : Label(name, $0) }
        }
    }
}
