/// The outcome of adding a record to a batch queue.
enum BatchAdmission { case accepted, acceptedAndBatchIsFull, refused }

/// The bookkeeping of a batch processor without its concurrency: records that wait to be exported in batches, and those
/// being exported. All of them count towards `capacity` and ``maximumBytes``.
struct BatchQueue<Batch: RecordBatch & Sendable>: Sendable {
    /// The size from which a batch is full, whatever its number of records: no request becomes larger than backends
    /// accept.
    static var batchBytes: Int { 2 << 20 }
    /// The size of all records held from which further ones are refused.
    static var maximumBytes: Int { 16 << 20 }

    private let capacity: Int
    private let batchSize: Int
    /// Batches of `batchSize` records, or fewer if they are large. Records are moved into them once and never shifted.
    private var full: [Batch] = []
    private var current: Batch?
    /// A batch that was exported, for its memory.
    private var spare: Batch?
    /// The number of records held, and their size.
    private(set) var count = 0
    private var bytes = 0
    /// The number of records accepted, handed out and finished since the start. A record's ordinal is its number of
    /// acceptance.
    private(set) var accepted: UInt64 = 0
    private var taken: UInt64 = 0
    private(set) var finished: UInt64 = 0
    /// Records up to this ordinal are handed out without waiting for a full batch.
    private var goal: UInt64 = 0

    init(capacity: Int, batchSize: Int) {
        self.capacity = capacity
        self.batchSize = batchSize
    }

    /// Whether ``take()`` has a batch to return.
    var isReady: Bool { !full.isEmpty || taken < goal }

    /// Adds the record that `write` appends.
    @inline(__always)
    mutating func append(_ write: (inout Batch) -> Void) -> BatchAdmission {
        guard count < capacity, bytes < Self.maximumBytes else { return .refused }
        // Taken out while it changes, so that an array is not copied.
        var batch = current.take() ?? spare.take() ?? Batch(capacity: batchSize)
        let before = batch.byteCount
        write(&batch)
        bytes &+= batch.byteCount &- before
        count &+= 1
        accepted &+= 1
        guard batch.count >= batchSize || batch.byteCount >= Self.batchBytes else {
            current = batch
            return .accepted
        }
        full.append(batch)
        return .acceptedAndBatchIsFull
    }

    /// Makes all records accepted so far available at once; returns the ordinal of the last one.
    mutating func expedite() -> UInt64 {
        goal = accepted
        return goal
    }

    /// The next batch, if one is full or was expedited.
    mutating func take() -> Batch? {
        guard isReady, let batch = full.isEmpty ? current.take() : full.removeFirst() else { return nil }
        taken &+= UInt64(batch.count)
        return batch
    }

    /// Records that a batch of `count` was delivered or given up.
    mutating func finish(_ count: Int) { finished &+= UInt64(count) }

    /// Records that the exporter has released a batch of `count` records that took `bytes`.
    mutating func release(_ count: Int, bytes: Int = 0) {
        self.count -= count
        self.bytes -= bytes
    }

    /// Takes back the memory of a batch that nobody else holds.
    mutating func recycle(_ batch: Batch) { if spare == nil { spare = batch.recycled() } }

    /// Discards all waiting records and returns their number.
    mutating func removeAll() -> Int {
        let waiting = full + (current.map { [$0] } ?? [])
        let discarded = waiting.reduce(0) { $0 + $1.count }
        release(discarded, bytes: waiting.reduce(0) { $0 + $1.byteCount })
        full = []
        current = nil
        taken = accepted
        finished = accepted
        return discarded
    }
}

extension BatchQueue {
    /// Adds a record.
    mutating func append<Record>(_ record: Record) -> BatchAdmission where Batch == [Record] {
        append { $0.append(record) }
    }
}
