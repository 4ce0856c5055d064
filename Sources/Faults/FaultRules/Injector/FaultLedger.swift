import Encoding
import FileSystem
import Glibc
import Synchronization

/// Every injection, in the order they happened: the ground truth. Keeps the newest in memory, and writes all of them to
/// a file if one is configured. Safe to use from any thread.
package final class FaultLedger: Sendable {
    /// One injection.
    package struct Entry: Sendable, Equatable {
        /// Counted from 1, without gaps.
        package var number: Int
        /// Nanoseconds since the Unix epoch.
        package var time: UInt64
        /// 32 hex digits; `nil` for a request without a trace, or a service-wide fault.
        package var traceID: String?
        package var requestID: String?
        package var replayOf: String?
        package var service: String
        package var operation: String?
        package var rule: String
        package var kind: String
        package var value: String

        package init(
            number: Int = 0, time: UInt64, traceID: String? = nil, requestID: String? = nil, replayOf: String? = nil,
            service: String, operation: String? = nil, rule: String, kind: String, value: String
        ) {
            self.number = number
            self.time = time
            self.traceID = traceID
            self.requestID = requestID
            self.replayOf = replayOf
            self.service = service
            self.operation = operation
            self.rule = rule
            self.kind = kind
            self.value = value
        }

        /// Reads what ``write(to:)`` writes; `nil` for anything else.
        package init?(_ json: JSONValue) {
            guard let number = json["number"]?.integer,
                let time = json["time"]?.string.flatMap({ RFC3339.parse($0.utf8) }),
                let service = json["service"]?.string, let rule = json["rule"]?.string,
                let kind = json["kind"]?.string
            else { return nil }
            self.init(
                number: Int(number), time: time, traceID: json["trace_id"]?.string,
                requestID: json["request_id"]?.string, replayOf: json["replay_of"]?.string, service: service,
                operation: json["operation"]?.string, rule: rule, kind: kind, value: json["value"]?.string ?? "")
        }

        /// Writes one line of NDJSON, without the line end.
        package func write(to json: inout JSONWriter) {
            json.object {
                $0.member("number", number)
                $0.member("time", RFC3339.string(nanosecondsSinceEpoch: time))
                if let traceID { $0.member("trace_id", traceID) }
                if let requestID { $0.member("request_id", requestID) }
                if let replayOf { $0.member("replay_of", replayOf) }
                $0.member("service", service)
                if let operation { $0.member("operation", operation) }
                $0.member("rule", rule)
                $0.member("kind", kind)
                if !value.isEmpty { $0.member("value", value) }
            }
        }
    }

    /// The maximum number of entries kept in memory.
    package static let capacity = 20_000

    private struct State {
        var entries: [Entry] = []
        var count = 0
        var descriptor: Int32 = -1
        var isBroken = false
    }

    private let state = Mutex(State())
    private let path: String?
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - path: the file; its folder is created when the first entry is written. `nil` keeps entries in memory only.
    ///   - report: called once, with one sentence, if the file cannot be written; entries are then kept in memory only.
    package init(path: String?, report: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.report = report
    }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Adds an entry and assigns its number.
    package func append(_ entry: Entry) {
        let trouble = state.withLock { state -> String? in
            var entry = entry
            state.count += 1
            entry.number = state.count
            // Drops half at a time, so a full ledger does not move all entries for each new one.
            if state.entries.count >= Self.capacity { state.entries.removeFirst(Self.capacity / 2) }
            state.entries.append(entry)
            return write(entry, &state)
        }
        if let trouble { report(trouble) }
    }

    /// The entries in memory with a number above `number`.
    package func entries(after number: Int = 0) -> [Entry] {
        state.withLock { state in state.entries.filter { $0.number > number } }
    }

    /// The total number of entries ever added.
    package var count: Int { state.withLock { $0.count } }

    /// Returns the trouble to report, if any.
    private func write(_ entry: Entry, _ state: inout State) -> String? {
        guard let path, !state.isBroken else { return nil }
        var json = JSONWriter(capacity: 256)
        entry.write(to: &json)
        do throws(FileTrouble) {
            state.descriptor = try Self.opened(path, state.descriptor)
            try Self.write(json.bytes + [UInt8(ascii: "\n")], to: state.descriptor)
            return nil
        } catch {
            state.isBroken = true
            let reason = String(cString: strerror(error.code))
            return "the fault ledger \(path) cannot be written: \(reason); its entries are kept in memory alone"
        }
    }

    private struct FileTrouble: Error { var code: Int32 }

    /// Returns the open file, reopened if it has been removed in the meantime.
    private static func opened(_ path: String, _ descriptor: Int32) throws(FileTrouble) -> Int32 {
        if descriptor >= 0 {
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_nlink > 0 { return descriptor }
            close(descriptor)
        }
        // A failure here shows up when the file is opened.
        try? Folder.makeParents(of: path)
        let opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw FileTrouble(code: errno) }
        // A line cut off by a full disk or a crash must not corrupt the next one.
        var last = UInt8(ascii: "\n")
        let size = lseek(opened, 0, SEEK_END)
        if size > 0, pread(opened, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") {
            do throws(FileTrouble) { try write([UInt8(ascii: "\n")], to: opened) } catch {
                close(opened)
                throw error
            }
        }
        return opened
    }

    /// Writes with one call, so that lines of several processes stay whole.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileTrouble) {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count == bytes.count { return }
            if count >= 0 { throw FileTrouble(code: ENOSPC) }
            if errno != EINTR { throw FileTrouble(code: errno) }
        }
    }
}
