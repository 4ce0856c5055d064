import Testing

@testable import OTelSDK

@Suite("The batch queue")
struct BatchQueueTests {
    @Test func batchesAreTakenInOrder() {
        var queue = BatchQueue<[Int]>(capacity: 100, batchSize: 3)
        for number in 1...7 { _ = queue.append(number) }
        #expect(queue.take() == [1, 2, 3])
        #expect(queue.take() == [4, 5, 6])
        #expect(queue.take() == nil)
        #expect(queue.expedite() == 7)
        #expect(queue.take() == [7])
        #expect(queue.take() == nil)
    }

    @Test func aFullBatchIsAnnounced() {
        var queue = BatchQueue<[Int]>(capacity: 100, batchSize: 2)
        #expect(queue.append(1) == .accepted)
        #expect(!queue.isReady)
        #expect(queue.append(2) == .acceptedAndBatchIsFull)
        #expect(queue.isReady)
    }

    @Test func itemsInFlightTakeRoomUntilReleased() {
        var queue = BatchQueue<[Int]>(capacity: 4, batchSize: 2)
        for number in 1...4 { _ = queue.append(number) }
        #expect(queue.append(5) == .refused)
        #expect(queue.take() == [1, 2])
        #expect(queue.count == 4)
        #expect(queue.append(5) == .refused)
        queue.finish(2)
        #expect(queue.append(5) == .refused)
        queue.release(2)
        #expect(queue.count == 2)
        #expect(queue.append(5) == .accepted)
        #expect(queue.finished == 2)
        #expect(queue.accepted == 5)
    }

    @Test func theBatchSizeNeedNotDivideTheCapacity() {
        var queue = BatchQueue<[Int]>(capacity: 5, batchSize: 3)
        #expect(
            (1...7).map { queue.append($0) } == [
                .accepted, .accepted, .acceptedAndBatchIsFull, .accepted, .accepted, .refused, .refused,
            ])
        _ = queue.expedite()
        #expect(queue.take() == [1, 2, 3])
        #expect(queue.take() == [4, 5])
    }

    @Test func onlyQueuedItemsAreExpedited() {
        var queue = BatchQueue<[Int]>(capacity: 10, batchSize: 4)
        _ = queue.append(1)
        _ = queue.expedite()
        #expect(queue.take() == [1])
        _ = queue.append(2)
        #expect(!queue.isReady)
        #expect(queue.take() == nil)
    }

    @Test func theRemainingItemsCanBeDiscarded() {
        var queue = BatchQueue<[Int]>(capacity: 10, batchSize: 2)
        for number in 1...5 { _ = queue.append(number) }
        _ = queue.take()
        #expect(queue.removeAll() == 3)
        #expect(queue.count == 2)
        #expect(!queue.isReady)
        #expect(queue.finished == 5)
    }
}

@Suite("The size of what a batch queue holds")
struct BatchQueueSizeTests {
    /// Records of a mebibyte each.
    private struct Large: RecordBatch, Equatable {
        var count = 0
        var byteCount: Int { count << 20 }

        init(capacity: Int) {}
    }

    private typealias Queue = BatchQueue<Large>

    @Test func aBatchIsFullAtItsLargestSize() {
        var queue = Queue(capacity: 100, batchSize: 50)
        #expect(queue.append { $0.count += 1 } == .accepted)
        #expect(queue.append { $0.count += 1 } == .acceptedAndBatchIsFull)
        #expect(queue.append { $0.count += 1 } == .accepted)
        #expect(queue.take()?.count == 2)
        #expect(queue.take() == nil)
    }

    @Test func recordsBeyondTheLargestSizeAreRefused() {
        var queue = Queue(capacity: 100, batchSize: 50)
        for _ in 0..<16 { #expect(queue.append { $0.count += 1 } != .refused) }
        #expect(queue.append { $0.count += 1 } == .refused)
        #expect(queue.count == 16)
        _ = queue.take()
        #expect(queue.append { $0.count += 1 } == .refused)
        queue.release(2, bytes: 2 << 20)
        #expect(queue.append { $0.count += 1 } == .accepted)
        #expect(queue.removeAll() == 15)
        #expect(queue.append { $0.count += 1 } == .accepted)
    }
}
