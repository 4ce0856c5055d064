import Encoding
import Logging
import TraceContext
import Vocabulary

/// Encodes a line as one JSON object. The standard fields come first, in the order of ``LogField``, followed by the
/// logger's fields, the event's fields, `error` and `source`.
struct JSONLineEncoder {
    /// The bytes between level and message, and between request id and fields.
    private let head: [UInt8]
    private let tail: [UInt8]
    private let names = LogFieldNames()
    private let writesSource: Bool

    init(identity: LogIdentity, writesSource: Bool) {
        self.writesSource = writesSource
        var part = ByteWriter()
        part.append(literal: ",\"service\":")
        part.append(json: identity.service)
        part.append(literal: ",\"message\":")
        head = part.bytes
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
        _ event: LogEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin, _ overrides: LogLine.Overrides?,
        to output: inout ByteWriter
    ) {
        if let overrides {
            append(event.level, overrides, to: &output)
        } else {
            output.append(literal: JSONLineEncoder.member(event.level))
            output.append(contentsOf: head)
        }
        output.append(json: event.message)
        if let overrides, let span = origin.span {
            append(span, overrides, to: &output)
        } else if let span = origin.span {
            output.append(literal: ",\"trace_id\":\"")
            output.append(hex: span.traceID.high, span.traceID.low)
            output.append(literal: "\",\"span_id\":\"")
            output.append(hex: span.spanID.value)
            output.append(literal: span.isSampled ? "\",\"trace_sampled\":true" : "\",\"trace_sampled\":false")
        }
        if let requestID = origin.requestID {
            output.append(literal: ",\"request_id\":")
            output.append(json: requestID)
        }
        output.append(contentsOf: tail)
        names.forEachField(loggerFields, event.metadata) { prefix, name, value in
            output.appendMember(prefix, name)
            output.append(logValue: value)
        }
        if let failure = origin.failure { append(failure, to: &output) }
        if writesSource {
            output.append(literal: ",\"source\":")
            output.append(json: "\(event.file):\(event.line)")
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Writes the end of the timestamp, the level and the service.
    private func append(_ level: Logger.Level, _ overrides: LogLine.Overrides, to output: inout ByteWriter) {
        output.append(literal: "\",\"level\":")
        output.append(json: overrides.level ?? level.rawValue)
        guard let service = overrides.serviceName else { return output.append(contentsOf: head) }
        output.append(literal: ",\"service\":")
        output.append(json: service)
        output.append(literal: ",\"message\":")
    }

    private func append(_ span: SpanContext, _ overrides: LogLine.Overrides, to output: inout ByteWriter) {
        output.append(literal: ",\"trace_id\":")
        output.append(json: overrides.text(span.traceID))
        if overrides.hasSpanID {
            output.append(literal: ",\"span_id\":")
            output.append(json: overrides.text(span.spanID))
        }
        output.append(literal: span.isSampled ? ",\"trace_sampled\":true" : ",\"trace_sampled\":false")
    }

    /// The end of the timestamp, and the level.
    private static func member(_ level: Logger.Level) -> StaticString {
        switch level {
        case .trace: "\",\"level\":\"trace\""
        case .debug: "\",\"level\":\"debug\""
        case .info: "\",\"level\":\"info\""
        case .notice: "\",\"level\":\"notice\""
        case .warning: "\",\"level\":\"warning\""
        case .error: "\",\"level\":\"error\""
        case .critical: "\",\"level\":\"critical\""
        }
    }

    private func append(_ failure: LogLine.Failure, to output: inout ByteWriter) {
        output.append(literal: ",\"error\":{\"type\":")
        output.append(json: failure.type)
        output.append(literal: ",\"message\":")
        output.append(json: failure.message)
        if let stack = failure.stack {
            output.append(literal: ",\"stack\":")
            output.append(json: stack)
        }
        output.append(UInt8(ascii: "}"))
    }
}

extension ByteWriter {
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
