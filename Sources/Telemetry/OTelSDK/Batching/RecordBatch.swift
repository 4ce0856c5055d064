/// Records that a batch processor collects until they are exported together.
protocol RecordBatch {
    /// Creates an empty batch for about `capacity` records.
    init(capacity: Int)
    /// The number of records.
    var count: Int { get }
    /// The size of the records; 0 if it is not known.
    var byteCount: Int { get }
    /// The batch, emptied after its export, if its memory is worth keeping for the next one.
    func recycled() -> Self?
}

extension RecordBatch {
    var byteCount: Int { 0 }
    func recycled() -> Self? { nil }
}

extension Array: RecordBatch {
    init(capacity: Int) {
        self = []
        reserveCapacity(Swift.min(capacity, 512))
    }
}
