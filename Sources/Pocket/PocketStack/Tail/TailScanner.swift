import Glibc
import PocketStore

/// Follows the log files of a folder: finds them, reads new lines, detects when one has ended. Not thread-safe.
final class TailScanner {
    /// The result of one round.
    struct Round: Sendable {
        var batch = LogBatch()
        var counts = LineSplitter.Counts()
        /// The files' positions once the batch is stored.
        var positions: [FileRecord] = []
        /// Files that have ended.
        var finished: [FileKey] = []
        var lags: [(path: String, bytes: Int64)] = []
        /// Files with new lines that could not be opened because too many are open: they get their turn.
        var waiting = 0
        /// Why the folder could not be scanned; `nil` if it could.
        var problem: String?
        /// Whether more can be read at once.
        var hasMore = false

        var isEmpty: Bool { batch.isEmpty && positions.isEmpty && finished.isEmpty }
    }

    /// A row of `log_positions`.
    struct FileRecord: Sendable {
        var key: FileKey
        var path: String
        var position: TailPosition
    }

    private let directory: String
    /// How long a rotated file may still grow, and how long its last line may stay unterminated.
    private let patience: UInt64
    private let roundSize: Int
    /// How many files may be open at once.
    private let maximumOpen: Int
    private var splitter: LineSplitter
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    /// All open files, in reading order: oldest first for each name.
    private var files: [TailedFile] = []
    /// The first file that had to wait: the next round begins there, so that each gets its turn.
    private var nextInTurn: String?
    private var waiting = 0
    /// Files that were closed to make room, with their sizes. They are reopened once the size has changed.
    private var closed: [FileKey: Int64] = [:]
    /// Files known from earlier processes, by identity.
    private var remembered: [FileKey: FileRecord]
    /// Known files that no longer exist.
    private var lost: [FileKey] = []
    /// The maximum number of rotated files searched for the one that was being read.
    private static let maximumRotation = 100

    init(
        directory: String, remembered: [FileRecord], patience: UInt64, maximumLength: Int, chunkSize: Int,
        roundSize: Int, maximumOpen: Int
    ) {
        self.directory = directory
        self.remembered = Dictionary(remembered.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        self.patience = patience
        self.roundSize = roundSize
        self.maximumOpen = max(maximumOpen, 1)
        splitter = LineSplitter(maximumLength: maximumLength)
        buffer = .allocate(capacity: max(chunkSize, maximumLength + 1))
    }

    deinit { buffer.deallocate() }

    /// Reads at most a round of new lines. Nothing counts as read before ``commit()``.
    func collect(now: UInt64) -> Round {
        var round = Round()
        do {
            try discover()
        } catch {
            // Open files are read anyway; files that could not be seen are not treated as deleted.
            round.problem = error.description
        }
        // Every name gets its turn; for each name, the older file comes first.
        var unfinished: Set<String> = []
        for file in files where !unfinished.contains(file.path) {
            file.refresh()
            read(file, now, upTo: splitter.batch.size + buffer.count)
            if file.idleSince == nil, !file.isFinished { unfinished.insert(file.path) }
            if splitter.batch.size >= roundSize { break }
        }
        (round.batch, round.counts) = splitter.takeBatch()
        round.finished = lost
        for file in files {
            if file.isFinished {
                round.finished.append(file.key)
            } else if file.position != file.committed || remembered[file.key]?.path != file.path {
                round.positions.append(FileRecord(key: file.key, path: file.path, position: file.position))
            }
            if !file.isRotated { round.lags.append((file.path, file.lag)) }
        }
        round.waiting = waiting
        // Waiting files can be opened once the open ones have been read.
        round.hasMore =
            files.contains { !$0.isFinished && $0.idleSince == nil && $0.lag > 0 }
            || waiting > 0 && !round.batch.isEmpty
        return round
    }

    /// Called when the collected lines are stored.
    func commit() {
        for file in files {
            file.committed = file.position
            remembered[file.key] = FileRecord(key: file.key, path: file.path, position: file.position)
            if file.isFinished { remembered[file.key] = nil }
        }
        files.removeAll(where: \.isFinished)
        for key in lost { remembered[key] = nil }
        lost = []
    }

    /// Called when the collected lines could not be stored: they will be read again.
    func rollBack() {
        for file in files {
            file.position = file.committed
            file.isFinished = false
            file.idleSince = nil
        }
    }

    // MARK: Reading

    private func read(_ file: TailedFile, _ now: UInt64, upTo size: Int) {
        if file.lag == 0, !file.isRotated {
            file.idleSince = now
            return
        }
        while splitter.batch.size < size {
            let count = file.read(into: buffer)
            let bytes = UnsafeBufferPointer(rebasing: buffer[..<count])
            let taken = splitter.take(bytes, of: file.service, &file.position, isLast: false, now: now)
            if taken > 0 {
                file.idleSince = nil
                file.rememberHead()
                continue
            }
            // Only an unterminated line is left, or nothing.
            guard file.isRotated else {
                file.idleSince = now
                return
            }
            guard let since = file.idleSince else {
                file.idleSince = now
                return
            }
            guard now >= since + patience else { return }
            _ = splitter.take(bytes, of: file.service, &file.position, isLast: true, now: now)
            file.isFinished = true
            return
        }
    }

    // MARK: Finding files

    private func discover() throws(LogFolder.Problem) {
        let found = try LogFolder(directory).files(
            preferring: Set(files.map(\.path)).union(remembered.values.map(\.path)))
        var open: [String: FileKey] = [:]
        for file in files where !file.isRotated { open[file.path] = file.key }
        let names = Set(found.map(\.path))
        for file in files where !file.isRotated && !names.contains(file.path) { markRotated(file) }
        if !closed.isEmpty {
            let keys = Set(found.map(\.key))
            closed = closed.filter { keys.contains($0.key) }
        }
        waiting = 0
        let start = nextInTurn.flatMap { next in found.firstIndex { $0.path >= next } } ?? 0
        nextInTurn = nil
        for file in found[start...] + found[..<start] where open[file.path] != file.key {
            if closed[file.key] == file.size, remembered[file.key]?.path == file.path { continue }
            if files.count >= maximumOpen, !closeIdleFile() {
                waiting += 1
                nextInTurn = nextInTurn ?? file.path
                continue
            }
            closed[file.key] = nil
            follow(file.path, file.service, file.key)
        }
    }

    /// Closes a file whose complete lines have all been read and stored; it is reopened once its size has changed.
    /// Returns whether there was one.
    private func closeIdleFile() -> Bool {
        let place = files.firstIndex {
            !$0.isRotated && $0.idleSince != nil && $0.position == $0.committed && remembered[$0.key] != nil
        }
        guard let place else { return false }
        let file = files.remove(at: place)
        closed[file.key] = file.size
        return true
    }

    private func markRotated(_ file: TailedFile) {
        file.isRotated = true
        file.idleSince = nil
    }

    /// A name refers to a new file: whatever was written under that name before is read first.
    private func follow(_ path: String, _ service: String, _ key: FileKey) {
        // Opened before looking for its predecessors, because it may be renamed at any moment. If that has already
        // happened, the next round sees the new file with the name.
        let opened = TailedFile(
            path, path: path, service: service, expecting: key, at: remembered[key]?.position)
        guard let file = opened else { return }
        if let open = files.last(where: { $0.path == path }) {
            if !open.isRotated { markRotated(open) }
            if open.key != key { openRotated(path, service, since: open.key, before: key, isOpen: true) }
        } else if let previous = remembered.values.first(where: { $0.path == path && $0.key != key })?.key {
            openRotated(path, service, since: previous, before: key, isOpen: false)
        }
        for record in remembered.values where record.path == path && record.key != key {
            if !files.contains(where: { $0.key == record.key }), !lost.contains(record.key) { lost.append(record.key) }
        }
        files.append(file)
    }

    /// Opens `path.n … path.1`, from the file that was being read (unless it is open) to the newest file not seen yet.
    ///
    /// During rotation the files are renamed one after the other, the highest number first. There may be a gap for a
    /// moment, and the search may meet a file twice, but it misses none, because it goes in the direction of the
    /// renaming.
    private func openRotated(
        _ path: String, _ service: String, since previous: FileKey, before current: FileKey, isOpen: Bool
    ) {
        var missed: [TailedFile] = []
        var seen: Set<FileKey> = []
        var gap = 0
        for number in 1...Self.maximumRotation where gap < 3 && !seen.contains(previous) {
            let name = "\(path).\(number)"
            var status = stat()
            guard stat(name, &status) == 0 else {
                gap += 1
                continue
            }
            gap = 0
            let key = FileKey(status)
            if key == current {
                // Files before this one are newer, and are found when the newest is followed.
                missed = []
            } else if files.contains(where: { $0.key == key }) {
                seen.insert(key)
            } else if !seen.contains(key),
                let file = TailedFile(
                    name, path: path, service: service, expecting: key, at: remembered[key]?.position)
            {
                seen.insert(key)
                missed.append(file)
            }
        }
        // If the file that was being read is gone, it is unknown which of the others are new; unless it is open, and so
        // known to have been the last one.
        guard isOpen || seen.contains(previous) else { return }
        for file in missed.reversed() {
            file.isRotated = true
            files.append(file)
        }
    }
}
