import Encoding
import Vocabulary

/// Structured metadata as stored: sorted by name, frequent names as one byte, ids as raw bytes.
///
/// Each entry starts with a code. 0 is followed by the name and the value, each preceded by its length; 1 by the 16
/// bytes of a trace id; 2 by the 8 bytes of a span id; any other code stands for a name in ``names`` and is followed by
/// the value.
package enum LogMetadata {
    private static let firstName = 3
    /// Append only: stored metadata refers to the indices.
    private static let names = [
        LogField.traceID, LogField.spanID, LogField.requestID, LokiMetadata.detectedLevel, LokiMetadata.truncated,
        LokiMetadata.severityText, LokiMetadata.severityNumber, LokiMetadata.observedTimestamp, LokiMetadata.scopeName,
        LokiMetadata.flags, LogField.traceSampled, LogField.message, LogField.component, LogField.operation,
        LogField.status, LogField.durationMS, LogField.errorType, LogField.errorMessage, LogField.guildID,
        LogField.channelID, LogField.taskID, LogField.reservationID, LogField.executorID, LogField.amount,
        LogField.workload, LogField.state, LogField.size, LogField.memoryBytes, LogField.peer,
        LokiShape.name(of: LogField.faultID), LokiShape.name(of: LogField.faultKind),
    ]
    private static let codes = Dictionary(
        uniqueKeysWithValues: names.enumerated().map { ($1, UInt8(firstName + $0)) })

    // MARK: Writing

    package static func append(_ labels: [Label], to bytes: inout [UInt8]) {
        guard !labels.isEmpty else { return }
        for label in labels.count > 1 ? labels.sorted() : labels { append(label.name, label.value, to: &bytes) }
    }

    /// Appends one entry; entries must be sorted by name.
    package static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        var value = value
        value.withUTF8 { text in
            switch name {
            case LogField.traceID: append(traceID: text[...], to: &bytes)
            case LogField.spanID: append(spanID: text[...], to: &bytes)
            default:
                if let code = codes[name] {
                    bytes.append(code)
                } else {
                    bytes.append(0)
                    var name = name
                    name.withUTF8 { append(text: $0[...], to: &bytes) }
                }
                append(text: text[...], to: &bytes)
            }
        }
    }

    package static func append(traceID: Slice<UnsafeBufferPointer<UInt8>>, to bytes: inout [UInt8]) {
        if traceID.count == 32, let high = Hex.parse(traceID.prefix(16)), let low = Hex.parse(traceID.dropFirst(16)) {
            bytes.append(1)
            append(high, to: &bytes)
            append(low, to: &bytes)
        } else {
            bytes.append(UInt8(firstName))
            append(text: traceID, to: &bytes)
        }
    }

    package static func append(spanID: Slice<UnsafeBufferPointer<UInt8>>, to bytes: inout [UInt8]) {
        if spanID.count == 16, let id = Hex.parse(spanID) {
            bytes.append(2)
            append(id, to: &bytes)
        } else {
            bytes.append(UInt8(firstName + 1))
            append(text: spanID, to: &bytes)
        }
    }

    /// The code of a frequent name that is not an id's.
    package static func code(of name: String) -> UInt8? { codes[name] }

    /// Appends an entry whose name has a code.
    package static func append(code: UInt8, _ value: Slice<UnsafeBufferPointer<UInt8>>, to bytes: inout [UInt8]) {
        bytes.append(code)
        append(text: value, to: &bytes)
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(text: Slice<UnsafeBufferPointer<UInt8>>, to bytes: inout [UInt8]) {
        var length = text.count
        while length >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(length))
        bytes.append(contentsOf: text)
    }

    // MARK: Reading

    /// The labels, sorted by name; only those named in `wanted` unless it is `nil`.
    static func labels(_ bytes: UnsafeBufferPointer<UInt8>, only wanted: [String]? = nil) -> [Label] {
        var result: [Label] = []
        var reader = Reader(bytes)
        while let entry = reader.next() {
            if let wanted, !wanted.contains(where: { reader.isNamed($0, entry) }) { continue }
            result.append(Label(reader.name(of: entry), reader.value(of: entry)))
        }
        return result
    }

    /// Whether any of `names` is among the entries; creates no strings.
    package static func contains(anyOf wanted: [String], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var reader = Reader(bytes)
        while let entry = reader.next() {
            if wanted.contains(where: { reader.isNamed($0, entry) }) { return true }
        }
        return false
    }

    struct Entry {
        fileprivate var code: Int
        fileprivate var name: Range<Int>
        fileprivate var value: Range<Int>
    }

    struct Reader {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var index = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        /// `nil` at the end, and at malformed bytes.
        mutating func next() -> Entry? {
            guard index < bytes.count else { return nil }
            var entry = Entry(code: Int(bytes[index]), name: 0..<0, value: 0..<0)
            index += 1
            switch entry.code {
            case 1, 2:
                let length = entry.code == 1 ? 16 : 8
                guard index + length <= bytes.count else { return nil }
                entry.value = index..<index + length
                index += length
            case 0:
                guard let name = text(), let value = text() else { return nil }
                entry.name = name
                entry.value = value
            default:
                guard entry.code - firstName < names.count, let value = text() else { return nil }
                entry.value = value
            }
            return entry
        }

        private mutating func text() -> Range<Int>? {
            var length = 0
            var shift = 0
            while index < bytes.count, shift < 28 {
                let byte = bytes[index]
                index += 1
                length |= Int(byte & 0x7F) << shift
                shift += 7
                guard byte < 0x80 else { continue }
                guard index + length <= bytes.count else { return nil }
                defer { index += length }
                return index..<index + length
            }
            return nil
        }

        func name(of entry: Entry) -> String {
            switch entry.code {
            case 0: String(decoding: bytes[entry.name], as: UTF8.self)
            case 1: LogField.traceID
            case 2: LogField.spanID
            default: names[entry.code - firstName]
            }
        }

        func isNamed(_ name: String, _ entry: Entry) -> Bool {
            entry.code == 0 ? name.utf8.elementsEqual(bytes[entry.name]) : self.name(of: entry) == name
        }

        func value(of entry: Entry) -> String {
            entry.code == 1 || entry.code == 2
                ? Hex.string(bytes[entry.value]) : String(decoding: bytes[entry.value], as: UTF8.self)
        }
    }
}
