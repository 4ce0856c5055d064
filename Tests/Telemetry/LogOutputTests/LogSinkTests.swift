import Synchronization
import Testing

@testable import LogOutput

/// A destination whose behaviour a test sets.
private final class Script: Sendable {
    struct State {
        var room = Int.max
        var errno: Int32?
        var taken = ""
        var writes = 0
    }
    let state = Mutex(State())

    func set(room: Int = .max, errno: Int32? = nil) {
        state.withLock {
            $0.room = room
            $0.errno = errno
        }
    }
    var taken: String { state.withLock { $0.taken } }
    var writes: Int { state.withLock { $0.writes } }
}

private struct ScriptedTarget: LogTarget, ~Copyable {
    let script: Script
    var description: String { "the script" }

    func prepare(at nanoseconds: UInt64) -> LogFailure? { nil }
    func waitForRoom(milliseconds: Int32) -> Bool { false }

    func write(_ lines: UnsafeBufferPointer<UInt8>, at nanoseconds: UInt64) -> LogWriteResult {
        script.state.withLock { state in
            state.writes += 1
            var result = LogWriteResult()
            result.consumed = min(state.room, lines.count)
            state.room -= result.consumed
            state.taken += String(decoding: lines[..<result.consumed], as: UTF8.self)
            if result.consumed < lines.count, let errno = state.errno {
                result.failure = LogFailure(operation: "write", path: "the script", errno: errno)
            }
            return result
        }
    }
}

@Suite("The log sink")
struct LogSinkTests {
    private let script = Script()
    private let reports = Reports()
    private let second: UInt64 = 1_000_000_000

    private func sink(limit: Int = 100) -> LogSink<ScriptedTarget> {
        LogSink(ScriptedTarget(script: script), limit: limit, report: reports.report)
    }

    private func append(_ line: String, to sink: inout LogSink<ScriptedTarget>) -> Bool {
        Array(line.utf8).withUnsafeBufferPointer { sink.append($0) }
    }

    @Test func linesWaitForAFlush() {
        var sink = sink()
        #expect(!append("one\n", to: &sink) && !append("two\n", to: &sink))
        #expect(script.taken == "" && !sink.isEmpty)
        sink.flush(at: 0)
        sink.flush(at: 0)
        #expect(script.taken == "one\ntwo\n" && sink.isEmpty && script.writes == 1)
        #expect(sink.counters.linesWritten == 2 && sink.counters.linesDropped == 0)
    }

    @Test func aLargeBufferAsksForAWrite() {
        var sink = sink(limit: 1 << 20)
        let line = String(repeating: "x", count: 1023) + "\n"
        var asked = 0
        for _ in 0..<200 where append(line, to: &sink) { asked += 1 }
        #expect(asked == 200 - 63)
        script.set(room: 0)
        sink.flush(at: 0)
        // Whoever takes nothing is not asked again for every line.
        #expect(!append(line, to: &sink))
    }

    @Test func linesThatDoNotFitAreKeptThenDropped() {
        var sink = sink(limit: 12)
        script.set(room: 6)
        for line in ["one\n", "two\n", "six\n", "ten\n"] { _ = append(line, to: &sink) }
        #expect(sink.counters.linesDropped == 1)
        sink.flush(at: 0)
        #expect(script.taken == "one\ntw" && sink.counters.linesWritten == 1)
        // The six bytes that were written make room for one more line.
        _ = append("new\n", to: &sink)
        _ = append("old\n", to: &sink)
        #expect(sink.counters.linesDropped == 2)
        script.set()
        sink.flush(at: 0)
        #expect(script.taken == "one\ntwo\nsix\nnew\n")
        #expect(sink.counters.linesWritten == 4 && sink.isEmpty)
        #expect(
            reports.all == [
                "the script takes no more log lines; they are dropped",
                "the script takes log lines again; 2 were dropped",
            ])
    }

    @Test func aFailureAndItsEndAreReportedOnceEach() {
        var sink = sink(limit: 8)
        script.set(room: 2, errno: 28)
        _ = append("one\n", to: &sink)
        for attempt in 0..<5 { sink.flush(at: UInt64(attempt) * 2 * second) }
        _ = append("two\n", to: &sink)
        _ = append("six\n", to: &sink)
        #expect(script.writes == 5 && sink.counters.linesWritten == 0 && sink.counters.linesDropped == 1)
        #expect(
            reports.all == [
                "cannot write the script: No space left on device; log lines are kept up to 0 KiB, then dropped"
            ])
        script.set()
        sink.flush(at: 20 * second)
        #expect(script.taken == "one\ntwo\n")
        #expect(reports.all.count == 2 && reports.all.last == "the script takes log lines again; 1 were dropped")
        // And the next failure is a new one.
        script.set(room: 0, errno: 5)
        _ = append("x\n", to: &sink)
        sink.flush(at: 21 * second)
        #expect(reports.all.count == 3)
    }

    @Test func aFailedWriteIsRetriedAfterASecondUnlessUrgent() {
        var sink = sink()
        script.set(room: 0, errno: 5)
        _ = append("one\n", to: &sink)
        sink.flush(at: 10 * second)
        sink.flush(at: 10 * second + second / 2)
        #expect(script.writes == 1)
        sink.flush(at: 10 * second + second / 2, isUrgent: true)
        #expect(script.writes == 2)
        // A clock that was set back an hour does not mean an hour of silence.
        sink.flush(at: second)
        #expect(script.writes == 3)
    }

    @Test func discardedLinesAreCounted() {
        var sink = sink()
        script.set(room: 2)
        _ = append("one\n", to: &sink)
        _ = append("two\n", to: &sink)
        sink.flush(at: 0)
        sink.dropPending()
        #expect(sink.isEmpty && sink.counters.linesWritten == 0 && sink.counters.linesDropped == 2)
    }
}
