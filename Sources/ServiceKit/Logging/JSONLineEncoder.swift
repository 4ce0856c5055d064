import Contracts
import Encoding
import Logging
import OTel

/// A line as one JSON object. Its own parts come first, in the order of ``LogField``; then the logger's fields, the
/// event's, `error`, and `source`.
struct JSONLineEncoder {
    /// What stands between timestamp and message, for each level; and between request id and fields.
    private let head: [[UInt8]]
    private let tail: [UInt8]
    private let writesSource: Bool

    init(identity: LogIdentity, writesSource: Bool) {
        self.writesSource = writesSource
        head = Logger.Level.allCases.map { level in
            var part = ByteWriter()
            part.append("\",\"level\":\"")
            part.append(level.rawValue)
            part.append("\",\"service\":")
            part.append(json: identity.service)
            part.append(",\"message\":")
            return part.bytes
        }
        var part = ByteWriter()
        for (name, value) in [
            (LogField.version, identity.version), (LogField.environment, identity.environment),
            (LogField.region, identity.region),
        ] where !value.isEmpty {
            part.appendMember(name)
            part.append(json: value)
        }
        tail = part.bytes
    }

    func encode(_ event: LogEvent, _ loggerFields: Logger.Metadata, _ line: LogLine, to output: inout ByteWriter) {
        output.append(contentsOf: head[event.level.severity])
        output.append(json: event.message)
        if let span = line.span {
            output.append(",\"trace_id\":\"")
            output.append(hex: span.traceID.high, span.traceID.low)
            output.append("\",\"span_id\":\"")
            output.append(hex: span.spanID.value)
            output.append(span.isSampled ? "\",\"trace_sampled\":true" : "\",\"trace_sampled\":false")
        }
        if let requestID = line.requestID {
            output.append(",\"request_id\":")
            output.append(json: requestID)
        }
        output.append(contentsOf: tail)
        if LogFieldNames.areDistinct(loggerFields, event.metadata) {
            append(loggerFields, to: &output)
            append(event.metadata, to: &output)
        } else {
            append(LogFieldNames.merged(loggerFields, event.metadata), to: &output)
        }
        if let failure = line.failure { append(failure, to: &output) }
        if writesSource {
            output.append(",\"source\":")
            output.append(json: "\(event.file):\(event.line)")
        }
        output.append(UInt8(ascii: "}"))
    }

    private func append(_ fields: Logger.Metadata, to output: inout ByteWriter) {
        for field in fields {
            if LogFieldNames.isReserved(field.key) {
                output.append(",\"")
                output.append(LogFieldNames.prefix)
                output.append(field.key)
                output.append("\":")
            } else {
                output.appendMember(field.key)
            }
            output.append(logValue: field.value)
        }
    }

    private func append(_ failure: LogLine.Failure, to output: inout ByteWriter) {
        output.append(",\"error\":{\"type\":")
        output.append(json: failure.type)
        output.append(",\"message\":")
        output.append(json: failure.message)
        if let stack = failure.stack {
            output.append(",\"stack\":")
            output.append(json: stack)
        }
        output.append(UInt8(ascii: "}"))
    }
}

extension ByteWriter {
    fileprivate mutating func appendMember(_ name: String) {
        append(UInt8(ascii: ","))
        append(json: name)
        append(UInt8(ascii: ":"))
    }

    /// A field's value as JSON.
    mutating func append(logValue value: Logger.MetadataValue) {
        switch value {
        case .string(let text): append(json: text)
        case .integer(let number): append(logInteger: number)
        case .double(let number): append(logNumber: number)
        case .bool(let flag): append(flag ? "true" : "false")
        case .dictionary(let fields):
            append(UInt8(ascii: "{"))
            var separator: StaticString = ""
            for field in LogFieldNames.merged([:], fields) {
                append(separator)
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
                append(separator)
                append(logValue: value)
                separator = ","
            }
            append(UInt8(ascii: "]"))
        }
    }
}
