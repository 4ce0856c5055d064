import QuerySupport
import RegularExpressions

/// A line that passed a pipeline.
package struct ProcessedLine {
    package var labels: LineLabels
    /// The number extracted by `unwrap`; 0 without one.
    package var number = 0.0
    /// The new text, if a stage has rewritten the line.
    package var rewritten: String?
}

/// A compiled pipeline, for many lines. Not thread-safe: regular expressions keep state.
package final class CompiledPipeline {
    private let lineFilters: [CompiledLineFilter]
    private let stages: [CompiledStage]
    private let unwrap: CompiledUnwrap?
    /// The labels that decide whether a line passes; `nil` if all labels must be parsed at once.
    private let deciding: WantedLabels?
    /// Whether the caller needs no other labels than these.
    private let isSatisfied: Bool
    private let budget: QueryBudget?

    /// - Parameters:
    ///   - needed: the labels that the caller reads afterwards; `nil` for all.
    ///   - budget: charged for the work and output of the stages, `nil` for no limit. Once it is spent no line passes; the
    ///     caller must check it.
    package init(_ pipeline: LogPipeline, unwrap: Unwrap? = nil, needed: [String]? = nil, budget: QueryBudget? = nil) {
        self.budget = budget
        // Leading line filters run before metadata is even decoded.
        let leading = pipeline.stages.prefix { if case .line = $0 { true } else { false } }
        lineFilters = leading.compactMap {
            if case .line(let filter) = $0 { CompiledLineFilter(filter, budget) } else { nil }
        }
        self.unwrap = unwrap.map { CompiledUnwrap($0, budget) }
        var names: Set<String> = []
        for stage in pipeline.stages { names.formUnion(stage.names) }
        if let unwrap { names.formUnion([unwrap.label] + unwrap.filters.flatMap(\.names)) }
        // As in Loki, a line is not parsed if none of its labels is needed; then it cannot be malformed either.
        let needsNothing = names.isEmpty && needed?.isEmpty ?? false
        stages = pipeline.stages.dropFirst(leading.count).filter { !needsNothing || !$0.isParser }
            .map { CompiledStage($0, budget) }
        isSatisfied = needed != nil
        // Parsing a line in two passes only pays if the first pass may reject it.
        deciding = names.isEmpty && needed == nil ? nil : WantedLabels(names.union(needed ?? []))
    }

    /// Whether ``admits(_:)`` alone decides.
    package var endsWithLineFilters: Bool { stages.isEmpty && unwrap == nil }

    /// Whether a line passes the leading line filters.
    package func admits(_ line: UnsafeBufferPointer<UInt8>) -> Bool { lineFilters.allSatisfy { $0.admits(line) } }

    /// Runs the other stages; returns the resulting line if it passes. The budget's memory for one line is released
    /// afterwards: a caller that keeps the result must charge it again.
    package func process(_ line: StoredLine) -> ProcessedLine? {
        let held = budget?.bytes ?? 0
        defer { budget?.release(to: held) }
        guard budget?.spend(1 + line.metadataBytes.count / 16 * (1 + (deciding?.texts.count ?? 0) / 8)) ?? true else {
            return nil
        }
        if let deciding {
            var labels = LineLabels(
                stream: line.stream.labels, metadata: line.metadata(only: deciding), budget: budget)
            labels.time = line.time
            guard let processed = run(line.text, labels, deciding) else { return nil }
            if isSatisfied { return processed }
        }
        var labels = LineLabels(stream: line.stream.labels, metadata: line.metadata(), budget: budget)
        labels.time = line.time
        return run(line.text, labels, nil)
    }

    private func run(
        _ line: UnsafeBufferPointer<UInt8>, _ labels: LineLabels, _ wanted: WantedLabels?
    )
        -> ProcessedLine?
    {
        var processed = ProcessedLine(labels: labels)
        guard run(stages[...], line, &processed, wanted) else { return nil }
        if let unwrap {
            guard let number = unwrap.number(&processed.labels) else { return nil }
            processed.number = number
        }
        return processed
    }

    private func run(
        _ stages: ArraySlice<CompiledStage>, _ line: UnsafeBufferPointer<UInt8>, _ processed: inout ProcessedLine,
        _ wanted: WantedLabels?
    ) -> Bool {
        for (index, stage) in zip(stages.indices, stages) {
            guard budget?.spend(1) ?? true else { return false }
            switch stage {
            case .line(let filter): if !filter.admits(line) { return false }
            case .json(let extractions):
                if extractions.isEmpty {
                    LineParsers.json(line, into: &processed.labels, only: wanted)
                } else {
                    LineParsers.json(line, extractions, into: &processed.labels)
                }
            case .logfmt(let extractions):
                if extractions.isEmpty {
                    LineParsers.logfmt(line, into: &processed.labels, only: wanted)
                } else {
                    LineParsers.logfmt(line, extractions, into: &processed.labels)
                }
            case .label(let filter): if !filter.admits(&processed.labels) { return false }
            case .pattern(let pattern):
                pattern.match(line) { name, range in
                    let text = String(decoding: UnsafeBufferPointer(rebasing: line[range]), as: UTF8.self)
                    processed.labels.extract(name, text, overriding: true)
                }
            case .regexp(let extractor): extractor.extract(line, into: &processed.labels)
            case .labelFormat(let formats): processed.labels.format(formats, line, budget)
            case .lineFormat(let template):
                do throws(TemplateError) {
                    var text = try template.fill(processed.labels, line, budget)
                    processed.rewritten = text
                    return text.withUTF8 { run(stages[(index + 1)...], $0, &processed, wanted) }
                } catch {
                    processed.labels.setError("TemplateFormatErr", error.description)
                }
            case .drop(let matchers):
                guard processed.labels.spend(matchers.count * 16) else { return false }
                processed.labels.removeAll { label in matchers.contains { $0.covers(label) } }
            case .keep(let matchers):
                guard processed.labels.spend(matchers.count * 16) else { return false }
                processed.labels.removeAll { label in
                    !label.name.hasPrefix("__error") && !matchers.contains { $0.covers(label) }
                }
            }
        }
        return true
    }
}

extension LogStage {
    /// Whether the stage only extracts labels from the line.
    fileprivate var isParser: Bool {
        switch self {
        case .json, .logfmt, .pattern, .regexp: true
        case .line, .label, .lineFormat, .labelFormat, .drop, .keep: false
        }
    }

    /// The labels that the stage reads.
    fileprivate var names: Set<String> {
        switch self {
        case .label(let filter): Set(filter.names)
        case .lineFormat(let template): template.names
        case .labelFormat(let formats):
            formats.reduce(into: []) { names, format in
                names.insert(format.name)
                switch format.source {
                case .label(let name): names.insert(name)
                case .template(let template): names.formUnion(template.names)
                }
            }
        case .line, .json, .logfmt, .pattern, .regexp, .drop, .keep: []
        }
    }
}

extension LineLabels {
    /// Templates read the labels as they were before any template of this stage was applied.
    fileprivate mutating func format(
        _ formats: [LabelFormat], _ line: UnsafeBufferPointer<UInt8>, _ budget: QueryBudget?
    ) {
        var before: LineLabels?
        for format in formats {
            switch format.source {
            case .label(let old): rename(old, to: format.name)
            case .template(let template):
                let seen = before ?? self
                before = seen
                do throws(TemplateError) {
                    set(format.name, try template.fill(seen, line, budget))
                } catch {
                    setError("TemplateFormatErr", error.description)
                }
            }
        }
    }
}

/// A compiled `regexp` stage.
private struct CompiledExtraction {
    private let extractor: RegexExtractor
    private let names: [String?]

    init(_ extraction: RegexExtraction, _ budget: QueryBudget?) {
        extractor = RegexExtractor(extraction, anchored: false, meter: budget)
        names = extraction.groupNames
    }

    func extract(_ line: UnsafeBufferPointer<UInt8>, into labels: inout LineLabels) {
        guard let groups = extractor.groups(line) else { return }
        for (name, range) in zip(names, groups.dropFirst()) {
            guard let name else { continue }
            let text = range.map { String(decoding: UnsafeBufferPointer(rebasing: line[$0]), as: UTF8.self) } ?? ""
            labels.extract(name, text, overriding: true)
        }
    }
}

/// `unwrap` with its compiled filters.
private struct CompiledUnwrap {
    private let unwrap: Unwrap
    private let filters: [CompiledLabelFilter]

    init(_ unwrap: Unwrap, _ budget: QueryBudget?) {
        self.unwrap = unwrap
        filters = unwrap.filters.map { CompiledLabelFilter($0, budget) }
    }

    /// The number of a line, if the line passes. A line with a missing or empty label has none; a line whose label is
    /// not a number is marked.
    func number(_ labels: inout LineLabels) -> Double? {
        guard let text = labels.value(unwrap.label), !text.isEmpty else { return nil }
        var number = 0.0
        switch unwrap.value(of: text) {
        case .success(let value): number = value
        case .failure(let problem): labels.setError("SampleExtractionErr", problem.description)
        }
        for filter in filters where !filter.admits(&labels) { return nil }
        return number
    }
}

private enum CompiledStage {
    case line(CompiledLineFilter)
    case json([LabelExtraction])
    case logfmt([LabelExtraction])
    case label(CompiledLabelFilter)
    case pattern(LinePattern)
    case regexp(CompiledExtraction)
    case lineFormat(LineTemplate)
    case labelFormat([LabelFormat])
    case drop([CompiledNamedMatcher])
    case keep([CompiledNamedMatcher])

    init(_ stage: LogStage, _ budget: QueryBudget?) {
        switch stage {
        case .line(let filter): self = .line(CompiledLineFilter(filter, budget))
        case .json(let extractions): self = .json(extractions)
        case .logfmt(let extractions): self = .logfmt(extractions)
        case .label(let filter): self = .label(CompiledLabelFilter(filter, budget))
        case .pattern(let pattern): self = .pattern(pattern)
        case .regexp(let extraction): self = .regexp(CompiledExtraction(extraction, budget))
        case .lineFormat(let template): self = .lineFormat(template)
        case .labelFormat(let formats): self = .labelFormat(formats)
        case .drop(let matchers): self = .drop(matchers.map { CompiledNamedMatcher($0, budget) })
        case .keep(let matchers): self = .keep(matchers.map { CompiledNamedMatcher($0, budget) })
        }
    }
}
