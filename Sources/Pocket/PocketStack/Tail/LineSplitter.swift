import Glibc
import LogQL
import PocketStore
import Vocabulary

/// Splits a file's bytes into lines and adds them to a batch.
struct LineSplitter {
    /// Counts of unusual lines.
    struct Counts: Sendable {
        var read = 0
        var truncated = 0
        var dropped = 0
    }

    let maximumLength: Int
    private(set) var batch = LogBatch()
    private(set) var counts = Counts()
    /// The streams of each service, one per level.
    private var streams: [String: [Int?]] = [:]
    /// The fields of the current line.
    private var fields = LineFields()

    init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// Takes all complete lines of `bytes`, which are at `position` of a file; returns how many bytes were consumed.
    /// - Parameter isLast: whether nothing follows, so that an unterminated last line counts too.
    mutating func take(
        _ bytes: UnsafeBufferPointer<UInt8>, of service: String, _ position: inout TailPosition, isLast: Bool,
        now: UInt64
    ) -> Int {
        var start = 0
        while start < bytes.count, let base = bytes.baseAddress {
            let newline = memchr(base + start, 0x0A, bytes.count - start)
            let end = newline.map { base.distance(to: $0.assumingMemoryBound(to: UInt8.self)) } ?? bytes.count
            let rest = UnsafeBufferPointer(rebasing: bytes[start..<end])
            if newline == nil, !isLast {
                // A line this long is cut now: waiting for its end would fill the memory.
                guard rest.count > maximumLength else { break }
                if !position.isInCutLine { file(rest, service, now) }
                position.isInCutLine = true
                start = bytes.count
                break
            }
            if position.isInCutLine {
                position.isInCutLine = false
            } else {
                file(rest, service, now)
            }
            start = min(end + 1, bytes.count)
        }
        position.offset += Int64(start)
        return start
    }

    private mutating func file(_ line: UnsafeBufferPointer<UInt8>, _ service: String, _ now: UInt64) {
        var line = line
        if line.last == 0x0D { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
        guard line.contains(where: { $0 > 0x20 }) else {
            counts.dropped += 1
            return
        }
        let isCut = line.count > maximumLength
        if isCut {
            line = UnsafeBufferPointer(rebasing: line.prefix(maximumLength))
            counts.truncated += 1
        }
        counts.read += 1
        if Self.isASCII(line) {
            add(line, service, isCut, now)
        } else {
            // Bytes that are not UTF-8 become U+FFFD, including a character split by a cut.
            var text = String(decoding: line, as: UTF8.self)
            text.withUTF8 { add($0, service, isCut, now) }
        }
    }

    private mutating func add(_ line: UnsafeBufferPointer<UInt8>, _ service: String, _ isCut: Bool, _ now: UInt64) {
        fields.read(line)
        // A timestamp far in the future would keep its line for ever.
        let time = fields.time.flatMap { $0 > now + LokiLimits.maximumLead ? nil : $0 } ?? now
        let stream = stream(of: service, level: fields.levelIndex(in: line))
        batch.append(stream: stream, time: Int64(clamping: time), fields: fields, isTruncated: isCut, line: line)
    }

    private mutating func stream(of service: String, level: Int) -> Int {
        if let known = streams[service]?[level] { return known }
        let number = batch.stream([
            Label(LokiShape.job, LogStreams.namespace), Label(LogField.level, LineFields.levels[level]),
            Label(LogField.service, service), Label(LokiShape.serviceName, service),
            Label(LokiShape.serviceNamespace, LogStreams.namespace),
        ])
        streams[service, default: Array(repeating: nil, count: LineFields.levels.count)][level] = number
        return number
    }

    private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index + 8 <= raw.count {
            if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            index += 8
        }
        while index < raw.count {
            if raw[index] >= 0x80 { return false }
            index += 1
        }
        return true
    }

    /// Returns the batch and starts a new one.
    mutating func takeBatch() -> (LogBatch, Counts) {
        defer {
            batch = LogBatch()
            streams = [:]
            counts = Counts()
        }
        return (batch, counts)
    }
}
