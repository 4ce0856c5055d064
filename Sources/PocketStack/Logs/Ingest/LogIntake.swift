import Encoding

/// Takes lines into a batch as Loki's distributor does: what is too old, too new or too long is refused line by line and
/// reported, all else is kept.
struct LogIntake {
    static let maximumLineLength = 256 << 10
    static let maximumAge: UInt64 = 7 * 24 * 3600 * 1_000_000_000
    static let maximumLead: UInt64 = 600 * 1_000_000_000

    private(set) var batch = LogBatch()
    private(set) var rejected = 0
    private let now: UInt64
    /// Problems in the order they were met, each with how often.
    private var problems: [(message: String, count: Int)] = []
    private static let maximumProblems = 10

    init(now: UInt64) { self.now = now }

    /// A stream that lines can be added to.
    struct Stream {
        fileprivate var number: Int
        fileprivate var labels: [Label]
        fileprivate var level: String?
    }

    /// Opens the stream of `labels`; `nil` if they cannot be a stream's: its `count` lines are refused then.
    mutating func stream(_ labels: [Label], count: Int) -> Stream? {
        let labels = StreamLabels.withServiceName(labels)
        if let problem = StreamLabels.problem(with: labels) {
            reject(problem, count: count)
            return nil
        }
        return Stream(number: batch.stream(labels), labels: labels, level: LevelDetection.level(of: labels))
    }

    mutating func add(to stream: Stream, time: UInt64, line: String, metadata: [Label]) {
        let length = line.utf8.count
        if time < now, now - time > Self.maximumAge {
            return reject(
                "entry for stream '\(stream.labels.selector)' has timestamp too old: \(Self.seconds(time)), "
                    + "oldest acceptable timestamp is: \(Self.seconds(now - Self.maximumAge))")
        }
        if time > now + Self.maximumLead {
            return reject(
                "entry for stream '\(stream.labels.selector)' has timestamp too new: \(Self.seconds(time))")
        }
        if length > Self.maximumLineLength {
            return reject(
                "max entry size '\(Self.maximumLineLength)' bytes exceeded for stream '\(stream.labels.selector)' "
                    + "while adding an entry with length '\(length)' bytes")
        }
        var metadata = metadata
        if stream.level == nil, metadata[LevelDetection.label] == nil {
            let level = LevelDetection.level(of: metadata) ?? LevelDetection.level(metadata: metadata, line: line)
            metadata.append(Label(LevelDetection.label, level))
        }
        var line = line
        line.withUTF8 { batch.append(stream: stream.number, time: Int64(clamping: time), metadata: metadata, line: $0) }
    }

    mutating func reject(_ message: String, count: Int = 1) {
        rejected += count
        if let index = problems.firstIndex(where: { $0.message == message }) {
            problems[index].count += 1
        } else if problems.count < Self.maximumProblems {
            problems.append((message, 1))
        }
    }

    /// What was refused and why, worded as Loki does; `nil` if nothing was.
    var report: String? {
        guard let first = problems.first else { return nil }
        if problems.count == 1, first.count == 1 { return first.message }
        return problems.map { "\($0.count) errors like: \($0.message)" }.joined(separator: "; ")
    }

    private static func seconds(_ time: UInt64) -> String {
        RFC3339.string(nanosecondsSinceEpoch: time).prefix(19) + "Z"
    }
}
