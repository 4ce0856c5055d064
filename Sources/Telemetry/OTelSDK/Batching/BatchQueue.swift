/// The bookkeeping of a batch processor without its concurrency: records that wait to be exported in batches, and those
/// being exported. All of them count towards `capacity`.
struct BatchQueue<Record: Sendable>: Sendable {
    private let capacity: Int
    private let batchSize: Int
    /// Batches of exactly `batchSize`. Records are moved into them once and never shifted.
    private var full: [[Record]] = []
    private var current: [Record] = []
    private var inFlight = 0
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

    /// The outcome of adding a record.
    enum Admission { case accepted, acceptedAndBatchIsFull, refused }

    /// The number of records held.
    var count: Int { full.count * batchSize + current.count + inFlight }

    /// Whether ``take()`` has a batch to return.
    var isReady: Bool { !full.isEmpty || taken < goal }

    mutating func append(_ record: Record) -> Admission {
        guard count < capacity else { return .refused }
        if current.isEmpty { current.reserveCapacity(min(batchSize, 512)) }
        current.append(record)
        accepted &+= 1
        guard current.count == batchSize else { return .accepted }
        full.append(current)
        current = []
        return .acceptedAndBatchIsFull
    }

    /// Makes all records accepted so far available at once; returns the ordinal of the last one.
    mutating func expedite() -> UInt64 {
        goal = accepted
        return goal
    }

    /// The next batch, if one is full or was expedited.
    mutating func take() -> [Record]? {
        guard isReady else { return nil }
        let batch: [Record]
        if full.isEmpty {
            batch = current
            current = []
        } else {
            batch = full.removeFirst()
        }
        taken &+= UInt64(batch.count)
        inFlight += batch.count
        return batch
    }

    /// Records that a batch of `count` was delivered or given up.
    mutating func finish(_ count: Int) { finished &+= UInt64(count) }

    /// Records that the exporter has released a batch of `count`.
    mutating func release(_ count: Int) { inFlight -= count }

    /// Discards all waiting records and returns their number.
    mutating func removeAll() -> Int {
        let count = full.count * batchSize + current.count
        full = []
        current = []
        taken = accepted
        finished = accepted
        return count
    }
}
