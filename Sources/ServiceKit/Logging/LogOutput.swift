import Encoding
import EventLoop
import Glibc
import Logging
import Metrics
import Synchronization
import Tracing

/// Writes bytes to a descriptor, with the result and the `errno` of `write(2)`.
package typealias FileWrite = @Sendable (Int32, UnsafeRawBufferPointer) -> Int

/// Where all lines of a service go: a file, standard output, or both. Thread-safe, and never stops the service.
///
/// A line is encoded once, into a buffer under a lock. Lines written on the event loop wait there until the loop has
/// nothing else to do; lines from any other thread, and critical ones, are written at once.
package final class LogOutput: Sendable {
    struct State: ~Copyable {
        var encoder: LogLineEncoder
        var line = ByteWriter(capacity: 4096)
        var stream: LogSink<LogStream>?
        var file: LogSink<RotatingFile>?

        init(encoder: consuming LogLineEncoder) { self.encoder = encoder }

        /// Whether nothing waits. (Mutating, since the compiler cannot yet borrow what an optional holds.)
        var isEmpty: Bool {
            mutating get {
                let isStreamEmpty = stream?.isEmpty ?? true
                let isFileEmpty = file?.isEmpty ?? true
                return isStreamEmpty && isFileEmpty
            }
        }

        mutating func flush(at nanoseconds: UInt64, isUrgent: Bool = false) {
            stream?.flush(at: nanoseconds, isUrgent: isUrgent)
            file?.flush(at: nanoseconds, isUrgent: isUrgent)
        }

        /// Adds one line; `true` if there is enough for a write.
        mutating func append(
            _ event: LogEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
            _ overrides: LogLine.Overrides? = nil, at nanoseconds: UInt64
        ) -> Bool {
            encode(event, loggerFields, origin, overrides, at: nanoseconds)
            return appendEncoded()
        }

        /// - Returns: the size of the line in bytes, with its end.
        @discardableResult
        mutating func encode(
            _ event: LogEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
            _ overrides: LogLine.Overrides?, at nanoseconds: UInt64
        ) -> Int {
            line.removeAll()
            encoder.encode(event, loggerFields, origin, overrides, at: nanoseconds, to: &line)
            return line.count
        }

        /// Adds a piece; `true` if there is enough for a write.
        mutating func append(_ piece: LogPiece, at nanoseconds: UInt64) -> Bool {
            switch piece {
            case .line(let line):
                return append(line.event, line.loggerFields, line.origin, line.overrides, at: nanoseconds)
            case .raw(let bytes):
                line.removeAll()
                line.append(contentsOf: bytes)
                return appendEncoded()
            case .rotation:
                flush(at: nanoseconds)
                file?.change { $0.isRotationDue = true }
                return false
            }
        }

        private mutating func appendEncoded() -> Bool {
            var isFull = false
            line.withUnsafeBytes { bytes in
                if stream?.append(bytes) == true { isFull = true }
                if file?.append(bytes) == true { isFull = true }
            }
            return isFull
        }
    }

    /// How many bytes are kept for a destination that takes nothing.
    package static let defaultLimit = 1 << 20

    private let state: Mutex<State>
    private let clock: WallClock
    /// The loop that writes what its handlers logged.
    private let eventLoop: EventLoop?
    private let isClosed = Atomic(false)
    /// Whether lines wait, so that an idle loop need not take the lock.
    private let isWaiting = Atomic(false)
    /// What became of the lines, by destination (`stdout`, `file`).
    let counters: [(sink: String, counters: LogSinkCounters)]
    private let closing = Mutex<[@Sendable () -> Void]>([])
    /// The path of the file, if there is one.
    package let filePath: String?

    /// Opens what `configuration` names. What cannot be opened is reported, and tried again while lines are written.
    /// - Parameters:
    ///   - eventLoop: whose handlers' lines are written together; `nil` to write each line at once.
    ///   - metrics: shows how many lines were written and how many were dropped, by destination.
    ///   - descriptor: standard output. Writing to a pipe whose reader has gone must be an error and not the end of the
    ///     process, so `SIGPIPE` is ignored from now on.
    ///   - limit: how many bytes are kept for a destination that takes nothing.
    ///   - fileWrite: writes to the file.
    ///   - report: is told in one sentence when a destination fails and when it works again. Must not log.
    package init(
        configuration: LogConfiguration, identity: LogIdentity, clock: WallClock = .system,
        eventLoop: EventLoop? = nil, metrics: any MetricsFactory = NOOPMetricsHandler(),
        descriptor: Int32 = STDOUT_FILENO, limit: Int = LogOutput.defaultLimit,
        fileWrite: @escaping FileWrite = LogOutput.systemWrite,
        report: @escaping @Sendable (String) -> Void = LogOutput.reportOnStandardError
    ) {
        self.clock = clock
        self.eventLoop = eventLoop
        var counters: [(sink: String, counters: LogSinkCounters)] = []
        var state = State(
            encoder: LogLineEncoder(format: configuration.format, identity: identity, source: configuration.source))
        if configuration.stdout {
            signal(SIGPIPE, SIG_IGN)
            let stream = LogStream(descriptor: descriptor, description: "stdout")
            let sink = LogSink(stream, limit: limit, report: report)
            counters.append(("stdout", sink.counters))
            state.stream = consume sink
        }
        let name = LogFileName.safe(identity.service)
        filePath = configuration.directory.map { "\($0)/\(name)/\(name).log" }
        if let filePath {
            let file = RotatingFile(path: filePath, rotation: configuration.rotation, fileWrite: fileWrite)
            var sink = LogSink(file, limit: limit, report: report)
            sink.prepare(at: clock.now())
            counters.append(("file", sink.counters))
            state.file = consume sink
        }
        self.counters = counters
        self.state = Mutex(state)
        observe(in: metrics)
        eventLoop?.beforeWaiting { [weak self] in self?.flush() }
    }

    /// A handler that writes here, in the configured format.
    package func handler(level: Logger.Level) -> StreamLogHandler { StreamLogHandler(output: self, logLevel: level) }

    /// Writes one line, in the current context.
    package func write(_ event: LogEvent, loggerFields: Logger.Metadata) {
        let origin = LogLine.Origin(context: ServiceContext.current, error: event.error)
        let isDeferred = event.level < .critical && isOnRunningLoop
        state.withLock { state in
            let now = clock.now()
            let isFull = state.append(event, loggerFields, origin, at: now)
            var isLeft = true
            if isFull || !isDeferred {
                state.flush(at: now)
                isLeft = !state.isEmpty
            }
            isWaiting.store(isLeft, ordering: .relaxed)
        }
    }

    /// Writes several pieces at once, with no line of others between them.
    package func write(_ pieces: [LogPiece]) {
        state.withLock { state in
            let now = clock.now()
            for piece in pieces where state.append(piece, at: now) { state.flush(at: now) }
            state.flush(at: now)
            isWaiting.store(!state.isEmpty, ordering: .relaxed)
        }
    }

    /// How many bytes a line takes, with its end.
    package func size(of line: LogLine) -> Int {
        state.withLock { $0.encode(line.event, line.loggerFields, line.origin, line.overrides, at: clock.now()) }
    }

    private var isOnRunningLoop: Bool {
        guard let eventLoop, eventLoop.inEventLoop else { return false }
        return !isClosed.load(ordering: .relaxed)
    }

    /// Writes what goes without waiting.
    package func flush() {
        guard isWaiting.load(ordering: .relaxed) else { return }
        state.withLock { state in
            state.flush(at: clock.now())
            isWaiting.store(!state.isEmpty, ordering: .relaxed)
        }
    }

    /// Has `body` run when the output is closed, before its last lines are written; now if it is closed already.
    package func onClose(_ body: @escaping @Sendable () -> Void) {
        let isOpen = closing.withLock { closing in
            guard !isClosed.load(ordering: .relaxed) else { return false }
            closing.append(body)
            return true
        }
        if !isOpen { body() }
    }

    /// Writes what is left at the end of the process, waiting at most `patience` for a reader that is slow; what cannot
    /// be written then is dropped and counted. Later lines are still taken, and written at once.
    package func close(patience: Duration = .seconds(1)) {
        isClosed.store(true, ordering: .relaxed)
        let bodies = closing.withLock { closing in
            defer { closing = [] }
            return closing
        }
        for body in bodies { body() }
        let deadline = ContinuousClock.now + patience
        state.withLock { state in
            state.flush(at: clock.now(), isUrgent: true)
            while !state.isEmpty {
                let left = (deadline - ContinuousClock.now) / .milliseconds(1)
                guard left > 0, state.stream?.waitForRoom(milliseconds: Int32(left.rounded(.up))) == true else { break }
                let before = state.stream?.counters.linesWritten
                state.flush(at: clock.now(), isUrgent: true)
                // A reader that has gone is always ready and never takes anything.
                if state.stream?.counters.linesWritten == before { break }
            }
            state.stream?.dropPending()
            state.file?.dropPending()
            isWaiting.store(false, ordering: .relaxed)
        }
    }

    /// Writes to a file as the system does.
    package static let systemWrite: FileWrite = { Glibc.write($0, $1.baseAddress, $1.count) }

    /// Writes to standard error, unless nobody reads that either.
    package static let reportOnStandardError: @Sendable (String) -> Void = { message in
        var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, 0) > 0 else { return }
        let line = Array("tailspan: \(message)\n".utf8.prefix(4096))
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
