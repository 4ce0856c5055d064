import Encoding
import LogQL
import Vocabulary

/// Adds lines to a batch as Loki's distributor does: lines that are too old, too new or have too much metadata are
/// rejected one by one and reported, long lines are cut, all others are kept. The limits are in ``LokiLimits``.
package struct LogIntake {
    package private(set) var batch = LogBatch()
    package private(set) var rejected = 0
    /// Lines that were cut.
    package private(set) var truncated = 0
    private let now: UInt64
    /// Problems in order of occurrence, each with its count.
    private var problems: [(message: String, count: Int)] = []
    private static let maximumProblems = 10

    package init(now: UInt64) { self.now = now }

    /// A stream that lines can be added to.
    package struct Stream {
        fileprivate var number: Int
        fileprivate var labels: [Label]
        fileprivate var level: String?
    }

    /// Opens the stream with `labels`; `nil` if they are not valid: its `count` lines are then rejected.
    package mutating func stream(_ labels: [Label], count: Int) -> Stream? {
        var named = LabelSet()
        for label in labels { named.set(label.name, label.value) }
        let labels = StreamLabels.withServiceName(named.labels)
        if let problem = StreamLabels.problem(with: labels) {
            reject(problem, count: count)
            return nil
        }
        return Stream(number: batch.stream(labels), labels: labels, level: LevelDetection.level(of: labels))
    }

    package mutating func add(to stream: Stream, time: UInt64, line: String, metadata given: LabelSet) {
        if let problem = problem(with: time, given, of: stream) { return reject(problem) }
        var line = line
        if line.utf8.count > LokiLimits.maximumLineLength {
            line = String(decoding: line.utf8.prefix(LokiLimits.maximumLineLength), as: UTF8.self)
            truncated += 1
        }
        var metadata = given.labels
        if stream.level == nil, metadata[LokiMetadata.detectedLevel] == nil {
            let level = LevelDetection.level(of: metadata) ?? LevelDetection.level(metadata: metadata, line: line)
            metadata.append(Label(LokiMetadata.detectedLevel, level))
        }
        line.withUTF8 { batch.append(stream: stream.number, time: Int64(clamping: time), metadata: metadata, line: $0) }
    }

    /// Why Loki would reject a line, in its wording; `nil` if it would not.
    private func problem(with time: UInt64, _ metadata: LabelSet, of stream: Stream) -> String? {
        if time < now, now - time > LokiLimits.maximumAge {
            return "entry for stream '\(stream.labels.selector)' has timestamp too old: \(Self.seconds(time)), "
                + "oldest acceptable timestamp is: \(Self.seconds(now - LokiLimits.maximumAge))"
        }
        if time > now + LokiLimits.maximumLead {
            return "entry for stream '\(stream.labels.selector)' has timestamp too new: \(Self.seconds(time))"
        }
        if metadata.size > LokiLimits.maximumMetadataSize {
            return "stream '\(stream.labels.selector)' has structured metadata too large: '\(metadata.size)' bytes, "
                + "limit: '\(LokiLimits.maximumMetadataSize)' bytes. Please see `limits_config.max_structured_metadata_size` "
                + "or contact your Loki administrator to increase it"
        }
        if metadata.count > LokiLimits.maximumMetadataCount {
            return "stream '\(stream.labels.selector)' has too many structured metadata labels: '\(metadata.count)', "
                + "limit: '\(LokiLimits.maximumMetadataCount)'. Please see "
                + "`limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it"
        }
        return nil
    }

    mutating func reject(_ message: String, count: Int = 1) {
        rejected += count
        if let index = problems.firstIndex(where: { $0.message == message }) {
            problems[index].count += 1
        } else if problems.count < Self.maximumProblems {
            problems.append((message, 1))
        }
    }

    /// What was rejected and why, in Loki's wording; `nil` if nothing was.
    package var report: String? {
        guard let first = problems.first else { return nil }
        if problems.count == 1, first.count == 1 { return first.message }
        return problems.map { "\($0.count) errors like: \($0.message)" }.joined(separator: "; ")
    }

    private static func seconds(_ time: UInt64) -> String {
        RFC3339.string(nanosecondsSinceEpoch: time).prefix(19) + "Z"
    }
}
