import Glibc
import Logging
import Synchronization
import Testing

@testable import LogOutput

@Suite("Log output to a pipe or a socket")
struct LogStreamTests {
    /// A pipe whose read end does not block.
    private struct Pipe: ~Copyable {
        var read: Int32 = -1
        var write: Int32 = -1

        init() {
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            (read, write) = (ends[0], ends[1])
            _ = fcntl(read, F_SETFL, O_NONBLOCK)
        }

        deinit {
            close(read)
            close(write)
        }
    }

    private func output(_ descriptor: Int32, limit: Int = 1 << 20, _ reports: Reports) -> LogOutput {
        LogOutput(
            configuration: LogConfiguration(), identity: LogIdentity(service: "s"), clock: ManualClock().clock,
            descriptor: descriptor, limit: limit, report: reports.report)
    }

    private func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func aPipeWithAReaderGetsEveryLine() {
        let pipe = Pipe()
        let reports = Reports()
        let output = output(pipe.write, reports)
        output.write(.init(level: .info, message: "one"), loggerFields: [:])
        output.write(.init(level: .info, message: "two"), loggerFields: [:])
        let read = lines(readAvailable(pipe.read))
        #expect(read.count == 3 && read[0].contains("one") && read[1].contains("two") && read[2] == "")
        #expect(output.counters[0].sink == "stdout" && output.counters[0].counters.linesWritten == 2)
    }

    @Test func aPipeWithoutAReaderNeverBlocksAndItsLossesAreCounted() {
        let pipe = Pipe()
        let reports = Reports()
        let output = output(pipe.write, limit: 100_000, reports)
        // Far more than the pipe (64 KiB) and the buffer hold.
        for number in 0..<5000 { output.write(.init(level: .info, message: "line \(number)"), loggerFields: [:]) }
        let counters = output.counters[0].counters
        #expect(counters.linesDropped > 1000 && counters.linesWritten > 100)
        #expect(reports.all == ["stdout takes no more log lines; they are dropped"])
        // Once it is read again, all that was kept arrives, whole.
        var read: [UInt8] = []
        for _ in 0..<20 {
            read += readAvailable(pipe.read)
            output.flush()
        }
        let texts = lines(read).dropLast()
        #expect(texts.count == counters.linesWritten && counters.linesWritten + counters.linesDropped == 5000)
        #expect(texts.allSatisfy { $0.hasPrefix(#"{"timestamp""#) && $0.hasSuffix("}") })
        #expect(texts.last?.contains("line \(texts.count - 1)\"") == true)
        #expect(reports.all.last == "stdout takes log lines again; \(counters.linesDropped) were dropped")
    }

    @Test func aBlockingDescriptorNeverBlocksTheLog() {
        // A pair of sockets cannot be opened a second time: room is asked for before each write.
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        defer { for end in ends { close(end) } }
        let reports = Reports()
        let output = output(ends[0], limit: 100_000, reports)
        for number in 0..<20_000 { output.write(.init(level: .info, message: "line \(number)"), loggerFields: [:]) }
        #expect(output.counters[0].counters.linesDropped > 1000)
        #expect(fcntl(ends[0], F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func aSharedPipeStaysBlocking() {
        let pipe = Pipe()
        let output = output(pipe.write, Reports())
        output.write(.init(level: .info, message: "one"), loggerFields: [:])
        #expect(fcntl(pipe.write, F_GETFL) & O_NONBLOCK == 0)
        #expect(output.counters[0].counters.linesWritten == 1)
    }

    @Test func aClosedReaderIsReportedOnceAndHarmless() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        let reports = Reports()
        let output = output(ends[1], reports)
        output.write(.init(level: .info, message: "one"), loggerFields: [:])
        close(ends[0])
        for _ in 0..<10 { output.write(.init(level: .info, message: "two"), loggerFields: [:]) }
        #expect(reports.all.count == 1 && reports.all[0].hasPrefix("cannot write stdout: Broken pipe"))
        output.close()
        #expect(output.counters[0].counters.linesDropped == 10)
        close(ends[1])
    }

    @Test func aVeryLongLineArrivesWhole() {
        let pipe = Pipe()
        let output = output(pipe.write, Reports())
        let message = String(repeating: "0123456789", count: 3000)
        output.write(.init(level: .info, message: message), loggerFields: [:])
        output.write(.init(level: .info, message: "next"), loggerFields: [:])
        let read = lines(readAvailable(pipe.read))
        #expect(read.count == 3 && read[0].contains(message) && read[1].contains("next"))
    }

    @Test func closingWaitsForASlowReader() throws {
        let pipe = Pipe()
        let output = output(pipe.write, Reports())
        for number in 0..<2000 { output.write(.init(level: .info, message: "line \(number)"), loggerFields: [:]) }
        let end = pipe.read
        let lines = Atomic(0)
        let reader = try TestThread {
            let deadline = ContinuousClock.now + .seconds(30)
            var buffer = [UInt8](repeating: 0, count: 4096)
            while lines.load(ordering: .relaxed) < 2000, ContinuousClock.now < deadline {
                var request = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
                poll(&request, 1, 100)
                let count = read(end, &buffer, buffer.count)
                if count > 0 { lines.add(buffer[..<count].count { $0 == 10 }, ordering: .relaxed) }
            }
        }
        output.close(patience: .seconds(30))
        reader.join()
        #expect(lines.load(ordering: .relaxed) == 2000)
        #expect(output.counters[0].counters.linesDropped == 0)
    }

    @Test func closingGivesUpOnAStoppedReader() {
        let pipe = Pipe()
        let output = output(pipe.write, Reports())
        for number in 0..<2000 { output.write(.init(level: .info, message: "line \(number)"), loggerFields: [:]) }
        output.close(patience: .milliseconds(20))
        let counters = output.counters[0].counters
        #expect(counters.linesDropped > 0 && counters.linesWritten + counters.linesDropped == 2000)
    }
}
