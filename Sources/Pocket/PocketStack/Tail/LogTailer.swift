import Encoding
import EventLoop
import Glibc
import Logging
import Metrics
import PocketStore
import SQLite
import ServiceLifecycle
import Synchronization

/// Promtail's role: follows `LOG_DIR/*/*.log` and stores every line exactly once, across rotation, truncation and
/// restarts.
///
/// A file's position is committed together with its lines, so that a crash neither loses nor repeats any.
package final class LogTailer: Service {
    package struct Configuration: Sendable {
        /// The log folder, with one subfolder per service.
        package var directory: String
        package var pollInterval: Duration = .milliseconds(250)
        /// How long to watch a rotated file and wait for its last line.
        package var patience: Duration = .seconds(5)
        /// The length in bytes at which lines are cut.
        package var maximumLineLength = LokiLimits.maximumLineLength
        /// The maximum number of files open at once; further files are read in turn.
        package var maximumOpenFiles = Configuration.halfOfAllDescriptors
        package init(directory: String) { self.directory = directory }

        /// Leaves the other half for connections and the database.
        private static var halfOfAllDescriptors: Int {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
            return Int(clamping: min(limit.rlim_cur, 8192) / 2)
        }
    }

    private let database: PocketDatabase
    private let configuration: Configuration
    private let clock: WallClock
    private let eventLoop: EventLoop
    private let logger: Logger
    private let metrics: TailMetrics
    /// Reading and parsing files would block the loop.
    private let thread: ThreadPool
    private let scanner = Mutex<TailScanner?>(nil)
    private let storing = RecurringProblem("log lines could not be stored", recovery: "log lines are stored again")
    private let looking = RecurringProblem(
        "new log files cannot be found", recovery: "log files are found again")
    private let hasManyFiles = Mutex(false)

    package init(
        database: PocketDatabase, configuration: Configuration, clock: WallClock = .system, eventLoop: EventLoop,
        logger: Logger, metrics: any MetricsFactory
    ) throws {
        self.database = database
        self.configuration = configuration
        self.clock = clock
        self.eventLoop = eventLoop
        self.logger = logger
        self.metrics = TailMetrics(metrics)
        thread = try ThreadPool(name: "tail", threads: 1, queueCapacity: 4)
    }

    /// Follows the files until graceful shutdown, then reads what is left.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { await self.follow() }
        } catch is CancellationError {
            // Cancelled: no time for a last round.
        }
        if !Task.isCancelled { await pollOrReport() }
        await thread.shutdown()
    }

    private func follow() async {
        while !Task.isCancelled {
            await pollOrReport()
            do {
                try await eventLoop.sleep(for: configuration.pollInterval)
            } catch {
                return
            }
        }
    }

    /// Reads and stores everything new; failures are logged. The lines stay in their files for the next attempt.
    func pollOrReport() async {
        do {
            while try await poll() {}
        } catch is CancellationError {
            // The canceller handles it.
        } catch {
            storing.occurred(error, logger)
        }
    }

    /// Reads one round of new lines and stores them. Returns whether more can be read at once.
    /// - Throws: errors from storing; the lines are then read again.
    @discardableResult
    package func poll() async throws -> Bool {
        if scanner.withLock({ $0 == nil }) { try await loadPositions() }
        let now = clock.now()
        let round = try await thread.run { self.scanner.withLock { $0?.collect(now: now) ?? TailScanner.Round() } }
        for lag in round.lags { metrics.record(lag: lag.bytes, of: lag.path) }
        report(round)
        guard !round.isEmpty else { return false }
        do {
            try await database.write { try Self.store(round, in: $0) }
        } catch {
            scanner.withLock { $0?.rollBack() }
            throw error
        }
        scanner.withLock { $0?.commit() }
        storing.ended(logger)
        metrics.count(round.counts)
        return round.hasMore
    }

    private func report(_ round: TailScanner.Round) {
        if let problem = round.problem {
            looking.occurred(LogFolder.Problem(description: problem), logger)
        } else {
            looking.ended(logger)
        }
        metrics.record(waiting: round.waiting)
        guard round.waiting > 0 else { return }
        let isFirst = hasManyFiles.withLock { known in
            defer { known = true }
            return !known
        }
        guard isFirst else { return }
        logger.warning(
            "there are more log files than may be open at once: they are read in turn",
            metadata: [
                "open": "\(configuration.maximumOpenFiles)", "waiting": "\(round.waiting)",
                "remedy": "raise the limit of open files (ulimit -n) to read them sooner",
            ])
    }

    private func loadPositions() async throws {
        let records = try await database.write { database in
            try database.query(
                "SELECT device, inode, path, offset, in_cut_line, head_length, head_hash FROM log_positions"
            ) { row in
                TailScanner.FileRecord(
                    key: FileKey(device: row.int64(0), inode: row.int64(1)), path: row.text(2),
                    position: TailPosition(
                        offset: row.int64(3), isInCutLine: row.int64(4) != 0, headLength: Int(row.int64(5)),
                        headHash: row.int64(6)))
            }
        }
        scanner.withLock {
            $0 = TailScanner(
                directory: configuration.directory, remembered: records,
                patience: UInt64(configuration.patience.wholeNanoseconds),
                maximumLength: configuration.maximumLineLength, chunkSize: 512 << 10, roundSize: 2 << 20,
                maximumOpen: configuration.maximumOpenFiles)
        }
    }

    private static func store(_ round: TailScanner.Round, in database: Database) throws {
        try LogStore.insert(round.batch, into: database)
        for file in round.positions {
            try database.execute(
                "INSERT OR REPLACE INTO log_positions VALUES (?, ?, ?, ?, ?, ?, ?)", .integer(file.key.device),
                .integer(file.key.inode), .text(file.path), .integer(file.position.offset),
                .integer(file.position.isInCutLine ? 1 : 0), .integer(Int64(file.position.headLength)),
                .integer(file.position.headHash))
        }
        for key in round.finished {
            try database.execute(
                "DELETE FROM log_positions WHERE device = ? AND inode = ?", .integer(key.device), .integer(key.inode))
        }
    }
}

/// The tailer's own metrics.
private struct TailMetrics: Sendable {
    private let read: Counter
    private let truncated: Counter
    private let dropped: Counter
    private let waiting: Gauge
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        read = Counter(
            label: "tailspan.pocket.tail.lines.read", description: "Lines stored from log files.", unit: "{line}",
            factory: factory)
        truncated = Counter(
            label: "tailspan.pocket.tail.lines.truncated", description: "Lines cut because they were too long.",
            unit: "{line}", factory: factory)
        dropped = Counter(
            label: "tailspan.pocket.tail.lines.dropped", description: "Lines left out because they were blank.",
            unit: "{line}", factory: factory)
        waiting = Gauge(
            label: "tailspan.pocket.tail.files.waiting",
            description: "Log files with new lines that wait for others to be closed.", unit: "{file}", factory: factory
        )
    }

    func count(_ counts: LineSplitter.Counts) {
        read.increment(by: Int64(counts.read))
        truncated.increment(by: Int64(counts.truncated))
        dropped.increment(by: Int64(counts.dropped))
    }

    func record(waiting count: Int) {
        waiting.record(Double(count))
    }

    func record(lag bytes: Int64, of path: String) {
        Gauge(
            label: "tailspan.pocket.tail.lag", description: "Bytes of a log file that are not read yet.", unit: "By",
            dimensions: [("file", path)], factory: factory
        ).record(Double(bytes))
    }
}
