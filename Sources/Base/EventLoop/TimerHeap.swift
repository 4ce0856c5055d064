import CLinux
import Glibc

/// The monotonic clock, in nanoseconds.
enum MonotonicClock {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// A binary heap of timers with the next one due at the top. A cancelled timer stays until it reaches the top, or until
/// cancelled timers are the majority.
struct TimerHeap {
    private var entries: [Entry] = []
    private var sequence: UInt64 = 0
    private var compactAt = 64

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    private struct Entry {
        let deadline: Int64
        let sequence: UInt64
        let timer: EventLoop.Timer

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? sequence < other.sequence : deadline < other.deadline
        }
    }

    mutating func insert(_ timer: EventLoop.Timer) {
        if entries.count >= compactAt { compact() }
        sequence += 1
        entries.append(Entry(deadline: timer.deadline, sequence: sequence, timer: timer))
        siftUp(entries.count - 1)
    }

    /// The number of the most recently created timer.
    var lastSequence: UInt64 { sequence }

    /// Removes and returns the work of the next timer that is due at `now` and not newer than number `last`.
    mutating func popDue(at now: Int64, until last: UInt64) -> (() -> Void)? {
        while let first = entries.first {
            guard let work = first.timer.work else {
                removeFirst()
                continue
            }
            guard first.deadline <= now, first.sequence <= last else { return nil }
            removeFirst()
            first.timer.cancel()
            return work
        }
        return nil
    }

    /// Nanoseconds until the next timer is due; 0 if one is due, `nil` if there are no timers.
    mutating func nextDelay() -> Int64? {
        while let first = entries.first {
            if first.timer.work == nil { removeFirst() } else { return max(first.deadline - MonotonicClock.now, 0) }
        }
        return nil
    }

    /// Removes all timers and returns their `onAbandon` callbacks.
    mutating func abandonAll() -> [() -> Void] {
        let all = entries
        entries = []
        return all.compactMap { entry in
            defer { entry.timer.cancel() }
            return entry.timer.onAbandon
        }
    }

    private mutating func compact() {
        let live = entries.filter { $0.timer.work != nil }.sorted { $0.isBefore($1) }
        entries = live
        compactAt = max(live.count * 2, 64)
    }

    private mutating func removeFirst() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index].isBefore(entries[parent]) else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            guard least != index else { return }
            entries.swapAt(index, least)
            index = least
        }
    }
}
