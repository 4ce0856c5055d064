import Encoding

/// Writes families in one of the formats.
struct ExpositionWriter: ~Copyable {
    private let format: ExpositionFormat
    private var output = ByteWriter(capacity: 16 << 10)

    init(format: ExpositionFormat) { self.format = format }

    /// Returns the output, with the end marker that OpenMetrics requires.
    consuming func finish() -> [UInt8] {
        if format == .openMetrics { output.append("# EOF\n") }
        return output.bytes
    }

    mutating func write(_ family: MetricFamily) {
        let base = family.name.base
        // In the text format, a counter's family has the same name as its samples.
        header(family, name: family.kind == .counter && format == .text ? base + "_total" : base)
        for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
            switch series {
            case .counter(let counter):
                let (value, exemplar) = counter.read()
                sampleName(base + "_total", labels)
                output.append(decimal: value)
                end(exemplar)
            case .gauge(let gauge): sample(base, labels, gauge.read())
            case .observed(let read): sample(family.kind == .counter ? base + "_total" : base, labels, read())
            case .histogram(let histogram): write(histogram, base, labels)
            }
        }
    }

    private mutating func header(_ family: MetricFamily, name: String) {
        output.append("# HELP ")
        output.append(name)
        output.append(" ")
        output.append(SeriesLabels.escaped(family.help, quotes: format == .openMetrics))
        output.append("\n# TYPE ")
        output.append(name)
        output.append(" ")
        output.append(family.kind.rawValue)
        output.append("\n")
        if format == .openMetrics, let unit = family.name.unit {
            output.append("# UNIT ")
            output.append(name)
            output.append(" ")
            output.append(unit)
            output.append("\n")
        }
    }

    private mutating func write(_ histogram: HistogramSeries, _ base: String, _ labels: SeriesLabels) {
        let state = histogram.read()
        let bucketName = base + "_bucket"
        var total: UInt64 = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? histogram.bounds[index] : .infinity
            sampleName(bucketName, labels, bound: bound)
            output.append(decimal: total)
            end(state.exemplars.isEmpty ? nil : state.exemplars[index])
        }
        sample(base + "_sum", labels, state.sum)
        sampleName(base + "_count", labels)
        output.append(decimal: total)
        output.append("\n")
    }

    private mutating func sample(_ name: String, _ labels: SeriesLabels, _ value: Double) {
        sampleName(name, labels)
        append(value)
        output.append("\n")
    }

    /// Writes a sample up to its value.
    private mutating func sampleName(_ name: String, _ labels: SeriesLabels, bound: Double? = nil) {
        output.append(name)
        if !labels.text.isEmpty || bound != nil {
            output.append("{")
            output.append(labels.text)
            if let bound {
                if !labels.text.isEmpty { output.append(",") }
                output.append("le=\"")
                append(bound, isBound: true)
                output.append("\"")
            }
            output.append("}")
        }
        output.append(" ")
    }

    /// Writes the end of a sample's line, with its exemplar if the format supports exemplars.
    private mutating func end(_ recorded: RecordedExemplar?) {
        if format == .openMetrics, let recorded {
            output.append(" # {trace_id=\"")
            output.append(hex: recorded.exemplar.traceHigh)
            output.append(hex: recorded.exemplar.traceLow)
            output.append("\",span_id=\"")
            output.append(hex: recorded.exemplar.spanID)
            output.append("\"} ")
            append(recorded.value)
            output.append(" ")
            timestamp(recorded.timestamp)
        }
        output.append("\n")
    }

    /// Writes seconds with millisecond precision.
    private mutating func timestamp(_ nanoseconds: UInt64) {
        output.append(decimal: nanoseconds / 1_000_000_000)
        output.append(".")
        let milliseconds = nanoseconds / 1_000_000 % 1000
        if milliseconds < 100 { output.append("0") }
        if milliseconds < 10 { output.append("0") }
        output.append(decimal: milliseconds)
    }

    /// Writes a number. Bounds are canonical: whole numbers are written `1` in the text format, `1.0` in OpenMetrics.
    private mutating func append(_ value: Double, isBound: Bool = false) {
        if value.isNaN {
            output.append("NaN")
        } else if value.isInfinite {
            value < 0 ? output.append("-Inf") : output.append("+Inf")
        } else if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 {
            output.append(decimal: integer)
            if isBound, format == .openMetrics { output.append(".0") }
        } else {
            output.append(value.description)
        }
    }
}
