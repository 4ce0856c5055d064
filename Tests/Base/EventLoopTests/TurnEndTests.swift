import Synchronization
import Testing

@testable import EventLoop

@Suite("The end of a turn of the loop")
struct TurnEndTests {
    private struct Failure: Error, Equatable {
        var number = 1
    }

    /// What happened, in order.
    private final class Diary: Sendable {
        private let storage = Mutex<[String]>([])
        func note(_ text: String) { storage.withLock { $0.append(text) } }
        var all: [String] { storage.withLock { $0 } }
    }

    private final class Output: TurnOutput {
        let name: String
        let diary: Diary
        let next: () -> Void
        init(_ name: String, _ diary: Diary, next: @escaping () -> Void = {}) {
            self.name = name
            self.diary = diary
            self.next = next
        }
        func sendOutput() {
            diary.note("\(name) sent")
            next()
        }
        func discardOutput(_ error: any Error) {
            diary.note("\(name) dropped, \((error as? Failure)?.number ?? 0)")
            next()
        }
    }

    /// Runs `body` in the last turn of a loop.
    private func turn(_ body: @escaping @Sendable (EventLoop, Diary) -> Void) throws -> [String] {
        let diary = Diary()
        let loop = try EventLoop(name: "turn")
        loop.submit { body(loop, diary) }
        try loop.start()
        loop.stop()
        return diary.all
    }

    @Test("Everything is committed before anything is sent")
    func commitsComeFirst() throws {
        let events = try turn { loop, diary in
            loop.sendAtEndOfTurn(Output("a", diary))
            loop.commitAtEndOfTurn {
                diary.note("commit")
                return nil
            }
            loop.sendAtEndOfTurn(Output("b", diary))
            loop.submit { diary.note("next turn") }
        }
        #expect(events == ["commit", "a sent", "b sent", "next turn"])
    }

    @Test("A commit that fails drops every output with its error, and the other commits still run")
    func aFailedCommitDropsEveryOutput() throws {
        let events = try turn { loop, diary in
            loop.sendAtEndOfTurn(Output("a", diary))
            for number in 1...3 {
                loop.commitAtEndOfTurn {
                    diary.note("commit \(number)")
                    return number > 1 ? Failure(number: number) : nil
                }
            }
            loop.sendAtEndOfTurn(Output("b", diary))
        }
        #expect(events == ["commit 1", "commit 2", "commit 3", "a dropped, 2", "b dropped, 2"])
    }

    @Test("What an output queues is committed and sent in the same turn, whatever became of the output itself")
    func anOutputCanQueueAnother() throws {
        for error in [nil, Failure()] {
            let events = try turn { loop, diary in
                loop.commitAtEndOfTurn { error }
                loop.sendAtEndOfTurn(
                    Output("a", diary) {
                        loop.commitAtEndOfTurn {
                            diary.note("commit")
                            return nil
                        }
                        loop.sendAtEndOfTurn(Output("b", diary))
                    })
                loop.submit { diary.note("next turn") }
            }
            #expect(events == [error == nil ? "a sent" : "a dropped, 1", "commit", "b sent", "next turn"])
        }
    }
}
