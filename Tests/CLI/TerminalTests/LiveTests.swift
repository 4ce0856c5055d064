import Synchronization
import Testing

@testable import Terminal

/// A clock that stands still until told.
final class StillClock: Sendable {
    private let moment = Mutex(ContinuousClock.now)
    func advance(by duration: Duration) { moment.withLock { $0 += duration } }
    var now: @Sendable () -> ContinuousClock.Instant { { self.moment.withLock { $0 } } }
}

@Suite("The live region of a terminal")
struct LiveTests {
    @Test("Lines scroll above the region")
    func linesScrollAboveTheRegion() {
        let sink = MemorySink(columns: 20)
        let region = LiveRegion(Terminal(sink: sink, isInteractive: true))
        region.show(["one", "two"])
        #expect(sink.take() == "one\ntwo\n")
        region.print("a line")
        #expect(sink.take() == "\u{1B}[2A\r\u{1B}[Ja line\none\ntwo\n")
        region.clear()
        #expect(sink.take() == "\u{1B}[2A\r\u{1B}[J")
        region.print("after")
        #expect(sink.take() == "after\n")
    }

    @Test("A region never wraps")
    func aRegionNeverWraps() {
        let sink = MemorySink(columns: 10)
        LiveRegion(Terminal(sink: sink, isInteractive: true)).show([StyledText(String(repeating: "x", count: 30))])
        #expect(sink.text == "xxxxxxxx…\n")
    }

    @Test("Redrawing is throttled, and the newest state wins")
    func redrawingIsThrottledToTheNewestState() {
        let clock = StillClock()
        let sink = MemorySink(columns: 20)
        let region = LiveRegion(Terminal(sink: sink, isInteractive: true), interval: .seconds(1), now: clock.now)
        region.show(["1"])
        region.show(["2"])
        region.show(["3"])
        #expect(sink.take() == "1\n")
        clock.advance(by: .seconds(1))
        region.show(["4"])
        #expect(sink.take() == "\u{1B}[1A\r\u{1B}[J4\n")
        region.show(["5"], immediately: true)
        #expect(sink.take() == "\u{1B}[1A\r\u{1B}[J5\n")
    }

    @Test("A pipe gets only the lines and no region")
    func aPipeGetsOnlyTheLines() {
        let sink = MemorySink()
        let region = LiveRegion(Terminal(sink: sink))
        region.show(["one"])
        region.print("a line")
        region.clear()
        #expect(sink.text == "a line\n")
    }

    @Test("Progress is a bar on a terminal")
    func progressIsABarOnATerminal() {
        let sink = MemorySink(columns: 60)
        let progress = Progress("sending", on: Terminal(sink: sink, isInteractive: true))
        progress.update(50, of: 100, note: "2 errors")
        #expect(sink.take() == "sending ██████████░░░░░░░░░░ 50/100  2 errors\n")
        progress.finish()
        #expect(sink.take() == "\u{1B}[1A\r\u{1B}[J")
    }

    @Test("Progress is an occasional line in a pipe, and nothing for short work")
    func progressIsAnOccasionalLineInAPipe() {
        let clock = StillClock()
        let sink = MemorySink()
        let progress = Progress("sending", on: Terminal(sink: sink), now: clock.now)
        progress.update(1, of: 10)
        clock.advance(by: .seconds(4))
        progress.update(4, of: 10)
        #expect(sink.take() == "")
        clock.advance(by: .seconds(1))
        progress.update(5, of: 10, note: "fine")
        progress.update(6, of: 10)
        #expect(sink.take() == "sending: 5 of 10  fine\n")
        progress.finish()
        #expect(sink.take() == "")
    }
}
