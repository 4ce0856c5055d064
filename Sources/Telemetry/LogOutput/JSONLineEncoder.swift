import Encoding
import Logging
import TraceContext
import Vocabulary

/// Encodes a line as one JSON object. The standard fields come first, in the order of ``LogField``, followed by the
/// logger's fields, the event's fields, `error` and `source`.
struct JSONLineEncoder {
    /// What stands between timestamp and message, for each level.
    private let head: [[UInt8]]
    /// What stands between request id and fields.
    private let tail: [UInt8]
    private let service: String
    private let names = LogFieldNames()
    private let writesSource: Bool

    // What stands between the values of every line, made once.
    private let traceIDStart = Array(",\"\(LogField.traceID)\":\"".utf8)
    private let spanIDStart = Array("\",\"\(LogField.spanID)\":\"".utf8)
    private let sampled = Array("\",\"\(LogField.traceSampled)\":true".utf8)
    private let unsampled = Array("\",\"\(LogField.traceSampled)\":false".utf8)
    private let requestIDStart = Array(",\"\(LogField.requestID)\":".utf8)

    init(identity: LogIdentity, writesSource: Bool) {
        self.writesSource = writesSource
        service = identity.service
        var part = ByteWriter()
        head = Logger.Level.allCases.map { level in
            part.removeAll()
            part.appendHead(level.rawValue, identity.service)
            return part.bytes
        }
        part.removeAll()
        for (name, value) in [
            (LogField.version, identity.version), (LogField.environment, identity.environment),
            (LogField.region, identity.region),
        ] where !value.isEmpty {
            part.appendMember("", name)
            part.append(json: value)
        }
        tail = part.bytes
    }

    func encode(
        _ event: LentEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
        _ overrides: LogLine.Overrides?, to output: inout ByteWriter
    ) {
        if let overrides {
            output.appendHead(overrides.level ?? event.pointee.level.rawValue, overrides.serviceName ?? service)
        } else {
            output.append(contentsOf: head[event.pointee.level.severity])
        }
        output.append(json: event.pointee.message)
        if let overrides, let span = origin.span {
            append(span, overrides, to: &output)
        } else if let span = origin.span {
            output.append(contentsOf: traceIDStart)
            output.append(hex: span.traceID.high, span.traceID.low)
            output.append(contentsOf: spanIDStart)
            output.append(hex: span.spanID.value)
            output.append(contentsOf: span.isSampled ? sampled : unsampled)
        }
        if let requestID = origin.requestID {
            output.append(contentsOf: requestIDStart)
            output.append(json: requestID)
        }
        output.append(contentsOf: tail)
        names.forEachField(loggerFields, event.pointee.metadata) { prefix, name, value in
            output.appendMember(prefix, name)
            output.append(logValue: value)
        }
        if let failure = origin.failure { append(failure, to: &output) }
        if writesSource {
            output.appendMember("", LogFieldNames.source)
            output.append(json: "\(event.pointee.file):\(event.pointee.line)")
        }
        output.append(UInt8(ascii: "}"))
    }

    private func append(_ span: SpanContext, _ overrides: LogLine.Overrides, to output: inout ByteWriter) {
        output.appendMember("", LogField.traceID)
        output.append(json: overrides.text(span.traceID))
        if overrides.hasSpanID {
            output.appendMember("", LogField.spanID)
            output.append(json: overrides.text(span.spanID))
        }
        output.appendMember("", LogField.traceSampled)
        output.append(literal: span.isSampled ? "true" : "false")
    }

    private func append(_ failure: LogLine.Failure, to output: inout ByteWriter) {
        output.appendMember("", LogField.error)
        output.append(UInt8(ascii: "{"))
        output.append(json: ErrorPart.type)
        output.append(UInt8(ascii: ":"))
        output.append(json: failure.type)
        output.appendMember("", ErrorPart.message)
        output.append(json: failure.message)
        if let stack = failure.stack {
            output.appendMember("", ErrorPart.stack)
            output.append(json: stack)
        }
        output.append(UInt8(ascii: "}"))
    }
}

extension ByteWriter {
    /// The end of the timestamp, the level and the service, up to the message.
    fileprivate mutating func appendHead(_ level: String, _ service: String) {
        append(UInt8(ascii: "\""))
        appendMember("", LogField.level)
        append(json: level)
        appendMember("", LogField.service)
        append(json: service)
        appendMember("", LogField.message)
    }

    fileprivate mutating func appendMember(_ prefix: StaticString, _ name: String) {
        append(UInt8(ascii: ","))
        if prefix.utf8CodeUnitCount == 0 {
            append(json: name)
        } else {
            // Prefixes are only used with the standard field names, which need no escaping.
            append(UInt8(ascii: "\""))
            append(literal: prefix)
            append(name)
            append(UInt8(ascii: "\""))
        }
        append(UInt8(ascii: ":"))
    }

    /// A field's value as JSON.
    mutating func append(logValue value: Logger.MetadataValue) {
        switch value {
        case .string(let text): append(json: text)
        case .integer(let number): append(logInteger: number)
        case .double(let number): append(logNumber: number)
        case .bool(let flag): append(literal: flag ? "true" : "false")
        case .dictionary(let fields):
            append(UInt8(ascii: "{"))
            var separator: StaticString = ""
            for field in fields.unique {
                append(literal: separator)
                append(json: field.key)
                append(UInt8(ascii: ":"))
                append(logValue: field.value)
                separator = ","
            }
            append(UInt8(ascii: "}"))
        case .array(let values):
            append(UInt8(ascii: "["))
            var separator: StaticString = ""
            for value in values {
                append(literal: separator)
                append(logValue: value)
                separator = ","
            }
            append(UInt8(ascii: "]"))
        }
    }
}
