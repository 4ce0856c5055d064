/// Records waiting to be exported, in batches, and those being exported: the bookkeeping of a batch processor, without
/// its concurrency. What it holds is bounded by `capacity`, the batch being exported included.
struct BatchQueue<Record: Sendable>: Sendable {
    private let capacity: Int
    private let batchSize: Int
    /// Batches of exactly `batchSize`: records are moved into them once and never shifted.
    private var full: [[Record]] = []
    private var current: [Record] = []
    private var inFlight = 0
    /// How many records were ever accepted, handed out and done with; each record has an ordinal by its acceptance.
    private(set) var accepted: UInt64 = 0
    private var taken: UInt64 = 0
    private(set) var finished: UInt64 = 0
    /// Everything up to this ordinal is handed out without waiting for a full batch.
    private var goal: UInt64 = 0

    init(capacity: Int, batchSize: Int) {
        self.capacity = capacity
        self.batchSize = batchSize
    }

    /// What became of a record.
    enum Admission { case accepted, acceptedAndBatchIsFull, refused }

    /// How many records are held.
    var count: Int { full.count * batchSize + current.count + inFlight }

    /// Whether ``take()`` has a batch to give.
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

    /// From now on hands out everything that was accepted so far; gives the ordinal of the last such record.
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

    /// A batch of `count` was delivered or given up.
    mutating func finish(_ count: Int) { finished &+= UInt64(count) }

    /// The exporter holds the batch of `count` no longer.
    mutating func release(_ count: Int) { inFlight -= count }

    /// Forgets everything that waits; gives how many records that were.
    mutating func removeAll() -> Int {
        let count = full.count * batchSize + current.count
        full = []
        current = []
        taken = accepted
        finished = accepted
        return count
    }
}
