import Encoding
import FaultInjection
import Logging

extension LogOutput.State {
    /// Adds a line as `faults` have it, and what comes beside it; calls `flush` whenever there is enough for a write.
    mutating func append(
        _ event: LogEvent, _ loggerFields: Logger.Metadata, _ line: LogLine, _ faults: LineFaults,
        at now: UInt64, flush: (inout Self) -> Void
    ) {
        for copy in 0..<UInt64(faults.copies) {
            // Loki shows a line once that has the same time and text as another.
            if append(event, loggerFields, line, at: now + copy * 1_000_000) { flush(&self) }
        }
        if faults.isFollowedByGarbage, appendGarbage() { flush(&self) }
        if let size = faults.hugeSize, appendHuge(faults, line, size, at: now) { flush(&self) }
        for number in 0..<faults.flood {
            var fields: Logger.Metadata = ["component": "http.server", "number": .integer(Int64(number + 1))]
            fields.merge(faults.marks)
            let flood = LogEvent(level: .info, message: "one of many lines", metadata: fields)
            if append(flood, [:], line, at: now) { flush(&self) }
        }
        guard faults.rotates else { return }
        flush(&self)
        file?.change { $0.isRotationDue = true }
    }

    /// Neither JSON nor the text format, as a library writes that knows no logger.
    private mutating func appendGarbage() -> Bool {
        line.removeAll()
        line.append("*** glibc detected *** {\"state\": half a line, ")
        line.append(UInt8(ascii: "\n"))
        return appendEncoded()
    }

    private mutating func appendHuge(_ faults: LineFaults, _ line: LogLine, _ size: Int, at now: UInt64) -> Bool {
        func event(_ payload: Int) -> LogEvent {
            var fields: Logger.Metadata = ["component": "http.server"]
            fields.merge(faults.marks)
            fields["payload"] = .string(String(repeating: "x", count: payload))
            return LogEvent(level: .info, message: "a huge line", metadata: fields)
        }
        self.line.removeAll()
        encoder.encode(event(1), [:], line, at: now, to: &self.line)
        return append(event(max(1, size - self.line.count + 1)), [:], line, at: now)
    }
}
