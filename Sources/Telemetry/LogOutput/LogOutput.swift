import Encoding
import EventLoop
import Glibc
import Logging
import Metrics
import Synchronization
import Tracing

/// Writes bytes to a descriptor, with the result and `errno` of `write(2)`.
package typealias FileWrite = @Sendable (Int32, UnsafeRawBufferPointer) -> Int

/// The destination of all lines of a service: a file, standard output, or both. Thread-safe. Never blocks the service.
///
/// Each line is encoded once, into a buffer under a lock. Lines written on the event loop are buffered until the loop
/// is idle. Lines from other threads, and critical lines, are written at once.
package final class LogOutput: Sendable {
    struct State: ~Copyable {
        var encoder: LogLineEncoder
        var line = ByteWriter(capacity: 4096)
        var stream: LogSink<StandardStream>?
        var file: LogSink<RotatingFile>?

        init(encoder: consuming LogLineEncoder) { self.encoder = encoder }

        /// Whether nothing is buffered. Mutating, because the compiler cannot yet borrow the value of an optional.
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

        /// Adds one line; returns `true` if enough is buffered for a write.
        mutating func append(
            _ event: LentEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
            _ overrides: LogLine.Overrides? = nil, at nanoseconds: UInt64
        ) -> Bool {
            encode(event, loggerFields, origin, overrides, at: nanoseconds)
            return appendEncoded()
        }

        /// - Returns: the size of the line in bytes, including its newline.
        @discardableResult
        mutating func encode(
            _ event: LentEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
            _ overrides: LogLine.Overrides?, at nanoseconds: UInt64
        ) -> Int {
            line.removeAll()
            encoder.encode(event, loggerFields, origin, overrides, at: nanoseconds, to: &line)
            return line.count
        }

        /// Adds a piece; returns `true` if enough is buffered for a write.
        mutating func append(_ piece: LogPiece, at nanoseconds: UInt64) -> Bool {
            switch piece {
            case .line(let line):
                return line.event.lend {
                    append($0, line.loggerFields, line.origin, line.overrides, at: nanoseconds)
                }
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

    /// The default limit in bytes of what is kept for a destination that accepts nothing.
    package static let defaultLimit = 1 << 20

    private let state: Mutex<State>
    private let clock: WallClock
    /// The loop that writes the lines its handlers logged.
    private let eventLoop: EventLoop?
    private let isClosed = Atomic(false)
    /// Whether lines are buffered. Lets an idle loop skip the lock.
    private let isWaiting = Atomic(false)
    /// The number of lines written and dropped, by destination (`stdout`, `file`).
    let counters: [(sink: String, counters: LogSinkCounters)]
    private let closing = Mutex<[@Sendable () -> Void]>([])
    /// The path of the file, if there is one.
    package let filePath: String?

    /// Opens the destinations in `configuration`. A destination that cannot be opened is reported, and retried when
    /// lines are written.
    /// - Parameters:
    ///   - eventLoop: the loop whose handlers' lines are written together; `nil` to write each line at once.
    ///   - metrics: publishes how many lines were written and dropped, by destination.
    ///   - descriptor: standard output. `SIGPIPE` is ignored from now on, so that writing to a pipe without a reader
    ///     is an error instead of ending the process.
    ///   - limit: the number of bytes kept for a destination that accepts nothing.
    ///   - fileWrite: writes to the file.
    ///   - report: called with one sentence when a destination fails and when it works again. Must not log.
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
            let stream = StandardStream(descriptor: descriptor, description: "stdout")
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

    /// Returns a handler that writes here, in the configured format.
    package func handler(level: Logger.Level) -> LogOutputHandler { LogOutputHandler(output: self, logLevel: level) }

    /// Writes one line, in the current context.
    package func write(_ event: LogEvent, loggerFields: Logger.Metadata) {
        event.lend { write($0, loggerFields) }
    }

    private func write(_ event: LentEvent, _ loggerFields: Logger.Metadata) {
        let origin = LogLine.Origin(context: ServiceContext.current, error: event.pointee.error)
        let isDeferred = event.pointee.level < .critical && isOnRunningLoop
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

    /// Writes several pieces together, with no other line between them.
    package func write(_ pieces: [LogPiece]) {
        state.withLock { state in
            let now = clock.now()
            for piece in pieces where state.append(piece, at: now) { state.flush(at: now) }
            state.flush(at: now)
            isWaiting.store(!state.isEmpty, ordering: .relaxed)
        }
    }

    /// Returns the size of a line in bytes, including its newline.
    package func size(of line: LogLine) -> Int {
        line.event.lend { event in
            state.withLock { $0.encode(event, line.loggerFields, line.origin, line.overrides, at: clock.now()) }
        }
    }

    private var isOnRunningLoop: Bool {
        guard let eventLoop, eventLoop.inEventLoop else { return false }
        return !isClosed.load(ordering: .relaxed)
    }

    /// Writes as much as possible without waiting.
    package func flush() {
        guard isWaiting.load(ordering: .relaxed) else { return }
        state.withLock { state in
            state.flush(at: clock.now())
            isWaiting.store(!state.isEmpty, ordering: .relaxed)
        }
    }

    /// Runs `body` when the output is closed, before its last lines are written; immediately if it is already closed.
    package func onClose(_ body: @escaping @Sendable () -> Void) {
        let isOpen = closing.withLock { closing in
            guard !isClosed.load(ordering: .relaxed) else { return false }
            closing.append(body)
            return true
        }
        if !isOpen { body() }
    }

    /// Writes the remaining lines when the process ends, waiting at most `patience` for a slow reader. Lines that still
    /// cannot be written are dropped and counted. Later lines are accepted and written at once.
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
                // A closed reader is always ready but never takes anything.
                if state.stream?.counters.linesWritten == before { break }
            }
            state.stream?.dropPending()
            state.file?.dropPending()
            isWaiting.store(false, ordering: .relaxed)
        }
    }

    /// Writes to a file with the system call.
    package static let systemWrite: FileWrite = { Glibc.write($0, $1.baseAddress, $1.count) }

    /// Writes to standard error, unless writing would block.
    package static let reportOnStandardError: @Sendable (String) -> Void = { message in
        var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, 0) > 0 else { return }
        let line = Array("tailspan: \(message)\n".utf8.prefix(4096))
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
