import Encoding
import LogQL
import Vocabulary

/// Lines to be stored, their bytes in one buffer, so that thousands take only a few allocations.
package struct LogBatch: Sendable {
    struct Record: Sendable {
        var stream: Int
        var time: Int64
        var traceKey: Int64?
        var metadata: Range<Int>
        var line: Range<Int>
    }

    struct Stream: Sendable {
        /// A JSON object with sorted names: the stream's identity.
        var labels: String
        var first: Int64
        var last: Int64
    }

    private(set) var streams: [Stream] = []
    private(set) var records: [Record] = []
    private(set) var bytes: [UInt8] = []
    private var index: [[Label]: Int] = [:]

    package init() {}

    package var isEmpty: Bool { records.isEmpty }
    package var count: Int { records.count }
    /// The size of the lines and their metadata in bytes.
    package var size: Int { bytes.count }

    /// The number for adding lines to the stream with these labels.
    package mutating func stream(_ labels: [Label]) -> Int {
        let labels = labels.sorted()
        if let known = index[labels] { return known }
        var json = JSONWriter(capacity: 128)
        json.object { for label in labels { $0.member(label.name, label.value) } }
        streams.append(Stream(labels: json.string, first: .max, last: .min))
        index[labels] = streams.count - 1
        return streams.count - 1
    }

    /// Adds a line. `time` is in nanoseconds since the Unix epoch.
    package mutating func append(stream: Int, time: Int64, metadata: [Label], line: UnsafeBufferPointer<UInt8>) {
        let start = bytes.count
        LogMetadata.append(metadata, to: &bytes)
        append(stream, time, metadata[LogField.traceID].map(TraceKey.of), metadataFrom: start, line)
    }

    /// Adds a line whose metadata are fields of the line.
    package mutating func append(
        stream: Int, time: Int64, fields: LineFields, isTruncated: Bool, line: UnsafeBufferPointer<UInt8>
    ) {
        let start = bytes.count
        var key: Int64?
        var isMarked = !isTruncated
        fields.forEachValue { name, value in
            if !isMarked, name > MetadataNames.lastBeforeTruncated {
                isMarked = true
                LogMetadata.append(LokiMetadata.truncated, "true", to: &bytes)
            }
            append(name, value, of: line, &key)
        }
        if !isMarked { LogMetadata.append(LokiMetadata.truncated, "true", to: &bytes) }
        append(stream, time, key, metadataFrom: start, line)
    }

    private mutating func append(
        _ name: Int, _ value: LineFields.Value, of line: UnsafeBufferPointer<UInt8>, _ key: inout Int64?
    ) {
        let isLong = MetadataNames.long.contains(name) && value.range.count > LokiShape.maximumTextLength
        guard let code = MetadataNames.codes[name], !value.hasEscapes, !isLong else {
            var text = JSONScanner(line).text(value.range, hasEscapes: value.hasEscapes)
            if isLong { text = LokiShape.cut(text) }
            if name == MetadataNames.traceID { key = TraceKey.of(text) }
            return LogMetadata.append(MetadataNames.sorted[name], text, to: &bytes)
        }
        let slice = line[value.range]
        switch name {
        case MetadataNames.traceID:
            LogMetadata.append(traceID: slice, to: &bytes)
            key = TraceKey.of(slice)
        case MetadataNames.spanID: LogMetadata.append(spanID: slice, to: &bytes)
        default: LogMetadata.append(code: code, slice, to: &bytes)
        }
    }

    /// Adds a line; its metadata was written into `bytes` from `start` on.
    private mutating func append(
        _ stream: Int, _ time: Int64, _ traceKey: Int64?, metadataFrom start: Int, _ line: UnsafeBufferPointer<UInt8>
    ) {
        let middle = bytes.count
        bytes.append(contentsOf: line)
        records.append(
            Record(
                stream: stream, time: time, traceKey: traceKey, metadata: start..<middle, line: middle..<bytes.count))
        streams[stream].first = min(streams[stream].first, time)
        streams[stream].last = max(streams[stream].last, time)
    }
}

/// The key of a trace id in the index.
package enum TraceKey {
    /// The last 64 bits of a well-formed id, a hash of any other text.
    package static func of(_ traceID: String) -> Int64 {
        var text = traceID
        return text.withUTF8 { of($0[...]) }
    }

    static func of(_ traceID: Slice<UnsafeBufferPointer<UInt8>>) -> Int64 {
        if traceID.count == 32, let low = Hex.parse(traceID.dropFirst(16)) { return Int64(bitPattern: low) }
        var hash = ContentHash()
        hash.combine(UnsafeBufferPointer(rebasing: traceID))
        return Int64(bitPattern: hash.value)
    }
}

/// A fast hash that is the same in every process, unlike `Hasher`. Not cryptographic.
package struct ContentHash {
    package private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    package init() {}

    private mutating func mix(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        value = product.high ^ product.low ^ word
    }

    package mutating func combine(_ bytes: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index + 8 <= raw.count {
            mix(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            index += 8
        }
        var rest: UInt64 = 0
        while index < raw.count {
            rest = rest << 8 | UInt64(raw[index])
            index += 1
        }
        mix(rest)
        mix(UInt64(raw.count))
    }
}
