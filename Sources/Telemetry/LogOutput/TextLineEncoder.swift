import Encoding
import Logging
import TraceContext
import Vocabulary

/// Encodes a line for human readers: `2026-11-20T16:32:01.123456Z INFO  gateway  message  trace_id=… key=value`, with
/// pairs in logfmt. Fields that are the same on every line (version, environment, region) are left out.
struct TextLineEncoder {
    /// The bytes between timestamp and message, for each level.
    private let head: [[UInt8]]
    private let service: String
    private let names = LogFieldNames()
    private let writesSource: Bool

    init(identity: LogIdentity, writesSource: Bool) {
        self.writesSource = writesSource
        service = identity.service
        head = Logger.Level.allCases.map { Self.head($0.rawValue, identity.service) }
    }

    private static func head(_ level: String, _ service: String) -> [UInt8] {
        var part = ByteWriter()
        part.append(UInt8(ascii: " "))
        let level = level.uppercased()
        part.append(level)
        for _ in level.utf8.count..<max(5, level.utf8.count) { part.append(UInt8(ascii: " ")) }
        part.append(UInt8(ascii: " "))
        part.append(onOneLine: service)
        part.append(literal: "  ")
        return part.bytes
    }

    func encode(
        _ event: LentEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
        _ overrides: LogLine.Overrides?, to output: inout ByteWriter
    ) {
        if let overrides {
            let (level, service) = (overrides.level ?? event.pointee.level.rawValue, overrides.serviceName ?? service)
            output.append(contentsOf: Self.head(level, service))
        } else {
            output.append(contentsOf: head[event.pointee.level.severity])
        }
        output.append(onOneLine: event.pointee.message)
        var pairs = Pairs()
        if let overrides, let span = origin.span {
            pairs.pair(LogField.traceID, overrides.text(span.traceID), to: &output)
            if overrides.hasSpanID { pairs.pair(LogField.spanID, overrides.text(span.spanID), to: &output) }
            pairs.pair(LogField.traceSampled, span.isSampled ? "true" : "false", to: &output)
        } else if let span = origin.span {
            pairs.name("", LogField.traceID, to: &output)
            output.append(hex: span.traceID.high, span.traceID.low)
            pairs.name("", LogField.spanID, to: &output)
            output.append(hex: span.spanID.value)
            pairs.name("", LogField.traceSampled, to: &output)
            output.append(literal: span.isSampled ? "true" : "false")
        }
        if let requestID = origin.requestID { pairs.pair(LogField.requestID, requestID, to: &output) }
        names.forEachField(loggerFields, event.pointee.metadata) { prefix, name, value in
            pairs.pair(prefix, name, value, to: &output)
        }
        if let failure = origin.failure {
            pairs.pair(ErrorPart.field(of: ErrorPart.type), failure.type, to: &output)
            pairs.pair(ErrorPart.field(of: ErrorPart.message), failure.message, to: &output)
            if let stack = failure.stack { pairs.pair(ErrorPart.field(of: ErrorPart.stack), stack, to: &output) }
        }
        if writesSource {
            pairs.pair(LogFieldNames.source, "\(event.pointee.file):\(event.pointee.line)", to: &output)
        }
    }

    /// Writes `name=value` pairs: two spaces before the first, one before the others.
    private struct Pairs {
        private var isFirst = true

        mutating func name(_ prefix: StaticString, _ name: String, to output: inout ByteWriter) {
            output.append(literal: isFirst ? "  " : " ")
            isFirst = false
            output.append(literal: prefix)
            output.append(pairName: name)
            output.append(UInt8(ascii: "="))
        }

        mutating func pair(_ name: String, _ value: String, to output: inout ByteWriter) {
            self.name("", name, to: &output)
            output.append(pairValue: value)
        }

        mutating func pair(
            _ prefix: StaticString, _ name: String, _ value: Logger.MetadataValue, to output: inout ByteWriter
        ) {
            switch value {
            case .dictionary(let fields):
                for field in fields.unique {
                    pair(prefix, name + "." + field.key, field.value, to: &output)
                }
            case .string(let text):
                self.name(prefix, name, to: &output)
                output.append(pairValue: text)
            case .integer, .double, .bool:
                self.name(prefix, name, to: &output)
                output.append(logValue: value)
            case .array:
                self.name(prefix, name, to: &output)
                var json = ByteWriter()
                json.append(logValue: value)
                output.append(pairValue: json.string)
            }
        }
    }
}

extension ByteWriter {
    /// Appends text with anything that would break the line or control a terminal escaped as in JSON.
    fileprivate mutating func append(onOneLine text: String) {
        guard TerminalText.holdsControls(text) else { return append(text) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": append(literal: "\\n")
            case "\r": append(literal: "\\r")
            case "\t": append(literal: "\\t")
            case _ where TerminalText.isControl(scalar): append(escaped: scalar)
            default: append(String(scalar))
            }
        }
    }

    /// Appends a control character with its JSON escape. All of them are below U+10000.
    private mutating func append(escaped scalar: Unicode.Scalar) {
        append(literal: "\\u")
        for shift in [12, 8, 4, 0] as [UInt32] { append(Hex.digit(UInt8(scalar.value >> shift & 0xF))) }
    }

    /// Appends a name in which spaces, `=`, `"` and control characters are replaced by `_`.
    fileprivate mutating func append(pairName name: String) {
        if TerminalText.holdsControls(name) {
            var plain = ""
            for scalar in name.unicodeScalars {
                plain.unicodeScalars.append(TerminalText.isControl(scalar) ? "_" : scalar)
            }
            return append(pairName: plain)
        }
        for byte in name.utf8 {
            let isPlain = byte > 0x20 && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"")
            append(isPlain ? byte : UInt8(ascii: "_"))
        }
    }

    /// Appends a value: unchanged if it is one plain word, otherwise quoted and escaped as in JSON.
    fileprivate mutating func append(pairValue text: String) {
        let isWord = text.utf8.allSatisfy {
            $0 > 0x20 && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !TerminalText.holdsControls(text) else {
            var json = ByteWriter()
            json.append(json: text)
            return append(TerminalText.escaped(json: json.string))
        }
        if isWord, !text.isEmpty { append(text) } else { append(json: text) }
    }
}
