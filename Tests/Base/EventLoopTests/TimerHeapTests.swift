import Testing

@testable import EventLoop

@Suite("The timer heap")
struct TimerHeapTests {
    private final class Record { var values: [Int64] = [] }

    @Test func theHeapReturnsTimersInTheOrderOfTheirDeadlines() {
        var heap = TimerHeap()
        let record = Record()
        var timers: [EventLoop.Timer] = []
        for index: Int64 in 0..<1000 {
            let deadline = (index * 7919) % 1000
            let timer = EventLoop.Timer(deadline: deadline, work: { record.values.append(deadline) }, onAbandon: nil)
            timers.append(timer)
            heap.insert(timer)
        }
        for timer in timers where timer.deadline % 3 != 0 { timer.cancel() }
        // A timer that is made now has a higher number and is not given.
        let last = heap.lastSequence
        heap.insert(EventLoop.Timer(deadline: 0, work: { record.values.append(-1) }, onAbandon: nil))
        while let work = heap.popDue(at: 500, until: last) { work() }
        #expect(record.values == [0], "the timer made later has the earliest deadline and holds the others back")
        while let work = heap.popDue(at: 500, until: heap.lastSequence) { work() }
        #expect(record.values == [0, -1] + (1...500).filter { $0 % 3 == 0 })
        while let work = heap.popDue(at: 5000, until: heap.lastSequence) { work() }
        #expect(record.values.count == 335)
        #expect(record.values.dropFirst(2).elementsEqual((1..<1000).filter { $0 % 3 == 0 }))
        #expect(heap.isEmpty)
    }

    @Test func theHeapDropsCancelledTimersBeforeTheyAreDue() {
        var heap = TimerHeap()
        for index: Int64 in 0..<100_000 {
            let timer = EventLoop.Timer(deadline: 1_000_000 + index, work: {}, onAbandon: nil)
            heap.insert(timer)
            timer.cancel()
        }
        #expect(heap.count < 200)
        #expect(heap.nextDelay() == nil)
    }

    @Test func theHeapNotifiesAbandonedTimers() {
        var heap = TimerHeap()
        let record = Record()
        let told = EventLoop.Timer(
            deadline: 1, work: { record.values.append(-1) }, onAbandon: { record.values.append(1) })
        let untold = EventLoop.Timer(deadline: 2, work: { record.values.append(-2) }, onAbandon: nil)
        let cancelled = EventLoop.Timer(deadline: 3, work: {}, onAbandon: { record.values.append(3) })
        cancelled.cancel()
        for timer in [told, untold, cancelled] { heap.insert(timer) }
        for abandon in heap.abandonAll() { abandon() }
        #expect(record.values == [1])
        #expect(heap.popDue(at: .max, until: .max) == nil)
    }
}
